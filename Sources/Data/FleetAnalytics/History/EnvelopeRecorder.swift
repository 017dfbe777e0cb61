// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Records the minimum, mean and maximum of a signal over spans that grow.

/// Records the minimum, mean and maximum of a signal over spans whose length doubles when full.
struct EnvelopeRecorder: Codable, Hashable, Sendable {
  private struct Point: Codable, Hashable, Sendable {
    var index: Int
    var minimum: Double
    var maximum: Double
    var sum: Double
    var count: Int
  }

  private var interval = 1.0
  private var limit: Int
  private var points: [Point] = []

  init(limit: Int) { self.limit = max(2, limit) }

  /// Adds a value with its range; times must not go back.
  mutating func add(time: Double, low: Double, mean: Double, high: Double) {
    guard low.isFinite, mean.isFinite, high.isFinite else { return }
    let index = Int((time / interval).rounded(.down))
    if let last = points.last, last.index == index {
      points[points.count - 1].minimum = min(last.minimum, low)
      points[points.count - 1].maximum = max(last.maximum, high)
      points[points.count - 1].sum += mean
      points[points.count - 1].count += 1
      return
    }
    points.append(Point(index: index, minimum: low, maximum: high, sum: mean, count: 1))
    while points.count > limit { coarsen() }
  }

  private mutating func coarsen() {
    interval *= 2
    var merged: [Point] = []
    merged.reserveCapacity(limit + 1)
    for point in points {
      let index = point.index >> 1
      if let last = merged.last, last.index == index {
        let end = merged.count - 1
        merged[end].minimum = min(last.minimum, point.minimum)
        merged[end].maximum = max(last.maximum, point.maximum)
        merged[end].sum += point.sum
        merged[end].count += point.count
      } else {
        var moved = point
        moved.index = index
        merged.append(moved)
      }
    }
    points = merged
  }

  /// The recorded envelope.
  var envelope: Envelope {
    var result = Envelope()
    result.interval = interval
    result.time = points.map { Double($0.index) * interval }
    result.minimum = points.map(\.minimum)
    result.mean = points.map { $0.sum / Double($0.count) }
    result.maximum = points.map(\.maximum)
    return result
  }
}
