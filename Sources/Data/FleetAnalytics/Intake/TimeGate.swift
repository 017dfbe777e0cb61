// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Which rows may move the analysis on: never back in time, and not on one wild clock.

/// Lets rows through in order of time.
///
/// A row more than a month ahead is believed only after five successive rows agree with it, since
/// one frame with a wrong clock would otherwise shut out everything that follows.
struct TimeGate: Codable, Hashable, Sendable {
  /// Largest step ahead that is believed at once: 31 days, longer than a usual standstill.
  static let believedStep = 31.0 * 86_400
  /// Rows that must agree before a larger step is believed.
  static let witnesses = 5

  /// What became of a row.
  enum Verdict { case accepted, duplicate, late, untimed }

  var last: Double?
  private var pending: Double?
  private var agreeing = 0

  init() {}

  /// Judges the time of the next row.
  mutating func judge(_ time: Double) -> Verdict {
    guard time.isFinite else { return .untimed }
    guard let last else {
      self.last = time
      return .accepted
    }
    if time == last { return .duplicate }
    if time < last { return .late }
    if time - last > Self.believedStep {
      if let pending, time >= pending, time - pending < 86_400 {
        agreeing += 1
      } else {
        agreeing = 1
      }
      pending = time
      guard agreeing >= Self.witnesses else { return .late }
    }
    pending = nil
    agreeing = 0
    self.last = time
    return .accepted
  }
}
