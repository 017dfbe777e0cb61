// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Guessing the next number of a column from those before it and from other columns.

/// How the numbers of a column are guessed in blocks of the second version.
///
/// The guess is a sum of other columns, each with a gain, plus a running distance from it; the
/// fraction that rounding drops tells to which side an error is more likely.
struct ColumnModel: Hashable {
  /// Another column of the same rows that helps.
  struct Source: Hashable {
    /// Its number among the columns of the shape, in the order in which they are coded.
    var column: Int
    /// What one step of it is worth, in 1/65,536.
    var gain: Int64
  }

  /// How the distance from the sources is followed.
  enum Follow: Hashable {
    /// A running mean with the weight 2⁻ᵏ, k from 0 (the last distance) to 8.
    case running(UInt8)
    /// The last number plus the last step.
    case line
    /// There is none: the sources are the guess.
    case exact

    var code: UInt8 {
      switch self {
      case .running(let weight): weight
      case .line: 10
      case .exact: 9
      }
    }

    init?(code: UInt8) {
      switch code {
      case 0...8: self = .running(code)
      case 9: self = .exact
      case 10: self = .line
      default: return nil
      }
    }
  }

  var follow: Follow
  var sources: [Source] = []
  /// The first number.
  var base: Int64

  /// The part of the guess that other columns make, in 1/256; empty without sources.
  ///
  /// - Parameter columns: The sources' numbers, in the order of ``sources``.
  /// - Returns: One part a row.
  func steady(_ columns: [[Int64]]) -> [Int64] {
    guard let first = columns.first else { return [] }
    var sums = [Int64](repeating: 0, count: first.count)
    for (source, column) in zip(sources, columns) {
      let gain = source.gain
      sums.withUnsafeMutableBufferPointer { sums in
        column.withUnsafeBufferPointer { column in
          for row in sums.indices { sums[row] &+= (gain &* column[row]) >> 8 }
        }
      }
    }
    return sums
  }

  /// Errors of the guesses with their contexts.
  ///
  /// - Parameters:
  ///   - values: The column.
  ///   - steady: ``steady(_:)`` of its sources.
  /// - Returns: One residual a row.
  /// - Complexity: O(n).
  func residuals(of values: [Int64], steady: [Int64]) -> CodedResiduals {
    let count = values.count
    var contexts = [UInt8](repeating: 0, count: count)
    var residuals = [UInt64](repeating: 0, count: count)
    var state = State(self, steady: steady.first ?? 0)
    let hasSources = !steady.isEmpty
    values.withUnsafeBufferPointer { values in
      steady.withUnsafeBufferPointer { steady in
        contexts.withUnsafeMutableBufferPointer { contexts in
          residuals.withUnsafeMutableBufferPointer { residuals in
            for row in 0..<count {
              let part = hasSources ? steady[row] : 0
              let guess = state.guess(part)
              residuals[row] = guess.residual(of: values[row])
              contexts[row] = UInt8(truncatingIfNeeded: state.magnitude * 3 + guess.distance)
              state.learn(values[row], part, residuals[row])
            }
          }
        }
      }
    }
    return CodedResiduals(values: residuals, contexts: contexts)
  }

  /// The column that has been coded so.
  ///
  /// - Throws: ``BlockError/malformed(_:)`` if the bytes end too early or too late.
  /// - Complexity: O(n).
  func values(
    count: Int, from bytes: [UInt8], at start: Int, length: Int, _ tables: DecodingTables,
    steady: [Int64]
  ) throws(BlockError) -> [Int64] {
    guard start >= 0, length >= 0, start + length <= bytes.count,
      steady.isEmpty || steady.count == count
    else { throw .malformed("a column outside its piece") }
    var values = [Int64](repeating: 0, count: count)
    var state = State(self, steady: steady.first ?? 0)
    let hasSources = !steady.isEmpty
    let isWhole = bytes.withUnsafeBufferPointer { bytes in
      var decoder = ResidualDecoder(bytes, from: start, length: length)
      tables.slots.withUnsafeBufferPointer { slots in
        tables.codes.withUnsafeBufferPointer { codes in
          tables.map.withUnsafeBufferPointer { map in
            steady.withUnsafeBufferPointer { steady in
              values.withUnsafeMutableBufferPointer { values in
                for row in 0..<count {
                  let part = hasSources ? steady[row] : 0
                  let guess = state.guess(part)
                  let context = Int(map[state.magnitude * 3 + guess.distance])
                  let residual = decoder.next(slots, codes, context: context)
                  values[row] = guess.value(of: residual)
                  state.learn(values[row], part, residual)
                }
              }
            }
          }
        }
      }
      return decoder.isFinished
    }
    guard isWhole else { throw .malformed("a column that does not end where its bytes do") }
    return values
  }

  /// A guess in whole numbers, and which side of it is nearer.
  struct Guess {
    var whole: Int64
    /// Whether the exact guess lies below the whole one.
    var isBelow: Bool
    /// How far the exact guess lies from the whole one, in thirds of a half.
    var distance: Int

    @inline(__always) func residual(of value: Int64) -> UInt64 {
      let error = value &- whole
      return (isBelow ? 0 &- error : error).zigzag
    }

    @inline(__always) func value(of residual: UInt64) -> Int64 {
      let error = Int64(zigzag: residual)
      return whole &+ (isBelow ? 0 &- error : error)
    }
  }

  private struct State {
    private let weight: Int64
    private let kind: Kind
    private enum Kind { case running, line, exact }
    private var running: Int64
    private var step: Int64 = 0
    /// A running mean of the residuals, in sixteenths.
    private var size: UInt64 = 16

    @inline(__always) init(_ model: ColumnModel, steady: Int64) {
      running = model.base &* 256 &- steady
      switch model.follow {
      case .running(let weight):
        self.weight = Int64(weight)
        kind = .running
      case .line:
        weight = 0
        kind = .line
      case .exact:
        weight = 0
        kind = .exact
        running = 0
      }
    }

    @inline(__always) func guess(_ steady: Int64) -> Guess {
      let exact = steady &+ running &+ step
      let whole = (exact &+ 128) >> 8
      let offset = exact &- whole &* 256
      let distance = Int(truncatingIfNeeded: offset.magnitude &* 3) / 129
      return Guess(whole: whole, isBelow: offset < 0, distance: distance)
    }

    /// How large the residuals are of late, from 0 to 5.
    @inline(__always) var magnitude: Int {
      if size < 16 { return size < 6 ? 0 : 1 }
      if size < 36 { return 2 }
      return size < 72 ? 3 : size < 256 ? 4 : 5
    }

    @inline(__always) mutating func learn(_ value: Int64, _ steady: Int64, _ residual: UInt64) {
      size = size &- size >> 3 &+ min(residual, 1 << 20) &* 2
      let distance = value &* 256 &- steady
      switch kind {
      case .running: running = running &+ (distance &- running) >> weight
      case .line:
        step = distance &- running
        running = distance
      case .exact: break
      }
    }
  }
}
