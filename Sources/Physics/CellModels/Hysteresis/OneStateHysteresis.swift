// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Hysteresis with one state that decays with the charge moved.

public import Quantities

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Hysteresis with one state between −1 (after long discharge) and +1 (after long charge).
///
/// `dh/dq = −γ·(h·sign + 1)` per unit of capacity moved, solved exactly for the step; the voltage is
/// `M·h`.
///
/// - Reference: Plett (2004), doi:10.1016/j.jpowsour.2004.02.032, one-state hysteresis model.
public struct OneStateHysteresis: Hysteresis {
  /// Largest hysteresis voltage `M`, in volts.
  public let amplitude: Double
  /// Decay `γ` per capacity moved, a pure number.
  public let rate: Double

  /// Creates a hysteresis.
  ///
  /// - Parameters:
  ///   - amplitude: Largest hysteresis voltage.
  ///   - rate: Decay per capacity moved; 50 settles within a few per cent of the capacity.
  public init(amplitude: Voltage, rate: Double) {
    self.amplitude = amplitude.value
    self.rate = rate
  }

  /// The middle of the loop.
  public var neutralState: Double { 0 }

  /// `M·h` in volts.
  public func voltage(_ state: Double) -> Double { amplitude * state }

  /// Moves the state towards −1 on discharge and +1 on charge.
  public func advance(_ state: inout Double, throughput: Double) {
    guard throughput != 0 else { return }
    let target = throughput > 0 ? -1.0 : 1.0
    state = target + (state - target) * exp(-rate * throughput.magnitude)
  }
}
