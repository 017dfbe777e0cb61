// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The housing of a pack from a file.

import StructuredInput

extension PackDescription {
  /// Reads the table `housing`.
  mutating func readHousing(_ table: InputTable) {
    guard let keys = table.table("housing") else { return }
    var housing = PackEnclosure(volume: keys.number("volume_l", in: 1...1e5) / 1e3)
    housing.compartments = keys.integer("compartments", in: 1...64, default: 1)
    housing.direction = keys.choice("direction", default: .along) ?? .along
    housing.openingArea =
      keys.number("opening_cm2", in: 0...1e5, default: housing.openingArea * 1e4) / 1e4
    housing.ventCompartment =
      keys.integer(
        "vent_compartment", in: 1...max(1, housing.compartments), default: housing.compartments) - 1
    housing.ventArea = keys.number("vent_cm2", in: 0...1e5, default: housing.ventArea * 1e4) / 1e4
    housing.burstPressure =
      keys.number("burst_kpa", in: 0...1e4, default: housing.burstPressure / 1e3) * 1e3
    housing.breatherArea =
      keys.number("breather_mm2", in: 0...1e6, default: housing.breatherArea * 1e6) / 1e6
    housing.tearPressure =
      keys.number("tear_kpa", in: 0.1...1e5, default: housing.tearPressure / 1e3) * 1e3
    housing.convection = keys.number(
      "gas_w_per_m2k", in: 0...1_000, default: housing.convection)
    housing.wallMass = keys.number("wall_kg", in: 0.01...1e5, default: housing.wallMass)
    if housing.tearPressure <= housing.burstPressure {
      keys.note(
        "\(housing.tearPressure / 1e3) kPa is not above burst_kpa \(housing.burstPressure / 1e3): the "
          + "housing would tear before its vent opens", at: "tear_kpa")
    }
    enclosure = housing
  }
}
