// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// LU factors of a sparse matrix whose pattern stays while its values change.

/// LU factors of a sparse square matrix whose pattern stays while its values change.
///
/// For networks: thermal nodes of a pack, circuits of many cells. The first ``factor()`` orders the
/// columns by least degree, chooses pivots (the diagonal where it is at least a tenth of the
/// largest candidate) and finds the fill; later ones reuse all of that, allocate nothing, and
/// start over only where a reused pivot has become small.
///
/// Fill ``values`` in the order of the entries given, then ``factor()``, then ``solve(_:)``.
///
/// - Reference: Gilbert & Peierls (1988), doi:10.1137/0909058, for the columns; Davis &
///   Palamadai Natarajan (2010), doi:10.1145/1824801.1824814 (KLU), for reuse of the pivots.
public struct SparseFactorization: ~Copyable {
  /// Number of rows.
  public let size: Int
  /// Values `[entryCount]` in the order of the entries given; entries given twice add up.
  public let values: UnsafeMutablePointer<Double>
  /// Number of entries given.
  public let entryCount: Int
  /// Times pivots were chosen, including the first.
  public private(set) var pivotSearches = 0

  // The matrix by columns, in elimination order: rows, and the slot of `values` of each.
  let columnStarts: [Int]
  let rows: [Int]
  let slots: [Int]
  /// The column eliminated at each step.
  let columnOrder: [Int]

  // Factors: L below the diagonal and U above it by columns, in pivot order; U's diagonal inverted.
  var lower = SparseColumns()
  var upper = SparseColumns()
  var inversePivots: [Double]
  /// Step at which a row is the pivot.
  var stepOfRow: [Int]
  var work: [Double]
  var hasPattern = false

  /// Prepares a pattern.
  ///
  /// - Parameters:
  ///   - size: Number of rows and columns; at least one.
  ///   - entries: Rows and columns of the entries that may differ from zero.
  /// - Complexity: O(fill) for networks, from the ordering.
  public init(size: Int, entries: [(row: Int, column: Int)]) {
    precondition(size > 0, "a matrix needs a row")
    precondition(
      entries.allSatisfy { 0..<size ~= $0.row && 0..<size ~= $0.column },
      "entries must lie inside the matrix")
    self.size = size
    entryCount = entries.count
    values = .allocate(capacity: max(1, entries.count))
    values.initialize(repeating: 0, count: max(1, entries.count))
    columnOrder = Self.leastDegreeOrder(size, entries)
    var stepOfColumn = [Int](repeating: 0, count: size)
    for (step, column) in columnOrder.enumerated() { stepOfColumn[column] = step }
    let order = entries.indices.sorted {
      let (a, b) = (stepOfColumn[entries[$0].column], stepOfColumn[entries[$1].column])
      return a == b ? entries[$0].row < entries[$1].row : a < b
    }
    slots = order
    rows = order.map { entries[$0].row }
    var starts = [Int](repeating: 0, count: size + 1)
    for entry in entries { starts[stepOfColumn[entry.column] + 1] += 1 }
    for step in 0..<size { starts[step + 1] += starts[step] }
    columnStarts = starts
    inversePivots = .init(repeating: 0, count: size)
    stepOfRow = .init(repeating: -1, count: size)
    work = .init(repeating: 0, count: size)
  }

  deinit { values.deallocate() }

  /// Sets all values to zero.
  public func clear() { values.update(repeating: 0, count: entryCount) }

  /// Entries of both factors without the diagonal; 0 before the first ``factor()``.
  public var fill: Int { lower.rows.count + upper.rows.count }

  /// Factors the matrix of ``values``.
  ///
  /// - Returns: False when the matrix is singular or not finite.
  /// - Complexity: O(operations of the elimination); the first time also those of the search.
  public mutating func factor() -> Bool {
    if hasPattern, refactor() { return true }
    hasPattern = false
    pivotSearches += 1
    hasPattern = search()
    return hasPattern
  }

  /// Eliminates with the known pivots; false where one has become small.
  private mutating func refactor() -> Bool {
    for step in 0..<size {
      for p in columnStarts[step]..<columnStarts[step + 1] {
        work[stepOfRow[rows[p]]] += values[slots[p]]
      }
      for p in upper.starts[step]..<upper.starts[step + 1] {
        let j = upper.rows[p]
        let factor = work[j]
        work[j] = 0
        upper.values[p] = factor
        for q in lower.starts[j]..<lower.starts[j + 1] {
          work[lower.rows[q]] -= lower.values[q] * factor
        }
      }
      let pivot = work[step]
      work[step] = 0
      var largest = abs(pivot)
      for q in lower.starts[step]..<lower.starts[step + 1] {
        largest = max(largest, abs(work[lower.rows[q]]))
      }
      // A reused pivot may be far smaller than a new search would take, but not arbitrarily.
      guard largest.isFinite, pivot != 0, abs(pivot) >= 1e-4 * largest else {
        for n in 0..<size { work[n] = 0 }
        return false
      }
      let inverse = 1 / pivot
      inversePivots[step] = inverse
      for q in lower.starts[step]..<lower.starts[step + 1] {
        lower.values[q] = work[lower.rows[q]] * inverse
        work[lower.rows[q]] = 0
      }
    }
    return true
  }

  /// Solves in place for a right side of `size` values.
  ///
  /// - Complexity: O(size + fill).
  public mutating func solve(_ x: UnsafeMutablePointer<Double>) {
    for row in 0..<size { work[stepOfRow[row]] = x[row] }
    for step in 0..<size {
      let value = work[step]
      for q in lower.starts[step]..<lower.starts[step + 1] {
        work[lower.rows[q]] -= lower.values[q] * value
      }
    }
    for step in stride(from: size - 1, through: 0, by: -1) {
      let value = work[step] * inversePivots[step]
      work[step] = 0
      x[columnOrder[step]] = value
      for p in upper.starts[step]..<upper.starts[step + 1] {
        work[upper.rows[p]] -= upper.values[p] * value
      }
    }
  }
}

/// Columns of a triangular factor.
struct SparseColumns {
  var starts: [Int] = [0]
  var rows: [Int] = []
  var values: [Double] = []
}
