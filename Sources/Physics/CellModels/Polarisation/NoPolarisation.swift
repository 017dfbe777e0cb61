// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Slow voltage losses of a cell: what every form of them offers, and none.

/// A form of slow voltage loss behind the series resistance.
public protocol Polarisation: Sendable {
  /// The overpotentials.
  associatedtype State: Sendable

  /// The state of a cell at rest.
  var restState: State { get }

  /// The present loss in volts; positive lowers the voltage.
  func overpotential(_ state: State) -> Double

  /// The energy stored in the state, in joules, given the resistance factor in force.
  func storedEnergy(_ state: State, factor: Double) -> Double

  /// Advances the state exactly over a step of constant current.
  ///
  /// - Parameters:
  ///   - state: The state, changed in place.
  ///   - current: In amperes, discharge positive.
  ///   - duration: In seconds, not negative.
  ///   - factor: Multiplies every resistance, at constant capacitance.
  /// - Returns: Energy turned into heat during the step, in joules.
  func advance(_ state: inout State, current: Double, duration: Double, factor: Double) -> Double
}

/// No slow loss.
public struct NoPolarisation: Polarisation {
  /// Creates it.
  public init() {}
  /// Nothing to remember.
  public var restState: Void { () }
  /// Zero.
  public func overpotential(_ state: Void) -> Double { 0 }
  /// Zero.
  public func storedEnergy(_ state: Void, factor: Double) -> Double { 0 }
  /// Does nothing.
  public func advance(
    _ state: inout Void, current: Double, duration: Double, factor: Double
  ) -> Double { 0 }
}
