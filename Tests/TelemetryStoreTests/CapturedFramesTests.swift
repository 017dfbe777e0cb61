// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Frames of real vehicles come back byte for byte and take the room that the docs state.

import Foundation
import TelemetryCodec
import TelemetryStore
import TestSupport
import Testing

@Suite struct CapturedFramesTests {
  private static let path = "gb32960_frames/frames.tsv"

  @Test(.enabled(if: Datasets.has(path), Comment(rawValue: Datasets.skipMessage)))
  func `captured frames come back and take at most 38 bytes each`() throws {
    let text = try String(contentsOf: Datasets.file(Self.path), encoding: .utf8)
    let frames = text.split(separator: "\n").dropFirst().enumerated().map { index, line in
      let bytes = ColumnBlockTests.bytes(String(line.split(separator: "\t").last ?? ""))
      let time = (try? Frame(bytes: bytes))?.time?.unixSeconds ?? 0
      return StoredFrame(
        id: Int64(index + 1), collectionTime: time, receiveTime: Double(time),
        command: bytes.count > 2 ? bytes[2] : 0, bytes: bytes)
    }
    #expect(frames.count > 150)
    let block = try ColumnBlock.encode(frames)
    #expect(try ColumnBlock.decode(block) == frames)
    #expect(block.count <= 38 * frames.count)
  }
}
