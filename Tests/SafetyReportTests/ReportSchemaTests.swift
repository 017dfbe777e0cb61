// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests that the published schema is that of the types, and that documents satisfy it.

import Foundation
import SafetyReport
import TestSupport
import Testing

@Suite("Report schema")
struct ReportSchemaTests {
  @Test("the published schema is what the types and the catalogue make")
  func published() throws {
    let text = try PublishedSchema.text()
    if ProcessInfo.processInfo.environment["ANODYNE_WRITE_SCHEMA"] == "1" {
      try text.write(to: PublishedSchema.file, atomically: true, encoding: .utf8)
    }
    let published = try String(contentsOf: PublishedSchema.file, encoding: .utf8)
    // Not compared with #expect(==): the difference of two long texts helps nobody.
    let isSame = published == text
    #expect(
      isSame, "Docs/schema/report.schema.json is behind the types: run Scripts/make-schema.sh")
  }
}
