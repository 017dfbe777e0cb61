// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Capacity over cycles: what trends, knees and forecasts are made from.

import NumericalMethods

/// Capacity over cycles under like conditions, with its baseline and its end of life.
public struct CapacitySeries: Codable, Hashable, Sendable {
  /// Numbers of the cycles, ascending.
  public var cycle: [Double]
  /// Capacities in coulombs.
  public var capacity: [Double]
  /// Capacity that counts as 100 % in coulombs.
  public var baseline: Double
  /// Where the baseline comes from.
  public var baselineText: String
  /// Capacity at which life ends in coulombs.
  public var endOfLife: Double

  /// Creates a series.
  ///
  /// - Parameters:
  ///   - cycle: Numbers of the cycles, ascending.
  ///   - capacity: Capacities in coulombs.
  ///   - nominal: Nominal capacity in coulombs; nil takes the baseline from the first cycles: the
  ///     median of the three highest of the first ten.
  ///   - endOfLife: Capacity at which life ends in coulombs; nil takes `share` of the baseline.
  ///   - share: Share of the baseline at which life ends.
  public init(
    cycle: [Double], capacity: [Double], nominal: Double? = nil, endOfLife: Double? = nil,
    share: Double = 0.8
  ) {
    precondition(cycle.count == capacity.count, "one capacity per cycle is needed")
    self.cycle = cycle
    self.capacity = capacity
    if let nominal {
      baseline = nominal
      baselineText = "stated nominal capacity"
    } else {
      let first = capacity.prefix(10).sorted(by: >).prefix(3)
      baseline = RobustStatistics.median(Array(first))
      baselineText = "median of the three highest of the first \(min(10, capacity.count)) cycles"
    }
    self.endOfLife = endOfLife ?? share * baseline
  }

  /// The last capacity in relation to the baseline: median of the last three.
  public var stateOfHealth: Double {
    RobustStatistics.median(Array(capacity.suffix(3))) / baseline
  }

  /// The first cycle with a capacity below a limit; nil when none is.
  public func firstCycle(below limit: Double) -> Int? {
    zip(cycle, capacity).first { $0.1 < limit }.map { Int($0.0) }
  }

  /// The cycle at which life ended: the first below ``endOfLife`` whose next two are not both above.
  public var endOfLifeCycle: Int? {
    for index in capacity.indices where capacity[index] < endOfLife {
      let next = capacity[(index + 1)...].prefix(2)
      if next.count < 2 || next.contains(where: { $0 < endOfLife }) { return Int(cycle[index]) }
    }
    return nil
  }

  /// The series up to and including a cycle.
  public func prefix(through last: Double) -> CapacitySeries {
    var shorter = self
    let count = cycle.firstIndex { $0 > last } ?? cycle.count
    shorter.cycle = Array(cycle.prefix(count))
    shorter.capacity = Array(capacity.prefix(count))
    return shorter
  }
}
