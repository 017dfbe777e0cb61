// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Cuts a byte stream into frames: resynchronising, bounded, linear in time.

/// Cuts a byte stream into frames.
///
/// Append what arrives, then call ``next()`` until it gives nil. The frames depend on the bytes
/// alone, not on how the stream was cut into pieces. A place counts as the start of a frame when its
/// start bytes, command, answer flag, encryption and length are plausible and the check byte fits;
/// otherwise one byte is dropped and the search goes on, so that noise never swallows a good frame.
///
/// After draining, at most one incomplete frame stays in memory. A running exclusive-or per byte makes
/// each check O(1), so the work is linear in the bytes received even for a hostile stream.
public struct FrameDecoder: Sendable {
  /// Longest data unit to accept; a header that states more is not believed.
  public let maximumUnitLength: Int

  /// Bytes dropped because no frame starts at them.
  public private(set) var discardedByteCount = 0
  /// Plausible headers whose check byte did not fit.
  public private(set) var checksumFailureCount = 0
  /// Headers that stated a data unit above the limit.
  public private(set) var oversizedCount = 0
  /// Frames found so far.
  public private(set) var frameCount = 0

  private var buffer: [UInt8] = []
  /// `running[i]` is the exclusive-or of all bytes up to and including `buffer[i]`.
  private var running: [UInt8] = []
  private var start = 0

  /// Creates a decoder.
  ///
  /// - Parameter maximumUnitLength: Longest data unit to accept, by default 16 KiB; cut to what
  ///   the length field can state.
  public init(maximumUnitLength: Int = 16_384) {
    self.maximumUnitLength = max(0, min(maximumUnitLength, Frame.longestUnit))
  }

  /// Bytes that wait for the rest of their frame; more than zero for long means a stalled or false
  /// frame, see ``dropStalled()``.
  public var pendingByteCount: Int { buffer.count - start }

  /// Adds received bytes.
  ///
  /// - Complexity: O(n) in the number of bytes.
  public mutating func append(_ bytes: some Sequence<UInt8>) {
    if start == buffer.count {
      buffer.removeAll(keepingCapacity: true)
      running.removeAll(keepingCapacity: true)
      start = 0
    } else if start >= 4_096, start >= buffer.count / 2 {
      buffer.removeFirst(start)
      running.removeFirst(start)
      start = 0
    }
    let known = buffer.count
    buffer.append(contentsOf: bytes)
    extendRunning(from: known)
  }

  /// Kept apart from the generic `append` so that the loop is compiled for plain arrays.
  private mutating func extendRunning(from known: Int) {
    var state = running.last ?? 0
    running.reserveCapacity(buffer.count)
    for byte in buffer[known...] {
      state ^= byte
      running.append(state)
    }
  }

  /// The next whole frame; nil when more bytes are needed.
  ///
  /// - Complexity: O(n) in the bytes consumed.
  public mutating func next() -> Frame? {
    while true {
      let available = buffer.count - start
      switch verdict(available: available) {
      case .wait: return nil
      case .noFrame: drop(1)
      case .oversized:
        oversizedCount &+= 1
        drop(1)
      case .candidate(let edition, let length):
        let total = Frame.overheadByteCount + length
        guard available >= total else { return nil }
        let check = running[start + total - 2] ^ running[start + 1]
        guard check == buffer[start + total - 1] else {
          checksumFailureCount &+= 1
          drop(1)
          continue
        }
        guard
          let identifier = UniqueIdentifier(bytes: Array(buffer[start + 4..<start + 21]))
        else {
          drop(1)
          continue
        }
        let frame = Frame(
          edition: edition, command: Command(rawValue: buffer[start + 2]),
          acknowledgement: Acknowledgement(rawValue: buffer[start + 3]),
          identifier: identifier, encryption: Encryption(rawValue: buffer[start + 21]),
          unit: Array(buffer[start + 24..<start + total - 1]))
        start += total
        frameCount &+= 1
        return frame
      }
    }
  }

  /// Gives up the incomplete frame at the head and searches on behind its first byte.
  ///
  /// Call it when ``pendingByteCount`` stays above zero longer than the time a frame may take
  /// (30 s by default); then call ``next()`` again.
  public mutating func dropStalled() {
    if pendingByteCount > 0 { drop(1) }
  }

  private enum Verdict {
    case wait
    case noFrame
    case oversized
    case candidate(Edition, length: Int)
  }

  private mutating func drop(_ count: Int) {
    start += count
    discardedByteCount &+= count
  }

  private func verdict(available: Int) -> Verdict {
    guard available >= 1 else { return .wait }
    guard let edition = Edition(rawValue: buffer[start]) else { return .noFrame }
    guard available >= 2 else { return .wait }
    guard buffer[start + 1] == edition.startByte else { return .noFrame }
    guard available >= 3 else { return .wait }
    guard Command(rawValue: buffer[start + 2]).isPlausible else { return .noFrame }
    guard available >= 4 else { return .wait }
    guard Acknowledgement(rawValue: buffer[start + 3]).isPlausible else { return .noFrame }
    guard available >= 22 else { return .wait }
    guard Encryption(rawValue: buffer[start + 21]).isPlausible else { return .noFrame }
    guard available >= Frame.headerByteCount else { return .wait }
    let length = Int(buffer[start + 22]) << 8 | Int(buffer[start + 23])
    guard length <= maximumUnitLength else { return .oversized }
    return .candidate(edition, length: length)
  }
}
