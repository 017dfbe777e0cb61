// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A fuse in series with a cell: melting by I²t with the heat it loses.

import Foundation

/// A cell fuse.
///
/// The element's excess heat `E` in A²s follows `dE/dt = I² − E·I_r²/(I²t)`: a current above the
/// rated one for ever stays below the melting integral, and a short pulse melts at its `I²t`.
/// That is the lumped adiabatic model with linear loss, with the rated current as its steady limit.
public struct CellFuse: Hashable, Sendable {
  /// Current the fuse carries for ever, in amperes.
  public var ratedCurrent: Double
  /// Melting integral, in A²s.
  public var meltingIntegral: Double

  /// Creates a fuse.
  public init(ratedCurrent: Double, meltingIntegral: Double) {
    self.ratedCurrent = ratedCurrent
    self.meltingIntegral = meltingIntegral
  }

  /// State after a time at constant current, in A²s.
  ///
  /// - Parameters:
  ///   - duration: In seconds.
  ///   - state: Excess heat before, in A²s; 0 when cold.
  ///   - current: In amperes.
  /// - Returns: Excess heat, in A²s.
  public func state(after duration: Double, from state: Double, current: Double) -> Double {
    let rate = ratedCurrent * ratedCurrent / meltingIntegral
    let end = current * current / rate
    return end + (state - end) * exp(-rate * duration)
  }

  /// Whether the fuse has melted.
  public func isMelted(_ state: Double) -> Bool { state >= meltingIntegral }
}
