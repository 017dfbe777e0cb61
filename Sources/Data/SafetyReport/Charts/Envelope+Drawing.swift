// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Series thinned for drawing, with their extremes kept.

import FleetAnalytics

extension Envelope {
  /// The envelope with at most `limit` spans: neighbours are merged, extremes kept.
  ///
  /// - Complexity: O(*n*) in the number of spans.
  func thinned(to limit: Int) -> Envelope {
    guard time.count > limit, limit > 0 else { return self }
    let step = (time.count + limit - 1) / limit
    var result = Envelope()
    result.interval = interval * Double(step)
    for start in stride(from: 0, to: time.count, by: step) {
      let range = start..<min(time.count, start + step)
      result.time.append(time[start])
      result.minimum.append(minimum[range].min() ?? .nan)
      result.maximum.append(maximum[range].max() ?? .nan)
      result.mean.append(mean[range].reduce(0, +) / Double(range.count))
    }
    return result
  }

  /// The envelope with an empty span wherever spans are missing, so that lines break there.
  func withBreaks() -> Envelope {
    guard interval > 0, time.count > 1 else { return self }
    var result = Envelope()
    result.interval = interval
    for index in time.indices {
      if index > 0, time[index] - time[index - 1] > 3 * interval {
        result.time.append(time[index - 1] + interval)
        result.minimum.append(.nan)
        result.mean.append(.nan)
        result.maximum.append(.nan)
      }
      result.time.append(time[index])
      result.minimum.append(minimum[index])
      result.mean.append(mean[index])
      result.maximum.append(maximum[index])
    }
    return result
  }
}
