// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A cell that keeps its charge.

/// A cell that keeps its charge.
public struct NoSelfDischarge: SelfDischarge {
  /// Creates the null law.
  public init() {}

  /// The current: none.
  public func current(voltage: Double, temperature: Double) -> LeakCurrent { LeakCurrent() }
}
