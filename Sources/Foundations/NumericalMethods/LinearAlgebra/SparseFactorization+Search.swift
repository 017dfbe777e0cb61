// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Elimination order, pivots and fill of a sparse matrix.

extension SparseFactorization {
  /// Eliminates column by column, choosing pivots and recording the fill.
  ///
  /// - Returns: False when the matrix is singular or not finite.
  mutating func search() -> Bool {
    // Rows keep their own numbers here and are renamed to pivot steps at the end.
    lower = SparseColumns()
    upper = SparseColumns()
    for row in 0..<size { stepOfRow[row] = -1 }
    var marked = [Int](repeating: -1, count: size)
    var rowOfStep = [Int](repeating: -1, count: size)
    var reached: [Int] = []
    var stack: [(step: Int, next: Int)] = []
    for step in 0..<size {
      reached.removeAll(keepingCapacity: true)
      for p in columnStarts[step]..<columnStarts[step + 1] {
        visit(rows[p], step, &marked, &reached, &stack)
        work[rows[p]] += values[slots[p]]
      }
      // Finished rows in ascending steps are a valid order of substitution.
      var above: [Int] = []
      var candidates: [Int] = []
      for row in reached {
        if stepOfRow[row] >= 0 { above.append(stepOfRow[row]) } else { candidates.append(row) }
      }
      above.sort()
      for j in above {
        let factor = work[rowOfStep[j]]
        upper.rows.append(j)
        upper.values.append(factor)
        for q in lower.starts[j]..<lower.starts[j + 1] {
          work[lower.rows[q]] -= lower.values[q] * factor
        }
      }
      var best = -1
      var largest = 0.0
      for row in candidates where abs(work[row]) > largest {
        best = row
        largest = abs(work[row])
      }
      let diagonal = columnOrder[step]
      if stepOfRow[diagonal] < 0, marked[diagonal] == step, abs(work[diagonal]) >= 0.1 * largest {
        best = diagonal
      }
      guard best >= 0, largest > 0, largest.isFinite else {
        for n in 0..<size { work[n] = 0 }
        return false
      }
      let inverse = 1 / work[best]
      inversePivots[step] = inverse
      stepOfRow[best] = step
      rowOfStep[step] = best
      for row in candidates where row != best {
        lower.rows.append(row)
        lower.values.append(work[row] * inverse)
      }
      for row in reached { work[row] = 0 }
      lower.starts.append(lower.rows.count)
      upper.starts.append(upper.rows.count)
    }
    for q in lower.rows.indices { lower.rows[q] = stepOfRow[lower.rows[q]] }
    return true
  }

  /// Adds a row and all rows that its elimination reaches.
  private func visit(
    _ row: Int, _ column: Int, _ marked: inout [Int], _ reached: inout [Int],
    _ stack: inout [(step: Int, next: Int)]
  ) {
    guard marked[row] != column else { return }
    marked[row] = column
    reached.append(row)
    guard stepOfRow[row] >= 0 else { return }
    stack.append((stepOfRow[row], lower.starts[stepOfRow[row]]))
    while let top = stack.last {
      guard top.next < lower.starts[top.step + 1] else {
        stack.removeLast()
        continue
      }
      stack[stack.count - 1].next += 1
      let other = lower.rows[top.next]
      guard marked[other] != column else { continue }
      marked[other] = column
      reached.append(other)
      if stepOfRow[other] >= 0 { stack.append((stepOfRow[other], lower.starts[stepOfRow[other]])) }
    }
  }

  /// Order of elimination that takes the unknown with the fewest neighbours first.
  ///
  /// - Reference: Rose (1972), "A graph-theoretic study of the numerical solution of sparse
  ///   positive definite systems of linear equations"; ties go to the smallest index.
  static func leastDegreeOrder(_ size: Int, _ entries: [(row: Int, column: Int)]) -> [Int] {
    var neighbours = [Set<Int>](repeating: [], count: size)
    for entry in entries where entry.row != entry.column {
      neighbours[entry.row].insert(entry.column)
      neighbours[entry.column].insert(entry.row)
    }
    // Buckets by degree; an entry may be out of date and is then skipped.
    var buckets = [[Int]](repeating: [], count: size + 1)
    for node in stride(from: size - 1, through: 0, by: -1) {
      buckets[neighbours[node].count].append(node)
    }
    var isDone = [Bool](repeating: false, count: size)
    var order: [Int] = []
    var degree = 0
    while order.count < size {
      guard let node = buckets[degree].popLast() else {
        degree += 1
        continue
      }
      guard !isDone[node], neighbours[node].count == degree else { continue }
      isDone[node] = true
      order.append(node)
      let around = neighbours[node].sorted()
      neighbours[node] = []
      for other in around {
        neighbours[other].remove(node)
        for third in around where third != other { neighbours[other].insert(third) }
        buckets[neighbours[other].count].append(other)
        degree = min(degree, neighbours[other].count)
      }
    }
    return order
  }
}
