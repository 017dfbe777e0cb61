// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Numbers that mean "no value": the table of sentinels.

public import BatteryDomain

/// A number that a source writes where it has no value.
public struct Sentinel: Codable, Hashable, Sendable {
  /// The quantities it occurs in.
  public var quantities: [QuantityKey]
  /// The number in coherent SI after the column's mapping.
  public var value: Double
  /// Largest distance at which a sample still counts as this number, in the same unit.
  public var tolerance: Double
  /// Whether the source says that its sensor is faulty rather than that a value is absent.
  public var isAbnormal: Bool
  /// Whether a value reached step by step is believed instead: a filler such as 0 V is also what
  /// a shorted cell ends at, an all-ones code is nothing a battery ends at.
  public var yieldsToContinuity: Bool
  /// Where the number comes from.
  public var source: String

  /// Creates a row of the table.
  public init(
    quantities: [QuantityKey], value: Double, tolerance: Double, isAbnormal: Bool,
    yieldsToContinuity: Bool = false, source: String
  ) {
    self.quantities = quantities
    self.value = value
    self.tolerance = tolerance
    self.isAbnormal = isAbnormal
    self.yieldsToContinuity = yieldsToContinuity
    self.source = source
  }
}

extension Sentinel {
  private static let cells: [QuantityKey] = [
    .cellVoltage, .cellVoltageMaximum, .cellVoltageMinimum, .cellVoltageMean, .voltage,
  ]
  private static let temperatures: [QuantityKey] = [
    .probeTemperature, .probeTemperatureMaximum, .probeTemperatureMinimum, .probeTemperatureMean,
    .cellTemperature,
  ]
  private static let codes =
    "GB/T 32960.3-2016, 5.2.1: all ones invalid, all ones minus one abnormal"
  private static let seen = "Seen in published vehicle telemetry as a filler for a lost sample"

  /// A 16-bit all-ones code at every decimal scale between the largest and the smallest factor.
  private static func words(
    _ quantities: [QuantityKey], factors: [Double], offset: Double = 0
  ) -> [Sentinel] {
    factors.flatMap { factor in
      [(65535.0, false), (65534.0, true)].map { code, abnormal in
        Sentinel(
          quantities: quantities, value: code * factor + offset, tolerance: 0.1 * factor,
          isAbnormal: abnormal, source: codes)
      }
    }
  }

  private static func bytes(
    _ quantities: [QuantityKey], factor: Double = 1, offset: Double
  ) -> [Sentinel] {
    [(255.0, false), (254.0, true)].map { code, abnormal in
      Sentinel(
        quantities: quantities, value: code * factor + offset, tolerance: 0.1 * factor,
        isAbnormal: abnormal, source: codes)
    }
  }

  /// Kelvin at 0 °C.
  private static let ice = 273.15

  /// The sentinels known for battery telemetry, in SI after the usual mappings.
  ///
  /// Sixteen-bit codes appear at any decimal scale because exporters divide by the resolution
  /// (65.535 V from millivolts, 6553.5 from tenths); temperature bytes carry an offset of −40 °C.
  public static let known: [Sentinel] =
    words(cells, factors: [1, 0.1, 0.01, 0.001])
    + words([.packVoltage, .power, .vehicleSpeed], factors: [1, 0.1, 0.01])
    + words([.vehicleSpeed], factors: [0.1 / 3.6])
    + words([.current], factors: [1, 0.1, 0.01])
    + words([.current], factors: [0.1], offset: -1000)
    + words([.current], factors: [0.1], offset: -3000)
    + words([.insulationResistance], factors: [1, 1000])
    + words(temperatures, factors: [1, 0.1, 0.01], offset: ice)
    + words([.stateOfCharge, .stateOfHealth], factors: [1, 0.1, 0.01, 0.001])
    + bytes(temperatures, offset: ice - 40)
    + bytes(temperatures, offset: ice)
    + bytes([.stateOfCharge, .stateOfHealth], factor: 0.01, offset: 0)
    + bytes([.alarmLevel, .chargeState], offset: 0)
    + [(4_294_967_295.0, false), (4_294_967_294.0, true)].flatMap { code, abnormal in
      [1.0, 100, 1000].map { factor in
        Sentinel(
          quantities: [.odometer, .alarmFlags], value: code * factor, tolerance: 0.1 * factor,
          isAbnormal: abnormal, source: codes)
      }
    }
    + [
      Sentinel(
        quantities: cells + [.packVoltage], value: 0, tolerance: 1e-6, isAbnormal: false,
        yieldsToContinuity: true, source: seen),
      Sentinel(
        quantities: cells, value: 6.06, tolerance: 5e-4, isAbnormal: false,
        yieldsToContinuity: true, source: seen),
      Sentinel(
        quantities: temperatures, value: ice - 40, tolerance: 1e-3, isAbnormal: false,
        yieldsToContinuity: true, source: seen),
      Sentinel(
        quantities: [.odometer], value: 0, tolerance: 1e-6, isAbnormal: false,
        yieldsToContinuity: true, source: seen),
      Sentinel(
        quantities: temperatures, value: ice - 58.8, tolerance: 0.051, isAbnormal: false,
        yieldsToContinuity: true, source: seen),
    ]
}
