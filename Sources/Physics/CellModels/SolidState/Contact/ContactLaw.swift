// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How much of an interface between solids is in contact under pressure.

/// How much of an interface between two solids is in contact under a stack pressure.
public protocol ContactLaw: Sendable {
  /// Contact fraction at a stack pressure.
  ///
  /// - Parameter pressure: In pascals, not negative.
  /// - Returns: Above 0, at most 1; never falls with pressure.
  func fraction(at pressure: Double) -> Double
}

/// The whole interface is in contact at any pressure.
public struct FullContact: ContactLaw {
  /// Creates the law.
  public init() {}

  /// One.
  public func fraction(at pressure: Double) -> Double { 1 }
}
