// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reference and captured frames as JSON: stated values, identical bytes back.

import Foundation
import FrameText
import TelemetryCodec
import TestSupport
import Testing

@Suite(
  "Reference frames as JSON", .enabled(if: Vectors.isThere, Comment(rawValue: Datasets.skipMessage))
)
struct ReferenceTextTests {
  @Test("every reference frame shows its values", arguments: Vectors.named("vectors"))
  func values(vector: JSONValue) throws {
    let frame = try Frame(bytes: Hexadecimal.bytes(of: try #require(vector["hex"]?.string)))
    let text = try FrameJSON.render(frame).text
    let shown = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    guard case .object(let expected)? = vector["expect"] else {
      Issue.record("no expected values")
      return
    }
    for (key, value) in expected where key != "data" {
      #expect(shown[key] == value, "\(key)")
    }
    // Parameters and control are typed here; the vectors carry them as bytes.
    if case .object(let data)? = expected["data"], data["data_hex"] != nil {
      #expect(shown["data"]?["data_hex"] == data["data_hex"])
    } else {
      #expect(shown["data"] == expected["data"])
    }
  }

  @Test("every reference frame comes back from its JSON", arguments: Vectors.named("vectors"))
  func back(vector: JSONValue) throws {
    let bytes = try Hexadecimal.bytes(of: try #require(vector["hex"]?.string))
    let text = try FrameJSON.render(Frame(bytes: bytes)).text
    #expect(try FrameJSON.parse(text).encoded(using: NoProtection()) == bytes)
  }

  @Test("every wrong frame is an object with its named error", arguments: Vectors.named("invalid"))
  func wrong(vector: JSONValue) throws {
    let bytes = try Hexadecimal.bytes(of: try #require(vector["hex"]?.string))
    let error = try #require(throws: CodecError.self) { try Frame(bytes: bytes).decodedUnit() }
    let node = CodecErrorText.json(error)
    #expect(node["error"] == .string(try #require(vector["error"]?.string)))
    #expect(throws: FrameTextError.self) { try FrameJSON.parse(node.text) }
  }
}

@Suite(
  "Captured frames as JSON",
  .enabled(
    if: Datasets.has("gb32960_frames/frames.tsv"), Comment(rawValue: Datasets.skipMessage)))
struct CapturedTextTests {
  @Test("every captured frame comes back from its JSON")
  func back() throws {
    let text = try String(contentsOf: Datasets.file("gb32960_frames/frames.tsv"), encoding: .utf8)
    var count = 0
    for line in text.split(whereSeparator: \.isNewline).dropFirst() {
      let bytes = try Hexadecimal.bytes(of: try #require(line.split(separator: "\t").last))
      let json = try FrameJSON.render(Frame(bytes: bytes)).text
      #expect(try FrameJSON.parse(json).encoded(using: NoProtection()) == bytes)
      count += 1
    }
    #expect(count == 172)
  }
}
