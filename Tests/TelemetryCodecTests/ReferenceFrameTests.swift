// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Frames with known meaning: decoded values, identical bytes, named errors, exact counts.

import Foundation
import TelemetryCodec
import TestSupport
import Testing

@Suite("Reference frames", .enabled(if: Vectors.isThere, Comment(rawValue: Datasets.skipMessage)))
struct ReferenceFrameTests {
  @Test("every reference frame encodes to the same bytes", arguments: Vectors.named("vectors"))
  func encodes(vector: JSONValue) throws {
    let bytes = bytes(hex: try #require(vector["hex"]?.string))
    var frame = try Frame(bytes: bytes)
    frame.unit = try frame.decodedUnit().encoded(for: frame.edition)
    #expect(try frame.encoded() == bytes)
  }

  @Test("every wrong frame gives its named error", arguments: Vectors.named("invalid"))
  func rejects(vector: JSONValue) throws {
    let bytes = bytes(hex: try #require(vector["hex"]?.string))
    let error = #expect(throws: CodecError.self) { try Frame(bytes: bytes).decodedUnit() }
    #expect(error?.code == vector["error"]?.string)
  }

  @Test("streams give their number of frames for any chunking", arguments: Vectors.named("streams"))
  func streams(vector: JSONValue) throws {
    let chunks = (vector["chunks"]?.array ?? []).compactMap(\.string).map { bytes(hex: $0) }
    let whole = chunks.flatMap { $0 }
    let expected = Int(try #require(vector["frames"]?.number))
    for size in [1, 2, 3, 7, 24, 25, 26, 64, 1_000] {
      var decoder = FrameDecoder()
      var frames = 0
      for start in stride(from: 0, to: whole.count, by: size) {
        decoder.append(whole[start..<min(start + size, whole.count)])
        while decoder.next() != nil { frames += 1 }
      }
      #expect(frames == expected, "chunks of \(size)")
      #expect(decoder.pendingByteCount == 0)
    }
  }

  @Test("the file has what the tests say it has")
  func counts() {
    #expect(Vectors.named("vectors").count >= 65)
    #expect(Vectors.named("invalid").count >= 6)
    #expect(Vectors.named("streams").count >= 4)
  }
}

@Suite(
  "Captured frames",
  .enabled(
    if: Datasets.has("gb32960_frames/frames.tsv"), Comment(rawValue: Datasets.skipMessage)))
struct CapturedFrameTests {
  @Test("every captured frame decodes completely and encodes to the same bytes")
  func roundTrip() throws {
    let text = try String(contentsOf: Datasets.file("gb32960_frames/frames.tsv"), encoding: .utf8)
    var count = 0
    var reports = 0
    for line in text.split(whereSeparator: \.isNewline).dropFirst() {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      let bytes = bytes(hex: String(try #require(fields.last)))
      var frame = try Frame(bytes: bytes)
      let unit = try frame.decodedUnit()
      if case .report(let report) = unit {
        reports += 1
        #expect(report.isComplete)
        #expect(report.time.unixSeconds != nil)
        let types = try report.items.map { String(format: "%02X", try $0.type(in: frame.edition)) }
        #expect(String(fields[1]).hasSuffix(types.joined(separator: "+")))
      }
      frame.unit = try unit.encoded(for: frame.edition)
      #expect(try frame.encoded() == bytes)
      count += 1
    }
    #expect(count == 172)
    #expect(reports > 100)
  }
}
