// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The pack's own curve of voltage over state of charge, from steady rows.

/// The pack's own curve of voltage over state of charge, gathered from steady rows.
struct OpenCircuitCurve: Codable, Hashable, Sendable {
  struct Band: Codable, Hashable, Sendable {
    var band: Int
    var rows: Int
    var voltage: Double
    var charge: Double
  }

  /// Sums by band of voltage, ascending.
  var bands: [Band] = []

  mutating func add(voltage: Double, stateOfCharge: Double?, bandWidth: Double) {
    guard let stateOfCharge else { return }
    let number = Int((voltage / bandWidth).rounded(.down))
    let position = bands.firstIndex { $0.band >= number } ?? bands.count
    if position == bands.count || bands[position].band != number {
      bands.insert(Band(band: number, rows: 0, voltage: 0, charge: 0), at: position)
    }
    bands[position].rows += 1
    bands[position].voltage += voltage
    bands[position].charge += stateOfCharge
  }
}
