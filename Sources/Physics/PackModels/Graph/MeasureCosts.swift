// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What measures against propagation weigh and cost: assumptions that a file can replace.

import StructuredInput

/// What measures weigh and cost.
///
/// The defaults are assumptions, round figures to rank measures with; a pack file replaces them in its
/// table `measures`. ``given`` names those that come from the file.
public struct MeasureCosts: Hashable, Sendable {
  /// Unit of money.
  public var currency = "EUR"
  /// What a kilogram more is worth avoiding.
  public var perKilogram = 5.0
  /// A square metre of aerogel blanket, by millimetre of thickness; its mass is that of the material.
  public var aerogelPerSquareMetreMillimetre = 15.0
  /// A vent channel, a cell; and its mass in kg.
  public var ventChannel = 1.0
  /// Mass of a vent channel, in kg a cell.
  public var ventChannelMass = 0.02
  /// Part of the jet that still reaches neighbours behind a vent channel.
  public var ventChannelLeak = 0.1
  /// A fuse, a cell.
  public var fuse = 0.2
  /// Mass of a fuse, in kg.
  public var fuseMass = 0.001
  /// A busbar with a fifth of the thermal conductance, a cell.
  public var busbar = 0.1
  /// Names of the values that the file gives.
  public var given: Set<String> = []

  /// Creates the assumed values.
  public init() {}

  /// Names of the values in a file, with what they are now.
  public var values: [(key: String, value: Double)] {
    [
      ("per_kg", perKilogram), ("aerogel_per_m2_mm", aerogelPerSquareMetreMillimetre),
      ("vent_channel_per_cell", ventChannel), ("vent_channel_kg", ventChannelMass),
      ("vent_channel_leak", ventChannelLeak), ("fuse_per_cell", fuse), ("fuse_kg", fuseMass),
      ("busbar_per_cell", busbar),
    ]
  }

  /// Reads the table `measures`; faults are noted in the document.
  init(reading table: InputTable) {
    self.init()
    guard let keys = table.table("measures") else { return }
    given = Set(values.map(\.key).filter { keys.has($0) })
    currency = keys.text("currency", default: currency)
    func read(_ key: String, _ value: inout Double, most: Double = 1e6) {
      value = keys.number(key, in: 0...most, default: value)
    }
    read("per_kg", &perKilogram)
    read("aerogel_per_m2_mm", &aerogelPerSquareMetreMillimetre)
    read("vent_channel_per_cell", &ventChannel)
    read("vent_channel_kg", &ventChannelMass)
    read("vent_channel_leak", &ventChannelLeak, most: 1)
    read("fuse_per_cell", &fuse)
    read("fuse_kg", &fuseMass)
    read("busbar_per_cell", &busbar)
  }
}
