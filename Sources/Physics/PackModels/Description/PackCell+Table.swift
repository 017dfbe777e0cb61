// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Cells that packs are built of, by name.

import BatteryDomain
import Quantities
import RunawayModels

extension PackCell {
  /// Names that ``named(_:)`` knows.
  public static let names = ["ncm-25ah", "ncm-18650", "lco-18650", "lfp-18650"]

  /// A cell by name; nil where there is none.
  public static func named(_ name: String) -> PackCell? {
    switch name {
    case "ncm-25ah": ncm25Ah
    case "ncm-18650": round("ncm-18650", .ncm111, .ncm, ampereHours: 2.6, openCircuit: ncm)
    case "lco-18650": round("lco-18650", .lco, .lco, ampereHours: 2.6, openCircuit: lco)
    case "lfp-18650": round("lfp-18650", .lfp, .lfp, ampereHours: 1.5, openCircuit: lfp)
    default: nil
    }
  }

  /// A prismatic cell of 25 Ah, 0.72 kg, 1 100 J/(kg·K): Feng et al. (2015),
  /// doi:10.1016/j.apenergy.2015.04.118. Can 148 × 27 × 91 mm; through-thickness conductivity
  /// 1.0 W/(m·K) of that size (Drake et al. 2014, doi:10.1016/j.jpowsour.2013.11.107, give
  /// 0.2–1.1 for cells without and with gaps); resistance 1.6 mΩ (typical, assumed).
  static let ncm25Ah = PackCell(
    name: "ncm-25ah", chemistry: .ncm111,
    geometry: .prismatic(
      width: Length(millimetres: 148), thickness: Length(millimetres: 27),
      height: Length(millimetres: 91)), mass: 0.72, specificHeat: 1_100, conductivity: 1.0,
    kinetics: ReactionNetwork.ncm25Ah.kernel(amount: 1), capacity: 25 * 3_600,
    resistance: 1.6e-3, openCircuit: ncm, collapseTemperature: 413.15, shortTime: 7,
    shortShare: 0.6)

  /// A round cell of the size 18650 with properties of Hatchard et al. (2001) as physics of the
  /// four-reaction sets uses them: 2 580 kg/m³, 830 J/(kg·K), 3.4 W/(m·K), jelly roll 90 %.
  static func round(
    _ name: String, _ chemistry: Chemistry, _ network: ReactionNetwork, ampereHours: Double,
    openCircuit: [Double]
  ) -> PackCell {
    let geometry = CellGeometry.size18650
    return PackCell(
      name: name, chemistry: chemistry, geometry: geometry,
      mass: 2_580 * geometry.volume.value, specificHeat: 830, conductivity: 3.4,
      kinetics: network.kernel(amount: 0.9 * geometry.volume.value),
      capacity: ampereHours * 3_600, resistance: 40e-3, openCircuit: openCircuit,
      collapseTemperature: 438.15, shortTime: 5, shortShare: 0.6)
  }

  /// Open-circuit voltage of NCM against graphite on steps of a tenth (Chen et al. 2020 within
  /// 30 mV; doi:10.1149/1945-7111/ab9050).
  static let ncm = [2.8, 3.35, 3.5, 3.58, 3.64, 3.71, 3.8, 3.89, 3.98, 4.07, 4.18]
  /// Open-circuit voltage of LCO against graphite (typical).
  static let lco = [3.0, 3.55, 3.68, 3.74, 3.78, 3.82, 3.88, 3.95, 4.02, 4.1, 4.2]
  /// Open-circuit voltage of LFP against graphite (Prada et al. 2012 within 20 mV;
  /// doi:10.1149/2.064209jes).
  static let lfp = [2.6, 3.18, 3.22, 3.26, 3.28, 3.285, 3.29, 3.31, 3.325, 3.33, 3.45]
}
