// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of the JSON form of a finding's subject.

import BatteryDomain
import Foundation
import Testing

@Suite("Subject in JSON")
struct SubjectCodableTests {
  @Test(
    "every part survives a round trip",
    arguments: [Subject.pack, .module(3), .cell(82), .probe(1), .channel("T_3")])
  func roundTrip(subject: Subject) throws {
    let data = try JSONEncoder().encode(subject)
    #expect(try JSONDecoder().decode(Subject.self, from: data) == subject)
  }

  @Test("the form is flat and names the part")
  func form() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let text = String(decoding: try encoder.encode(Subject.cell(82)), as: UTF8.self)
    #expect(text == #"{"number":82,"part":"cell"}"#)
  }

  @Test(
    "a part without its number or name is refused",
    arguments: [#"{"part":"cell"}"#, #"{"part":"channel"}"#, #"{"part":"wheel"}"#])
  func incomplete(text: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Subject.self, from: Data(text.utf8))
    }
  }
}
