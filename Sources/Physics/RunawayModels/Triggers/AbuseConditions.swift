// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What acts on a cell from outside during a part of a test.

import Quantities

/// What acts on a cell from outside during a part of a test, in coherent SI.
public struct AbuseConditions: Hashable, Sendable {
  /// Temperature of the surroundings at ``ambientSince``, in kelvin.
  public var ambient: Double
  /// Rate at which the surroundings warm, in K/s.
  public var ambientRate = 0.0
  /// Temperature at which they stop, in kelvin.
  public var ambientEnd = Double.infinity
  /// When ``ambient`` holds, in seconds.
  public var ambientSince = 0.0
  /// Heat transfer coefficient, in W/(m²·K).
  public var convection: Double
  /// Whether nothing is lost to the surroundings, as in a calorimeter that follows the cell.
  public var isAdiabatic = false
  /// Heat of a heater or hot spot, in watts, into the hot zone, or the cell where there is none.
  public var heaterPower = 0.0
  /// Imposed terminal current, in amperes; discharge positive.
  public var current = 0.0
  /// Mean of a load current that alternates and leaves the charge as it is, in amperes.
  public var loadCurrent = 0.0
  /// Resistance across the terminals, in ohms.
  public var externalResistance = Double.infinity
  /// Internal short; nil for none.
  public var short: ShortCircuit?
  /// Pressure of the surroundings, in pascals.
  public var ambientPressure = PhysicalConstants.standardAtmosphere

  /// Creates conditions of surroundings at one temperature.
  public init(ambient: Double, convection: Double) {
    self.ambient = ambient
    self.convection = convection
  }

  /// Temperature of the surroundings, in kelvin.
  @inline(__always)
  func ambientTemperature(_ time: Double) -> Double {
    let value = ambient + ambientRate * max(0, time - ambientSince)
    return ambientRate >= 0 ? min(ambientEnd, value) : max(ambientEnd, value)
  }

  /// The first time after another at which a rate jumps or bends, in seconds; infinite for none.
  func nextBreak(after time: Double) -> Double {
    var next = Double.infinity
    func consider(_ candidate: Double) {
      if candidate > time, candidate < next { next = candidate }
    }
    if let short {
      consider(short.start)
      consider(short.start + short.growth)
    }
    if ambientRate != 0, ambientEnd.isFinite {
      consider(ambientSince + (ambientEnd - ambient) / ambientRate)
    }
    return next
  }
}
