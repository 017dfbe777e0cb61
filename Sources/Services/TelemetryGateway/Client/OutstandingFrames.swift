// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reports on their way: which ones still need an acknowledgement.

import TelemetryCodec

/// Reports on their way, in order; a frame leaves when it is acknowledged or refused for good.
///
/// Kept apart from the connection, so that after a loss the rest is sent again over the next one.
struct OutstandingFrames {
  /// What an answer meant.
  enum Verdict: Hashable {
    case acknowledged(Frame)
    /// Refused, to be tried again over a new connection.
    case refused
    /// Refused as often as allowed, and dropped.
    case dropped
    /// An answer to nothing that is under way.
    case unexpected
  }

  private var all: [Frame] = []
  /// Where the first of ``all`` stands that is not done with.
  private var head = 0
  private var headRefusals = 0
  private let attempts: Int

  init(attempts: Int) { self.attempts = attempts }

  /// The frames that still need an acknowledgement.
  var frames: ArraySlice<Frame> { all[head...] }

  var count: Int { all.count - head }

  var isEmpty: Bool { head == all.count }

  mutating func add(_ more: [Frame]) { all += more }

  /// Takes an answer; answers come in the order of the requests.
  mutating func take(_ answer: Frame) -> Verdict {
    guard let first = frames.first, answer.isAnswer, answer.command == first.command,
      answer.identifier == first.identifier, answer.time == first.time
    else { return .unexpected }
    if answer.acknowledgement == .success {
      removeFirst()
      return .acknowledged(first)
    }
    headRefusals += 1
    if headRefusals < attempts { return .refused }
    removeFirst()
    return .dropped
  }

  private mutating func removeFirst() {
    headRefusals = 0
    head += 1
    guard head == all.count else { return }
    all = []
    head = 0
  }
}
