// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the instruments of a vehicle make of the truth.

import NumericalMethods
import Quantities

/// What the instruments of a vehicle make of the truth: noise, steps, dropouts.
public struct SensorModel: Codable, Hashable, Sendable {
  /// Standard deviation of a cell voltage in volts.
  public var voltageNoise: Double
  /// Standard deviation of the constant error of a probe, in kelvin.
  public var probeOffset: Double
  /// Standard deviation of the current in amperes.
  public var currentNoise: Double
  /// Probability that one cell voltage of a row is not available.
  public var voltageDropout: Double
  /// Probability that one probe of a row is not available.
  public var temperatureDropout: Double

  /// Creates a model; steps are those of the vehicle protocol: 1 mV, 1 °C, 0.1 A.
  public init(
    voltageNoise: Double = 0.000_7, probeOffset: Double = 0.3, currentNoise: Double = 0.1,
    voltageDropout: Double = 0.000_5, temperatureDropout: Double = 0.000_5
  ) {
    self.voltageNoise = voltageNoise
    self.probeOffset = probeOffset
    self.currentNoise = currentNoise
    self.voltageDropout = voltageDropout
    self.temperatureDropout = temperatureDropout
  }

  /// Instruments that only round.
  public static let ideal = SensorModel(
    voltageNoise: 0, probeOffset: 0, currentNoise: 0, voltageDropout: 0, temperatureDropout: 0)

  /// A value rounded to a step of one part of a whole number, held between two limits.
  static func rounded(_ value: Double, per unit: Double, in range: ClosedRange<Double>) -> Double {
    (max(range.lowerBound, min(range.upperBound, value)) * unit).rounded() / unit
  }

  /// A temperature in kelvin rounded to a whole degree Celsius, from −40 °C to 210 °C.
  static func degree(_ temperature: Double) -> Double {
    // Written as the protocol's raw number plus its offset, so that both give the same bits.
    max(0, min(250, (temperature - 233.15).rounded())) + 233.15
  }
}
