// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The cells of the testbed: large formats of vehicles and storage.

import BatteryDomain
import CellModels
import RunawayModels

extension PlantCell {
  /// All cells that scenario files can name.
  public static let all: [PlantCell] = [.ncm60Ah, .lfp150Ah, .lfp280Ah, .sodium80Ah]

  /// The cell of a name; nil where there is none.
  public static func named(_ name: String) -> PlantCell? { all.first { $0.name == name } }

  /// Prismatic NCM of 60 Ah: the 25 Ah cell of Feng et al. (2015), 2.4 times as large; resistances
  /// fall with size.
  public static let ncm60Ah: PlantCell = {
    let small = AbuseCell.ncm25Ah
    let scale = 60 * 3_600 / small.capacity
    return PlantCell(
      name: "ncm-60ah", chemistry: .ncm111, capacity: scale * small.capacity,
      openCircuit: VoltageTable { Chen2020.openCircuit.curve.value(at: $0) }, hysteresis: 0.001,
      limits: (2.8, 4.2), seriesResistance: 0.000_6, fast: (0.000_3, 20),
      slow: (0.000_5, 600), activationEnergy: 20_000, mass: scale * small.mass,
      specificHeat: small.specificHeat,
      kernel: small.simulatedNetwork(plating: false).kernel(amount: scale),
      collapseTemperature: 418, collapseResistance: 0.008 / scale,
      casing: scaled(small.casing, by: scale), gas: small.gas.amounts.reduce(0, +) * 216_000)
  }()

  /// Prismatic iron phosphate of 150 Ah for vehicles.
  public static let lfp150Ah = lfp(
    name: "lfp-150ah", ampereHours: 150, seriesResistance: 0.000_3, fast: (0.000_15, 25),
    slow: (0.000_25, 900))

  /// Prismatic iron phosphate of 280 Ah for storage.
  public static let lfp280Ah = lfp(
    name: "lfp-280ah", ampereHours: 280, seriesResistance: 0.000_17, fast: (0.000_08, 25),
    slow: (0.000_14, 900))

  /// Prismatic sodium layered oxide of 80 Ah with the fitted reactions of the abuse models.
  public static let sodium80Ah: PlantCell = {
    let small = AbuseCell.sodium18650
    let scale = 80 * 3_600 / small.capacity
    return PlantCell(
      name: "sodium-80ah", chemistry: .sodiumLayered, capacity: 80 * 3_600,
      openCircuit: VoltageTable { small.openCircuit.curve.value(at: $0) }, hysteresis: 0.004,
      limits: (2.0, 4.0), seriesResistance: 0.000_6, fast: (0.000_3, 20),
      slow: (0.000_5, 600), activationEnergy: 22_000, mass: 2.3, specificHeat: 1_000,
      kernel: small.simulatedNetwork(plating: false).kernel(amount: small.amount * scale),
      collapseTemperature: 438, collapseResistance: 0.004,
      casing: scaled(.prismatic, by: 80 / 25.0),
      gas: small.gas.amounts.reduce(0, +) * 80 * 3_600)
  }()

  /// An iron phosphate cell at 165 Wh/kg with the four-reaction set, by volume of jelly roll.
  private static func lfp(
    name: String, ampereHours: Double, seriesResistance: Double, fast: (Double, Double),
    slow: (Double, Double)
  ) -> PlantCell {
    let small = AbuseCell.lfp18650
    let mass = ampereHours * 3.2 / 165
    // The jelly roll of a prismatic cell: 2200 kg/m³, nine tenths of the mass (assumed).
    return PlantCell(
      name: name, chemistry: .lfp, capacity: ampereHours * 3_600,
      openCircuit: VoltageTable { small.openCircuit.curve.value(at: $0) }, hysteresis: 0.008,
      limits: (2.5, 3.65), seriesResistance: seriesResistance, fast: fast,
      slow: slow, activationEnergy: 25_000, mass: mass, specificHeat: 1_050,
      kernel: small.simulatedNetwork(plating: false).kernel(amount: 0.9 * mass / 2_200),
      collapseTemperature: 438, collapseResistance: 0.2 / ampereHours,
      casing: scaled(.prismatic, by: ampereHours / 25),
      gas: small.gas.amounts.reduce(0, +) * ampereHours * 3_600)
  }

  private static func scaled(_ casing: CasingDesign, by scale: Double) -> CasingDesign {
    var copy = casing
    copy.headspace *= scale
    copy.compliance *= scale
    copy.solventMass *= scale
    return copy
  }
}

extension CasingDesign {
  /// The casing of the 25 Ah cell, from which larger ones are scaled.
  static let prismatic = AbuseCell.ncm25Ah.casing
}
