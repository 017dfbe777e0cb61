// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tables of a property that all models built on it share.

import Synchronization

extension PropertyFunction {
  /// The property as equidistant cubics; made once for all cells whose set shares the property.
  ///
  /// - Parameters:
  ///   - range: Interval of the table's variable.
  ///   - intervals: Number of cubics.
  ///   - unit: The property's variable at the table's 1.
  /// - Returns: The table of `value(unit · x)`.
  /// - Complexity: O(intervals) the first time, then O(1).
  func table(
    over range: ClosedRange<Double>, intervals: Int, unit: Double = 1
  ) -> FunctionTable {
    tables.table(TableStore.Key(range: range, intervals: intervals, unit: unit)) {
      FunctionTable(over: range, intervals: intervals) { value($0 * unit) }
    }
  }
}

/// The newest few tables of a property.
final class TableStore: Sendable {
  /// What tells tables of one property apart.
  struct Key: Hashable, Sendable {
    let range: ClosedRange<Double>
    let intervals: Int
    let unit: Double
  }

  private let held = Mutex<[(key: Key, table: FunctionTable)]>([])

  /// The table of a key, made if it is not held; the oldest of more than four is dropped.
  func table(_ key: Key, make: () -> FunctionTable) -> FunctionTable {
    if let found = held.withLock({ $0.first { $0.key == key }?.table }) { return found }
    let made = make()
    held.withLock {
      if $0.count >= 4 { $0.removeFirst() }
      $0.append((key, made))
    }
    return made
  }
}
