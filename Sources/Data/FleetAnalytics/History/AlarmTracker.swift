// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The vehicle's own alarms as episodes.

/// The vehicle's own alarms as episodes of one level.
struct AlarmTracker: Codable, Hashable, Sendable {
  /// Rows of one level no further apart than this belong to one episode, in seconds.
  static let joiningGap = 600.0
  /// Most episodes kept of one level; beyond it the two closest are joined.
  static let limit = 200

  /// Episodes of levels 1 to 4, each in order of time.
  private var levels: [[AlarmEpisode]] = [[], [], [], []]
  /// Rows that report a level, 0 included.
  private(set) var reportedRows = 0

  mutating func add(time: Double, level: Double) {
    guard level.isFinite else { return }
    reportedRows += 1
    let number = Int(level)
    guard (1...4).contains(number) else { return }
    let place = number - 1
    if let last = levels[place].last, time - last.span.end <= Self.joiningGap {
      levels[place][levels[place].count - 1].span.end = time
      levels[place][levels[place].count - 1].rows += 1
      return
    }
    levels[place].append(
      AlarmEpisode(level: number, span: TimeSpan(start: time, end: time), rows: 1))
    if levels[place].count > Self.limit { joinClosest(place) }
  }

  private mutating func joinClosest(_ place: Int) {
    let gaps = (1..<levels[place].count).map {
      (gap: levels[place][$0].span.start - levels[place][$0 - 1].span.end, second: $0)
    }
    guard let closest = gaps.min(by: { ($0.gap, $0.second) < ($1.gap, $1.second) }) else { return }
    let removed = levels[place].remove(at: closest.second)
    levels[place][closest.second - 1].span.end = removed.span.end
    levels[place][closest.second - 1].rows += removed.rows
  }

  /// All episodes in order of time.
  var episodes: [AlarmEpisode] {
    levels.joined().sorted { ($0.span.start, $0.level) < ($1.span.start, $1.level) }
  }
}
