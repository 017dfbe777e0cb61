// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Voltage hysteresis of a cell: what every form of it offers.

/// A form of voltage hysteresis: a voltage added to the open-circuit voltage that depends on the
/// direction of past currents.
public protocol Hysteresis: Sendable {
  /// What the form remembers.
  associatedtype State: Sendable

  /// The state of a cell whose past is not known.
  var neutralState: State { get }

  /// The voltage added to the open-circuit voltage, in volts.
  func voltage(_ state: State) -> Double

  /// Advances the state over a step of constant current.
  ///
  /// - Parameters:
  ///   - state: The state, changed in place.
  ///   - throughput: Charge taken out in the step as a fraction of the capacity; negative for
  ///     charging.
  func advance(_ state: inout State, throughput: Double)
}

/// No hysteresis.
public struct NoHysteresis: Hysteresis {
  /// Creates it.
  public init() {}
  /// Nothing to remember.
  public var neutralState: Void { () }
  /// Zero.
  public func voltage(_ state: Void) -> Double { 0 }
  /// Does nothing.
  public func advance(_ state: inout Void, throughput: Double) {}
}
