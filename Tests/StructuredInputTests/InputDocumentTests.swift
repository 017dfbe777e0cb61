// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reading settings key by key with all faults at once.

import StructuredInput
import Testing

@Suite struct InputDocumentTests {
  enum Cooling: String, CaseIterable { case air, liquid, immersion }

  @Test func `values are read with their types`() throws {
    let document = try InputDocument(
      """
      name: "rack 7"
      cells: 96
      gap_mm: 2.5
      cooled: yes
      cooling: liquid
      thermal:
        layers: [1, 2, 4]
        barrier: {thickness_mm: 3}
      absent: ~
      """, file: "pack.yaml")
    let root = document.root
    #expect(root.text("name") == "rack 7")
    #expect(root.integer("cells", in: 1...10_000) == 96)
    #expect(root.number("gap_mm", in: 0...100) == 2.5)
    #expect(root.flag("cooled") == true)
    #expect(root.choice("cooling") == Cooling.liquid)
    let thermal = try #require(root.table("thermal"))
    #expect(thermal.numbers("layers", in: 0...10) == [1, 2, 4])
    #expect(thermal.table("barrier")?.number("thickness_mm", in: 0...50) == 3)
    #expect(root.number("absent", in: 0...1, default: 0.5) == 0.5)
    #expect(root.optionalNumber("never", in: 0...1) == nil)
    try document.finish()
  }

  @Test func `all faults are told at once, in the order of lines, with key and limit`() throws {
    let document = try InputDocument(
      """
      cells: many
      gap_mm: 400
      cooling: liqid
      thermal:
        thicknes_mm: 1
      """, file: "pack.yaml")
    let root = document.root
    _ = root.integer("cells", in: 1...10)
    _ = root.number("gap_mm", in: 0...100)
    let cooling: Cooling? = root.choice("cooling")
    #expect(cooling == nil)
    _ = root.table("thermal")?.number("thickness_mm", in: 0...10, default: 1)
    _ = root.text("name")
    let error = #expect(throws: InputFaults.self) { try document.finish() }
    let lines = try #require(error).description.split(separator: "\n").map(String.init)
    #expect(
      lines == [
        "pack.yaml:1: cells: 'many' is not a whole number; one from 1...10 is expected",
        "pack.yaml:1: name: is missing; text is expected",
        "pack.yaml:2: gap_mm: 400 is outside 0.0...100.0",
        "pack.yaml:3: cooling: 'liqid' is not known; did you mean liquid? "
          + "Allowed: air, liquid, immersion",
        "pack.yaml:5: thermal.thicknes_mm: is not a known key; did you mean thickness_mm?",
      ])
  }

  @Test(arguments: [
    ("", "empty"), ("- a\n- b", "not a table"), ("a: [1, 2", "not valid YAML"),
    ("a: 1\na: 2", "written twice"), ("a: *nowhere", "not valid YAML"), ("a: }", "not valid YAML"),
  ])
  func `a text that is no table is refused with a reason`(text: String, reason: String) {
    let error = #expect(throws: InputFaults.self) {
      try InputDocument(text, file: "x.yaml")
    }
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }

  @Test(arguments: ["nan", "inf", "1 mm", "0x10", "[1]", "{a: 1}"])
  func `a number that is none is a fault`(text: String) throws {
    let document = try InputDocument("gap: \(text)", file: "x.yaml")
    let value = document.root.number("gap", in: 0...1)
    #expect(value == 0)
    #expect(throws: InputFaults.self) { try document.finish() }
  }

  @Test func `overrides replace values and make the tables on their way`() throws {
    let document = try InputDocument(
      "a: {b: 1, c: 2}", file: "x.yaml",
      overrides: [("a.b", "7"), ("d.e.f", "yes"), ("a.c", "3")])
    #expect(document.root.table("a")?.numbers("b", in: 0...9) == [7])
    #expect(document.root.table("d")?.table("e")?.flag("f") == true)
  }

  @Test func `JSON is read as well`() throws {
    let document = try InputDocument(#"{"a": {"b": [1, 2.5e0]}}"#, file: "x.json")
    #expect(document.root.table("a")?.numbers("b", in: 0...9) == [1, 2.5])
    try document.finish()
  }

  @Test func `random bytes end in a fault or a table, never in a trap`() {
    var state: UInt64 = 7
    for _ in 0..<2_000 {
      var text = ""
      for _ in 0..<40 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let palette = Array("ab:{}[],-\n  \"'&*!|>%@#?0.~\t")
        text.append(palette[Int(state >> 40) % palette.count])
      }
      if let document = try? InputDocument(text, file: "x") {
        for key in document.root.keys { _ = document.root.value(key)?.list().count }
        try? document.finish()
      }
    }
  }
}
