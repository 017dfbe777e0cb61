// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The cells that ship with the library.

import BatteryDomain
import CellModels
import Quantities

extension AbuseCell {
  /// All cells that ship with the library.
  public static let all: [AbuseCell] = [
    .lco18650, .ncm18650, .lfp18650,
    .ncmTunnelling18650, .ncm25Ah, .lfp100Ah, .sodium18650, .sodiumPrussianBlue18650,
    .potassium18650, .sulfide18650,
  ]

  /// The cell of a name, whatever its case; nil where there is none.
  public static func named(_ name: String) -> AbuseCell? {
    all.first { $0.name == name.lowercased() }
  }

  /// Open-circuit voltage of lithium cobalt oxide against graphite (Marquis et al. 2019).
  static let cobaltOxideVoltage: OpenCircuitVoltage = {
    let set = CellParameters.marquis2019
    guard
      let empty = try? set.stoichiometries(stateOfCharge: 0),
      let full = try? set.stoichiometries(stateOfCharge: 1)
    else { return Chen2020.openCircuit }
    return OpenCircuitVoltage(
      curve: MonotoneCurve(count: 201) { charge in
        set.openCircuitVoltage(
          negative: empty.negative + charge * (full.negative - empty.negative),
          positive: empty.positive + charge * (full.positive - empty.positive))
      })
  }()

  /// The 18650 of the lumped oven tests: 2580 kg/m³ and 830 J/(kg·K) over the whole can
  /// (Hatchard et al. 2001, doi:10.1149/1.1377592), 90 % of it filled with jelly roll.
  ///
  /// The separator holds until runaway, as the four-reaction sets were made for whole cells without
  /// the discharge that an earlier collapse causes; then the voltage is lost and the charge that
  /// reactions have left turns to heat.
  static func lumped18650(
    name: String, summary: String, chemistry: Chemistry, ampereHours: Double, voltage: Double,
    limits: (lower: Double, upper: Double), openCircuit: OpenCircuitVoltage, resistance: Double,
    network: ReactionNetwork, gas: GasProfile, overshoot: Double, entrainment: Double
  ) -> AbuseCell {
    let geometry = CellGeometry.size18650
    let volume = geometry.volume.value
    return AbuseCell(
      name: name, summary: summary, chemistry: chemistry, geometry: geometry,
      mass: 2_580 * volume, specificHeat: 830, conductivity: 8, capacity: 3_600 * ampereHours,
      nominalVoltage: voltage, upperVoltage: limits.upper, lowerVoltage: limits.lower,
      openCircuit: openCircuit, resistance: resistance,
      resistanceFactor: ResistanceFactor(activationEnergy: 20_000), network: network,
      amount: 0.9 * volume, separator: .heatResistant, gas: gas,
      casing: CasingDesign(
        headspace: 0.1 * volume, ventPressure: 1.9e6, ventArea: 1e-5, burstPressure: 6e6,
        interruptPressure: 1.0e6, solventMass: 0.5 * 406.9 * 0.9 * volume,
        entrainment: entrainment),
      runawayOvershoot: overshoot)
  }

  /// 18650, lithium cobalt oxide, 2.6 Ah.
  public static let lco18650 = lumped18650(
    name: "lco-18650", summary: "18650, lithium cobalt oxide against graphite, 2.6 Ah",
    chemistry: .lco, ampereHours: 2.6, voltage: 3.7, limits: (2.7, 4.2),
    openCircuit: cobaltOxideVoltage, resistance: 0.06, network: .lco, gas: .lco, overshoot: 100,
    entrainment: 1.5)

  /// 18650, NCM111-type oxide, 2.2 Ah.
  public static let ncm18650 = lumped18650(
    name: "ncm-18650", summary: "18650, NCM oxide against graphite, 2.2 Ah",
    chemistry: .ncm111, ampereHours: 2.2, voltage: 3.65, limits: (2.7, 4.2),
    openCircuit: Chen2020.openCircuit, resistance: 0.045, network: .ncm, gas: .ncm,
    overshoot: 100, entrainment: 1.5)

  /// 18650, iron phosphate, 1.1 Ah.
  public static let lfp18650 = lumped18650(
    name: "lfp-18650", summary: "18650, lithium iron phosphate against graphite, 1.1 Ah",
    chemistry: .lfp, ampereHours: 1.1, voltage: 3.2, limits: (2.0, 3.65),
    openCircuit: Prada2013.openCircuit, resistance: 0.03, network: .lfp, gas: .lfp,
    overshoot: 80, entrainment: 0.3)

  /// 18650 as ``ncm18650`` with the tunnelling anode.
  public static let ncmTunnelling18650: AbuseCell = {
    var cell = ncm18650
    cell.name = "ncm-tunnelling-18650"
    cell.summary = "18650, NCM oxide, anode limited by tunnelling through its film, 2.2 Ah"
    cell.network = .ncmTunnelling
    return cell
  }()

  /// Open-circuit voltage of a sodium cell: a straight line from 2.0 to 4.0 V, assumed.
  private static let sodiumVoltage = OpenCircuitVoltage(curve: MonotoneCurve(values: [2.0, 4.0]))

  /// A sodium-ion stand-in in the 18650 size, 1.5 Ah.
  public static let sodium18650 = lumped18650(
    name: "sodium-18650", summary: "18650, sodium layered oxide (fitted stand-in), 1.5 Ah",
    chemistry: .sodiumLayered, ampereHours: 1.5, voltage: 3.1, limits: (2.0, 4.0),
    openCircuit: sodiumVoltage, resistance: 0.05, network: .sodiumFitted, gas: .sodiumLayered,
    overshoot: 100, entrainment: 1)

  /// A stand-in of sodium ion with a Prussian-blue cathode in the 18650 size, 1.3 Ah.
  public static let sodiumPrussianBlue18650 = lumped18650(
    name: "sodium-prussian-blue-18650",
    summary: "18650, sodium Prussian blue (fitted stand-in), 1.3 Ah",
    chemistry: .sodiumPrussianBlue, ampereHours: 1.3, voltage: 3.2, limits: (2.0, 4.0),
    openCircuit: sodiumVoltage, resistance: 0.05, network: .prussianBlueFitted,
    gas: .sodiumPrussianBlue, overshoot: 100, entrainment: 1)

  /// A stand-in of potassium ion with a Prussian-blue cathode in the 18650 size, 1.0 Ah.
  public static let potassium18650 = lumped18650(
    name: "potassium-18650", summary: "18650, potassium Prussian blue (fitted stand-in), 1.0 Ah",
    chemistry: .potassiumIon, ampereHours: 1, voltage: 3.2, limits: (2.0, 4.0),
    openCircuit: sodiumVoltage, resistance: 0.06, network: .potassiumFitted, gas: .potassium,
    overshoot: 100, entrainment: 1)

  /// A sulfide solid-state stand-in in the 18650 size, 2.5 Ah; it holds no solvent.
  public static let sulfide18650: AbuseCell = {
    var cell = lumped18650(
      name: "sulfide-18650",
      summary: "18650, sulfide solid state with NCM (fitted stand-in), 2.5 Ah",
      chemistry: .sulfideSolidState, ampereHours: 2.5, voltage: 3.65, limits: (2.5, 4.2),
      openCircuit: Chen2020.openCircuit, resistance: 0.06, network: .sulfideFitted, gas: .sulfide,
      overshoot: 100, entrainment: 1)
    cell.casing.solventMass = 0
    // The electrolyte is the separator, and does not melt.
    cell.separator = nil
    return cell
  }()

  /// The 25 Ah prismatic NCM cell of Feng et al.: 0.72 kg, 1100 J/(kg·K), 333 kJ.
  public static let ncm25Ah: AbuseCell = {
    let geometry = CellGeometry.prismatic(
      width: Length(0.148), thickness: Length(0.0265), height: Length(0.0927))
    return AbuseCell(
      name: "ncm-25ah", summary: "prismatic, NCM oxide against graphite, 25 Ah, 0.72 kg",
      chemistry: .ncm111, geometry: geometry, mass: 0.72, specificHeat: 1_100, conductivity: 5,
      capacity: 25 * 3_600, nominalVoltage: 3.7, upperVoltage: 4.2, lowerVoltage: 2.7,
      openCircuit: Chen2020.openCircuit, resistance: 0.0015,
      resistanceFactor: ResistanceFactor(activationEnergy: 20_000), network: .ncm25Ah, amount: 1,
      separator: .largeNCM, gas: .ncm,
      casing: CasingDesign(
        headspace: 4e-5, compliance: 2e-11, ventPressure: 6e5, ventArea: 8e-5,
        burstPressure: 2e6, solventMass: 0.054, gasTime: 2, entrainment: 1.5),
      runawayOvershoot: 100)
  }()
  /// A prismatic LFP cell of 100 Ah as in storage racks, 2 kg, 160 by 50 by 118 mm; dimensions and mass
  /// assumed, typical.
  ///
  /// The four-reaction set of the 18650 holds the carbon of a cobalt-oxide cell: with 1.1 Ah its anode would
  /// have 2.3 times the lithium that the cell stores. Here reacting masses follow from the charge: the
  /// lithium that reacts is the lithium that is stored, 0.75 for each C₆. No heat was fitted.
  public static let lfp100Ah: AbuseCell = {
    let geometry = CellGeometry.prismatic(
      width: Length(0.16), thickness: Length(0.05), height: Length(0.118))
    let capacity = 100.0 * 3_600
    let perVolume =
      ReactionNetwork.carbonLoading / 0.072_066 * 0.75 * PhysicalConstants.faraday
    let amount = capacity / perVolume
    return AbuseCell(
      name: "lfp-100ah",
      summary: "prismatic, lithium iron phosphate against graphite, 100 Ah, 2 kg",
      chemistry: .lfp, geometry: geometry, mass: 2, specificHeat: 1_000, conductivity: 5,
      capacity: capacity, nominalVoltage: 3.2, upperVoltage: 3.65, lowerVoltage: 2.0,
      openCircuit: Prada2013.openCircuit, resistance: 0.000_4,
      resistanceFactor: ResistanceFactor(activationEnergy: 20_000), network: .lfp, amount: amount,
      separator: .ceramicCoated, gas: .lfp,
      casing: CasingDesign(
        headspace: 6e-5, compliance: 4e-11, ventPressure: 6e5, ventArea: 2e-4,
        burstPressure: 2e6, solventMass: 0.5 * ReactionNetwork.electrolyteLoading * amount,
        gasTime: 2, entrainment: 0.3),
      runawayOvershoot: 80)
  }()
}
