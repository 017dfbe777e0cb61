// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The capacity of a pack from partial charges and drives.

import NumericalMethods

/// The capacity of a pack from partial charges and drives.
enum CapacityEstimate {
  /// Range of the capacity in coulombs and where it comes from; nil without enough data.
  ///
  /// The range spans the quartiles of the single values and at least ±5 %, for the error of the
  /// current sensor and of the display of charge.
  static func range(
    sessions: [ChargeSession], discharges: RowReservoir
  ) -> (range: ValueRange, source: String)? {
    let charges = sessions.compactMap(\.capacity)
    let drives = discharges.rows.values.map(Double.init).filter { $0.isFinite }
    let (values, source) =
      charges.count >= 3
      ? (charges, "\(charges.count) partial charges of at least 10 %")
      : (charges + drives, "\(charges.count) partial charges and \(drives.count) unbroken drives")
    guard values.count >= 2 else { return nil }
    let sorted = values.sorted()
    let middle = RobustStatistics.medianOfSorted(sorted)
    let low = min(RobustStatistics.quantileOfSorted(sorted, 0.25), 0.95 * middle)
    let high = max(RobustStatistics.quantileOfSorted(sorted, 0.75), 1.05 * middle)
    return (ValueRange(low: low, high: high), source)
  }
}
