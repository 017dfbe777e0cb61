// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Sparse elimination against dense elimination, on networks and on circuits.

import AllocationCounter
import NumericalMethods
import Testing

@Suite("Sparse factorisation")
struct SparseFactorizationTests {
  typealias Entries = [(row: Int, column: Int)]

  /// Largest difference from dense elimination on the values set, relative to the solution.
  func differenceFromDense(
    _ sparse: inout SparseFactorization, _ entries: Entries, _ right: [Double]
  ) -> Double {
    let size = sparse.size
    let dense = DenseFactorization(size: size)
    for (slot, entry) in entries.enumerated() {
      dense.matrix[entry.row * size + entry.column] += sparse.values[slot]
    }
    var x = right
    var y = right
    guard sparse.factor(), dense.factor() else { return .infinity }
    sparse.solve(&x)
    dense.solve(&y)
    let scale = y.map(abs).max() ?? 0
    return (zip(x, y).map { abs($0 - $1) }.max() ?? .infinity) / scale
  }

  @Test("Random sparse systems agree with dense elimination, with zeros on the diagonal too")
  func random() {
    var random = Xoshiro256(seed: 41)
    for trial in 0..<60 {
      let size = 1 + trial
      var entries: Entries = []
      // A permutation keeps the matrix regular; one in two trials has no diagonal at all.
      let shift = trial % 2 == 0 ? 0 : 1 + trial / 2
      for row in 0..<size { entries.append((row, (row + shift) % size)) }
      for _ in 0..<3 * size {
        let row = Int.random(in: 0..<size, using: &random)
        let column = Int.random(in: 0..<size, using: &random)
        if shift == 0 || row != column { entries.append((row, column)) }
      }
      var sparse = SparseFactorization(size: size, entries: entries)
      // The second and third time the pattern is reused with other values.
      for _ in 0..<3 {
        for slot in entries.indices {
          sparse.values[slot] = random.nextNormal() + (slot < size ? 10 : 0)
        }
        let right = (0..<size).map { _ in random.nextNormal() }
        let difference = differenceFromDense(&sparse, entries, right)
        #expect(difference < 1e-10, "size \(size)")
      }
      #expect(sparse.pivotSearches == 1)
    }
  }

  /// A plane of thermal nodes with conductances to the neighbours.
  func plane(_ side: Int) -> Entries {
    var entries: Entries = []
    for y in 0..<side {
      for x in 0..<side {
        let node = y * side + x
        entries.append((node, node))
        if x + 1 < side { entries += [(node, node + 1), (node + 1, node)] }
        if y + 1 < side { entries += [(node, node + side), (node + side, node)] }
      }
    }
    return entries
  }

  @Test("A thermal network of 1,600 nodes is solved to rounding with little fill")
  func network() {
    let side = 40
    let size = side * side
    let entries = plane(side)
    var sparse = SparseFactorization(size: size, entries: entries)
    for (slot, entry) in entries.enumerated() {
      sparse.values[slot] = entry.row == entry.column ? 4.1 : -1
    }
    // A known solution: the right side is the matrix times it.
    let solution = (0..<size).map { Double($0 % 17) - 8 }
    var right = [Double](repeating: 0, count: size)
    for (slot, entry) in entries.enumerated() {
      right[entry.row] += sparse.values[slot] * solution[entry.column]
    }
    let isRegular = sparse.factor()
    #expect(isRegular)
    sparse.solve(&right)
    let worst = zip(right, solution).map { abs($0 - $1) }.max() ?? .infinity
    #expect(worst < 1e-11)
    // A band as wide as the plane would hold 2·40·1600 = 128,000.
    #expect(sparse.fill < 60_000)
  }

  @Test(
    "Factoring again and solving allocate nothing",
    .enabled(if: anodyne_allocation_count() >= 0, "allocations are counted on glibc alone"))
  func allocations() {
    let entries = plane(10)
    var sparse = SparseFactorization(size: 100, entries: entries)
    var right = [Double](repeating: 1, count: 100)
    var counts: [Int] = []
    for trial in 0..<3 {
      for (slot, entry) in entries.enumerated() {
        sparse.values[slot] = entry.row == entry.column ? 5 + Double(trial) : -1
      }
      let before = anodyne_allocation_count()
      let isRegular = sparse.factor()
      sparse.solve(&right)
      let after = anodyne_allocation_count()
      #expect(isRegular)
      counts.append(after - before)
    }
    #expect(counts[0] > 0, "the first time finds the pattern")
    #expect(counts[2] == 0)
  }

  @Test("A pivot that has vanished is replaced, and a singular matrix is told")
  func pivots() {
    // A circuit: a source between two nodes puts a zero on the diagonal.
    let entries: Entries = [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 1), (0, 2), (2, 0)]
    var sparse = SparseFactorization(size: 3, entries: entries)
    func set(_ values: [Double]) {
      for (slot, value) in values.enumerated() { sparse.values[slot] = value }
    }
    set([2, -1, -1, 3, 1, 1, 0.5, 0.5])
    let first = differenceFromDense(&sparse, entries, [1, 2, 3])
    #expect(first < 1e-12)
    set([0, -1, -1, 0, 1, 1, 0.5, 0.5])
    let second = differenceFromDense(&sparse, entries, [1, 2, 3])
    #expect(second < 1e-12)
    #expect(sparse.pivotSearches == 2)
    sparse.clear()
    let regular = sparse.factor()
    #expect(!regular)
    set([2, -1, -1, .nan, 1, 1, 0.5, 0.5])
    let finite = sparse.factor()
    #expect(!finite)
    set([2, -1, -1, 3, 1, 1, 0.5, 0.5])
    let again = differenceFromDense(&sparse, entries, [1, 2, 3])
    #expect(again < 1e-12, "it recovers")
  }
}
