// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Whether a number can be a value of a quantity at all.

extension QuantityDescriptor {
  /// Whether a number lies in the valid range, its ends included; NaN and infinities do not.
  ///
  /// - Parameter value: The value in the SI unit.
  /// - Returns: Whether a quantity can have this value.
  /// - Complexity: O(1), without allocation.
  public func isPlausible(_ value: Double) -> Bool {
    validRange.lowerBound <= value && value <= validRange.upperBound
  }
}

extension QuantityCatalogue {
  /// Whether a number can be a value of a quantity; NaN and infinities cannot.
  ///
  /// Inside a loop take the ``descriptor(of:)`` once and call its `isPlausible` instead: this
  /// function looks the row up every time.
  ///
  /// - Parameters:
  ///   - value: The value in the SI unit.
  ///   - key: The quantity.
  /// - Returns: Whether the quantity can have this value.
  public static func isPlausible(_ value: Double, as key: QuantityKey) -> Bool {
    descriptor(of: key).isPlausible(value)
  }
}
