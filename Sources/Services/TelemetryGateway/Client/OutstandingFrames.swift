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

  private(set) var frames: [Frame] = []
  private var headRefusals = 0
  private let attempts: Int

  init(attempts: Int) { self.attempts = attempts }

  var isEmpty: Bool { frames.isEmpty }

  mutating func add(_ more: [Frame]) { frames += more }

  /// Takes an answer; answers come in the order of the requests.
  mutating func take(_ answer: Frame) -> Verdict {
    guard let head = frames.first, answer.isAnswer, answer.command == head.command,
      answer.identifier == head.identifier, answer.time == head.time
    else { return .unexpected }
    if answer.acknowledgement == .success {
      frames.removeFirst()
      headRefusals = 0
      return .acknowledged(head)
    }
    headRefusals += 1
    if headRefusals < attempts { return .refused }
    frames.removeFirst()
    headRefusals = 0
    return .dropped
  }
}
