// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Where frames become durable, and the same behind a seal.

public import FrameCryptography
import TelemetryCodec
public import TelemetryStore

/// Where frames become durable before they are acknowledged.
public protocol FrameSink: Sendable {
  /// Stores frames and returns once they are durable, with one outcome a frame.
  ///
  /// - Throws: `StoreError`; then none of the frames may be acknowledged.
  func append(_ frames: [NewFrame]) async throws(StoreError) -> [AppendOutcome]
}

extension TelemetryStore: FrameSink {}

/// Seals frames before they reach the store: pseudonyms for VINs, ciphertext for content.
public struct SealingSink: FrameSink {
  /// Longest data unit that can be sealed, in bytes: what a frame can hold, less the 45 bytes that
  /// the seal adds.
  public static let longestUnit = 65_486

  private let sink: any FrameSink
  private let seal: FrameSeal

  /// Puts a seal before a sink.
  public init(_ sink: any FrameSink, seal: FrameSeal) {
    self.sink = sink
    self.seal = seal
  }

  /// Seals and stores; a frame that cannot be sealed is not stored.
  public func append(_ frames: [NewFrame]) async throws(StoreError) -> [AppendOutcome] {
    var sealed: [NewFrame] = []
    sealed.reserveCapacity(frames.count)
    for frame in frames {
      guard let plain = try? Frame(bytes: frame.bytes), let (bytes, unit) = seal.seal(plain) else {
        throw .database(code: -1, message: "a frame could not be sealed")
      }
      sealed.append(
        NewFrame(
          identity: seal.pseudonym(of: frame.identity), collectionTime: frame.collectionTime,
          receiveTime: frame.receiveTime, command: frame.command, bytes: bytes, unit: unit))
    }
    return try await sink.append(sealed)
  }
}

extension FrameSeal {
  /// A stored frame as it was before it was sealed; as it is if it is plain or of another key.
  public func opened(_ frame: StoredFrame) -> StoredFrame {
    guard let plain = open(frame.bytes), let bytes = try? plain.encoded() else { return frame }
    var opened = frame
    opened.bytes = bytes
    return opened
  }
}
