// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Guessing the next number of a column, so that only the error of the guess is stored.

/// How the next number of a column is guessed from those before it.
enum ColumnPredictor: Hashable {
  /// All numbers are equal.
  case constant
  /// The number before.
  case previous
  /// The number before plus the step before: clocks, counters.
  case line
  /// A running mean with the weight 2⁻ᵏ: noisy readings.
  case smooth(UInt8)
  /// The mean of the column's list in this row, plus the column's running distance from it.
  case aroundMean(UInt8)

  /// The number that stands for it in a block.
  var code: UInt8 {
    switch self {
    case .constant: 0
    case .previous: 1
    case .line: 2
    case .smooth(let weight): 0x10 | weight
    case .aroundMean(let weight): 0x20 | weight
    }
  }

  init?(code: UInt8) {
    switch code {
    case 0: self = .constant
    case 1: self = .previous
    case 2: self = .line
    case 0x10...0x18: self = .smooth(code & 0xF)
    case 0x20...0x28: self = .aroundMean(code & 0xF)
    default: return nil
    }
  }

  /// Errors of the guesses.
  ///
  /// - Parameters:
  ///   - values: The column; its first number is guessed as `base`.
  ///   - base: Where guessing begins.
  ///   - means: The means of the list in sixteenths, for ``aroundMean(_:)``.
  /// - Returns: The errors, zigzag.
  func residuals(of values: [Int64], base: Int64, means: [Int64] = []) -> [UInt64] {
    var state = Guess(predictor: self, base: base, mean: means.first ?? 0)
    var result = [UInt64](repeating: 0, count: values.count)
    for index in values.indices {
      let mean = means.isEmpty ? 0 : means[index]
      result[index] = (values[index] &- state.guess(mean)).zigzag
      state.learn(values[index], mean)
    }
    return result
  }

  /// The column that has these errors.
  func values(from residuals: [UInt64], base: Int64, means: [Int64] = []) -> [Int64] {
    var state = Guess(predictor: self, base: base, mean: means.first ?? 0)
    var result = [Int64](repeating: 0, count: residuals.count)
    switch self {
    case .previous:
      var last = base
      for index in residuals.indices {
        last = last &+ Int64(zigzag: residuals[index])
        result[index] = last
      }
    default:
      for index in residuals.indices {
        let mean = means.isEmpty ? 0 : means[index]
        let value = state.guess(mean) &+ Int64(zigzag: residuals[index])
        result[index] = value
        state.learn(value, mean)
      }
    }
    return result
  }

  /// About how many bits the errors need.
  static func cost(_ residuals: [UInt64]) -> Int {
    var cost = 0
    for residual in residuals {
      cost += residual == 0 ? 0 : 65 - residual.leadingZeroBitCount
    }
    return cost
  }

  private struct Guess {
    let predictor: ColumnPredictor
    var last: Int64
    var step: Int64 = 0
    /// Running mean or distance, in steps of 1/256.
    var running: Int64

    init(predictor: ColumnPredictor, base: Int64, mean: Int64) {
      self.predictor = predictor
      last = base
      running =
        if case .aroundMean = predictor { (base &* 16 &- mean) &* 16 } else { base &* 256 }
    }

    @inline(__always) func guess(_ mean: Int64) -> Int64 {
      switch predictor {
      case .constant, .previous: last
      case .line: last &+ step
      case .smooth: (running &+ 128) >> 8
      case .aroundMean: (mean &* 16 &+ running &+ 128) >> 8
      }
    }

    @inline(__always) mutating func learn(_ value: Int64, _ mean: Int64) {
      switch predictor {
      case .constant: break
      case .previous: last = value
      case .line:
        step = value &- last
        last = value
      case .smooth(let weight):
        running = running &+ (value &* 256 &- running) >> Int64(weight)
      case .aroundMean(let weight):
        let distance = (value &* 16 &- mean) &* 16
        running = running &+ (distance &- running) >> Int64(weight)
      }
    }
  }
}
