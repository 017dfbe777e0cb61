// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Frames of real vehicles and the reference vectors through a platform's connection.

import Foundation
import FrameCryptography
import TelemetryCodec
import TelemetryGateway
import TelemetryStore
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct RecordedFrameTests {
  private static let captures = "gb32960_frames/frames.tsv"

  private func settings() -> GatewaySettings {
    GatewaySettings(
      port: 0,
      access: AccessRegistry(platforms: [
        "centre": AccessRegistry.Platform(
          password: PasswordHash(of: "open sesame", iterations: 10),
          vehicles: [VehiclePattern("*")].compactMap { $0 })
      ]))
  }

  /// Sends frames through one connection, cut at odd places; each has its answer and is stored as it
  /// came, once.
  private func pass(_ frames: [Frame]) async throws -> [Frame] {
    let sink = BrittleSink()
    let refused = try await withGateway(store: sink, settings: settings()) { gateway in
      try await RawPeer.with(port: gateway.port) {
        (peer: inout RawPeer) async throws -> [Frame] in
        var refused: [Frame] = []
        #expect(try await peer.ask(try platformLogin()).acknowledgement == .success)
        var bytes = try frames.flatMap { try $0.encoded() }[...]
        var random = SystemLikeGenerator(state: 11)
        while !bytes.isEmpty {
          let count = Int.random(in: 1...3_000, using: &random)
          try await peer.send(Array(bytes.prefix(count)))
          bytes = bytes.dropFirst(count)
        }
        for frame in frames {
          let answer = try #require(try await peer.next())
          #expect(answer.command == frame.command)
          #expect(answer.identifier == frame.identifier)
          if answer.acknowledgement != .success { refused.append(frame) }
        }
        return refused
      }
    }
    let stored = await Set(sink.stored.map(\.bytes))
    for frame in frames where !refused.contains(frame) {
      // A unit that came before under another command is a duplicate.
      let bytes = try frame.encoded()
      var other = frame
      other.command = frame.command == .realTimeReport ? .reissuedReport : .realTimeReport
      #expect(try stored.contains(bytes) || stored.contains(other.encoded()))
    }
    return refused
  }

  private func upward(_ hex: [String]) throws -> [Frame] {
    try hex.compactMap { text -> Frame? in
      let frame = try Frame(bytes: try #require(Digest.bytes(hexadecimal: text)))
      return !frame.isAnswer && (1...4).contains(frame.command.rawValue) ? frame : nil
    }
  }

  @Test(.enabled(if: Datasets.has(RecordedFrameTests.captures), "data set absent"))
  func `every frame captured from real vehicles is stored as it came`() async throws {
    let text = try String(contentsOf: Datasets.file(Self.captures), encoding: .utf8)
    let frames = try upward(
      text.split(separator: "\n").dropFirst().map { String($0.split(separator: "\t")[2]) })
    #expect(frames.count > 150)
    #expect(try await pass(frames).isEmpty)
  }

  @Test(.enabled(if: Vectors.isThere, "data set absent"))
  func `every reference frame is stored, but for those without a real time or a key`() async throws
  {
    let frames = try upward(Vectors.named("vectors").compactMap { $0["hex"]?.string })
    #expect(frames.count >= 40)
    for frame in try await pass(frames) {
      #expect(frame.encryption != .none || frame.time?.unixSeconds == nil)
    }
  }
}
