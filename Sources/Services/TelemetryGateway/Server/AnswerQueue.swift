// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The answers that one connection is due, in the order of its frames.

package import NIOCore
package import TelemetryCodec

/// The answers that one connection is due, in the order of its frames: some can be sent as they are,
/// others wait until their frame is durable.
///
/// What waits is bounded by ``limit``: a peer whose first frame waits for a slow disk could otherwise
/// ask for the time again and again, and each answer would be kept.
package struct AnswerQueue: Sendable {
  /// Answers that may wait before the connection is no longer read. One round of reads may bring as many
  /// frames as it has room for on top.
  package static let limit = 1_024

  private enum Due: Sendable {
    case ready(Frame)
    case pending(Frame)
  }

  private var due: [Due] = []

  /// Creates an empty queue.
  package init() {}

  /// How many answers wait.
  package var count: Int { due.count }
  /// Whether as many wait as may.
  package var isFull: Bool { due.count >= Self.limit }

  /// Adds an answer that can be sent as soon as those before it are.
  package mutating func add(_ answer: Frame) { due.append(.ready(answer)) }

  /// Adds an answer that waits until its frame is durable.
  package mutating func addPending(_ answer: Frame) { due.append(.pending(answer)) }

  /// Drops all of them.
  package mutating func removeAll() { due = [] }

  /// Takes the answers that can be sent.
  ///
  /// - Parameters:
  ///   - count: How many frames have become durable, or have failed to.
  ///   - isStored: Whether they are durable; otherwise their answers tell an error.
  /// - Returns: The bytes to send; nil when there is nothing to.
  /// - Complexity: O(n) in the answers that wait.
  package mutating func take(stored count: Int, isStored: Bool) -> ByteBuffer? {
    var rest = count
    var end = 0
    var bytes = ByteBuffer()
    queue: while end < due.count {
      var answer: Frame
      switch due[end] {
      case .ready(let frame): answer = frame
      case .pending(let frame):
        guard rest > 0 else { break queue }
        rest -= 1
        answer = frame
        if !isStored { answer.acknowledgement = .error }
      }
      if let encoded = try? answer.encoded() { bytes.writeBytes(encoded) }
      end += 1
    }
    guard end > 0 else { return nil }
    due.removeFirst(end)
    return bytes
  }
}
