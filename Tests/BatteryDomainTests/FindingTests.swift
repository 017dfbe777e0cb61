// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of findings: stable JSON, clamped scores and a total order.

import BatteryDomain
import Foundation
import Testing

@Suite("Findings")
struct FindingTests {
  static func sample(subject: Subject = .cell(82), since: Double? = 1_562_889_600) -> Finding {
    Finding(
      kind: "cell_voltage_drift", title: "Cell 82 drifts by −61 mV", subject: subject,
      since: since, severity: .act, confidence: 0.9, risk: 88, controlNode: .separator,
      baseline: "its own median of the first fortnight",
      evidence: [
        Evidence(name: "deviation", value: -61, unit: "mV", reference: -26, note: "n = 412")
      ],
      recommendedAction: "Inspect the module within days.")
  }

  @Test("JSON keys are snake_case and stable")
  func stableKeys() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text = String(decoding: try encoder.encode(Self.sample()), as: UTF8.self)
    #expect(
      text
        == #"{"baseline":"its own median of the first fortnight","confidence":0.9,"control_node":"separator","evidence":[{"name":"deviation","note":"n = 412","reference":-26,"unit":"mV","value":-61}],"kind":"cell_voltage_drift","recommended_action":"Inspect the module within days.","risk":88,"severity":"act","since":1562889600,"subject":{"number":82,"part":"cell"},"title":"Cell 82 drifts by −61 mV"}"#
    )
  }

  @Test(
    "every subject survives a round trip",
    arguments: [.pack, .module(3), .cell(82), .probe(1), .channel("V_\"82\"")] as [Subject])
  func roundTrip(subject: Subject) throws {
    for since in [nil, 1_562_889_600.5] {
      let finding = Self.sample(subject: subject, since: since)
      let data = try JSONEncoder().encode(finding)
      #expect(try JSONDecoder().decode(Finding.self, from: data) == finding)
    }
  }

  @Test("A value that is not finite is written as null and read back as NaN")
  func notFinite() throws {
    let evidence = Evidence(name: "x", value: .infinity, unit: "V", reference: .nan)
    let data = try JSONEncoder().encode(evidence)
    let back = try JSONDecoder().decode(Evidence.self, from: data)
    #expect(back.value.isNaN && back.reference == nil)
  }

  @Test(
    "a finding without baseline or evidence is refused",
    arguments: [("\"b\"", "[]"), ("\"\"", "[{\"name\":\"n\",\"unit\":\"V\",\"value\":1}]")])
  func refused(baseline: String, evidence: String) {
    let text = """
      {"kind":"k","title":"t","subject":{"part":"pack"},"severity":"note","confidence":1,\
      "risk":1,"control_node":"sensing","baseline":\(baseline),"evidence":\(evidence),\
      "recommended_action":"none"}
      """
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Finding.self, from: Data(text.utf8))
    }
  }

  @Test("Scores are clamped at creation and on every later change")
  func clamped() {
    var finding = Self.sample(since: .nan)
    #expect(finding.since == nil)
    finding.risk = 140
    finding.confidence = -2
    #expect(finding.risk == 100 && finding.confidence == 0)
    finding.risk = .nan
    #expect(finding.risk == 0)
  }

  @Test("The onset is shown as ISO 8601")
  func sinceText() {
    #expect(Self.sample().sinceText == "2019-07-12T00:00:00Z")
    #expect(Self.sample(since: nil).sinceText == nil)
  }

  @Test("Severity decides before risk, and cell 9 comes before cell 10")
  func order() {
    var high = Self.sample(subject: .cell(10))
    var low = Self.sample(subject: .cell(9))
    #expect(Finding.ranksAbove(low, high))
    high.severity = .stop
    low.risk = 100
    #expect(Finding.ranksAbove(high, low))
    #expect(Finding.ranked([low, high]) == [high, low])
  }

  @Test("The ranking is a strict weak ordering and ignores the order of its input")
  func strictWeakOrdering() {
    var generator = SplitMix(state: 7)
    let findings = (0..<40).map { _ in Self.random(using: &generator) }
    for a in findings {
      #expect(!Finding.ranksAbove(a, a))
      for b in findings {
        let both = Finding.ranksAbove(a, b) && Finding.ranksAbove(b, a)
        let neither = !Finding.ranksAbove(a, b) && !Finding.ranksAbove(b, a)
        #expect(!both)
        for c in findings {
          if Finding.ranksAbove(a, b) && Finding.ranksAbove(b, c) {
            #expect(Finding.ranksAbove(a, c))
          }
          let equivalent = !Finding.ranksAbove(b, c) && !Finding.ranksAbove(c, b)
          if neither && equivalent {
            #expect(!Finding.ranksAbove(a, c) && !Finding.ranksAbove(c, a))
          }
        }
      }
    }
    let titles = Finding.ranked(findings).map(\.title)
    for _ in 0..<5 {
      #expect(Finding.ranked(findings.shuffled(using: &generator)).map(\.title) == titles)
    }
  }

  /// A finding out of few values, so that ties are common; the title is always distinct.
  private static func random(using generator: inout SplitMix) -> Finding {
    let subjects: [Subject] = [.pack, .cell(2), .cell(10), .probe(2), .channel("a")]
    return Finding(
      kind: ["a", "b"].randomElement(using: &generator) ?? "a",
      title: "\(generator.next())", subject: subjects.randomElement(using: &generator) ?? .pack,
      since: [nil, 1, 2].randomElement(using: &generator) ?? nil,
      severity: Severity.allCases.randomElement(using: &generator) ?? .note,
      confidence: [0.5, 1].randomElement(using: &generator) ?? 1,
      risk: [10, 20, 30].randomElement(using: &generator) ?? 10, controlNode: .sensing,
      baseline: "b", evidence: [Evidence(name: "n", value: 1, unit: "")],
      recommendedAction: "none")
  }
}
