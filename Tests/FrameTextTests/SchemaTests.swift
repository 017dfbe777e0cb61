// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The published schema names every member that frames are written with.

import Foundation
import FrameText
import TelemetryCodec
import TestSupport
import Testing

/// The schema in the documents; a build of the sources alone does not have it.
private enum SchemaFile {
  static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Docs/schema/frame.schema.json")
  static let isThere = FileManager.default.fileExists(atPath: file.path)
}

@Suite("Frame schema", .enabled(if: SchemaFile.isThere, "no folder Docs beside the sources"))
struct SchemaTests {
  private func names(in node: JSONNode, _ names: inout Set<String>) {
    switch node {
    case .object(let members):
      for member in members {
        names.insert(member.name)
        // The members of `exact` are paths.
        if member.name != "exact" { self.names(in: member.value, &names) }
      }
    case .array(let values): for value in values { self.names(in: value, &names) }
    default: break
    }
  }

  @Test("every member of every kind of frame is in the schema")
  func complete() throws {
    let schema = try String(contentsOf: SchemaFile.file, encoding: .utf8)
    #expect(throws: Never.self) {
      try JSONDecoder().decode(JSONValue.self, from: Data(schema.utf8))
    }
    var written: Set<String> = []
    for (edition, command, hex) in AnyFrameTests.units {
      let frame = Frame(
        edition: edition, command: command, identifier: .blank,
        unit: try Hexadecimal.bytes(of: hex))
      names(in: try FrameJSON.render(frame), &written)
    }
    #expect(written.count > 120)
    for name in written.sorted() {
      #expect(schema.contains("\"\(name)\": {"), "\(name) is not in the schema")
    }
  }
}
