// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Elimination of block-tridiagonal systems with small dense blocks.

/// Block-tridiagonal systems with small dense blocks, in memory allocated once.
///
/// Row block `i` couples to `i − 1` (``lower(_:)``), itself (``diagonal(_:)``) and `i + 1`
/// (``upper(_:)``); each block is `[blockSize × blockSize]`, row-major. Elimination runs without
/// exchanges between blocks and with partial pivoting inside the diagonal blocks, which suits
/// discretised diffusion.
///
/// - Reference: Golub & Van Loan (2013), "Matrix Computations", section 4.5.1.
public struct BlockTridiagonalFactorization: ~Copyable {
  /// Number of row blocks.
  public let blockCount: Int
  /// Rows of a block.
  public let blockSize: Int
  private let memory: DoubleWorkspace
  private let pivots: UnsafeMutablePointer<Int32>
  private let area: Int

  /// Allocates room for the blocks.
  public init(blockCount: Int, blockSize: Int) {
    self.blockCount = blockCount
    self.blockSize = blockSize
    area = blockSize * blockSize
    memory = DoubleWorkspace(count: 3 * blockCount * area + blockSize)
    let count = max(1, blockCount * blockSize)
    pivots = .allocate(capacity: count)
    pivots.initialize(repeating: 0, count: count)
  }

  deinit { pivots.deallocate() }

  /// Block left of the diagonal in row block `i`.
  public func lower(_ i: Int) -> UnsafeMutablePointer<Double> { memory.base + 3 * i * area }
  /// Diagonal block of row block `i`; overwritten by its factors.
  public func diagonal(_ i: Int) -> UnsafeMutablePointer<Double> {
    memory.base + (3 * i + 1) * area
  }
  /// Block right of the diagonal in row block `i`; overwritten by the elimination.
  public func upper(_ i: Int) -> UnsafeMutablePointer<Double> {
    memory.base + (3 * i + 2) * area
  }

  /// Sets all blocks to zero.
  public func clear() { memory.base.update(repeating: 0, count: 3 * blockCount * area) }

  /// Factors in place.
  ///
  /// - Returns: False when a diagonal block becomes singular.
  /// - Complexity: O(blockCount · blockSize³).
  public func factor() -> Bool {
    let m = blockSize
    let column = memory.base + 3 * blockCount * area
    for i in 0..<blockCount {
      let d = diagonal(i)
      if i > 0 {
        let l = lower(i)
        let w = upper(i - 1)
        for r in 0..<m {
          for k in 0..<m where l[r * m + k] != 0 {
            let factor = l[r * m + k]
            for c in 0..<m { d[r * m + c] -= factor * w[k * m + c] }
          }
        }
      }
      guard factorBlock(d, pivots + i * m) else { return false }
      guard i + 1 < blockCount else { break }
      let u = upper(i)
      for c in 0..<m {
        for r in 0..<m { column[r] = u[r * m + c] }
        solveBlock(d, pivots + i * m, column)
        for r in 0..<m { u[r * m + c] = column[r] }
      }
    }
    return true
  }

  /// Solves in place for `[blockCount × blockSize]` values.
  ///
  /// - Complexity: O(blockCount · blockSize²).
  public func solve(_ x: UnsafeMutablePointer<Double>) {
    let m = blockSize
    for i in 0..<blockCount {
      let here = x + i * m
      if i > 0 {
        let l = lower(i)
        let above = here - m
        for r in 0..<m { for k in 0..<m { here[r] -= l[r * m + k] * above[k] } }
      }
      solveBlock(diagonal(i), pivots + i * m, here)
    }
    for i in stride(from: blockCount - 2, through: 0, by: -1) {
      let here = x + i * m
      let w = upper(i)
      let below = here + m
      for r in 0..<m { for k in 0..<m { here[r] -= w[r * m + k] * below[k] } }
    }
  }

  private func factorBlock(
    _ a: UnsafeMutablePointer<Double>, _ pivots: UnsafeMutablePointer<Int32>
  ) -> Bool {
    let m = blockSize
    for k in 0..<m {
      var best = k
      for r in k..<m where abs(a[r * m + k]) > abs(a[best * m + k]) { best = r }
      pivots[k] = Int32(best)
      if best != k {
        for c in 0..<m { (a[k * m + c], a[best * m + c]) = (a[best * m + c], a[k * m + c]) }
      }
      let pivot = a[k * m + k]
      guard pivot != 0, pivot.isFinite else { return false }
      for r in k + 1..<max(m, k + 1) {
        let factor = a[r * m + k] / pivot
        a[r * m + k] = factor
        for c in k + 1..<m { a[r * m + c] -= factor * a[k * m + c] }
      }
    }
    return true
  }

  private func solveBlock(
    _ a: UnsafeMutablePointer<Double>, _ pivots: UnsafeMutablePointer<Int32>,
    _ x: UnsafeMutablePointer<Double>
  ) {
    let m = blockSize
    for k in 0..<m {
      let other = Int(pivots[k])
      if other != k { (x[k], x[other]) = (x[other], x[k]) }
    }
    for r in 0..<m { for c in 0..<r { x[r] -= a[r * m + c] * x[c] } }
    for r in stride(from: m - 1, through: 0, by: -1) {
      for c in r + 1..<max(m, r + 1) { x[r] -= a[r * m + c] * x[c] }
      x[r] /= a[r * m + r]
    }
  }
}
