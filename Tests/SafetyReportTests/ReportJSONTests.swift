// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of the JSON form: deterministic, finite, and valid against the published schema.

import BatteryDomain
import FleetAnalytics
import Foundation
import SafetyReport
import TestSupport
import Testing

@Suite("Report JSON")
struct ReportJSONTests {
  @Test("the same document gives the same bytes")
  func deterministic() throws {
    #expect(try SyntheticReport.document().json() == SyntheticReport.document().json())
  }

  @Test("keys are snake_case and the findings are ranked over all inputs")
  func form() throws {
    var calm = SyntheticReport.vehicle(identity: "CALM")
    calm.findings = [SyntheticReport.finding(5, severity: .watch, risk: 20)]
    let document = SyntheticReport.document([calm, SyntheticReport.vehicle()])
    let json = try #require(
      try JSONSerialization.jsonObject(with: document.json()) as? [String: Any])
    #expect(json["schema_version"] as? Int == ReportDocument.currentSchemaVersion)
    #expect(json["generated_at"] == nil)
    let findings = try #require(json["findings"] as? [[String: Any]])
    #expect(
      findings.map { $0["identity"] as? String } == [
        "TESTVIN0000000001", "TESTVIN0000000001", "CALM",
      ])
    #expect(findings.map { $0["rank"] as? Int } == [1, 2, 3])
    let first = try #require(findings[0]["finding"] as? [String: Any])
    let subject = try #require(first["subject"] as? [String: Any])
    #expect(subject["part"] as? String == "cell")
    #expect(subject["number"] as? Int == 18)
    #expect(first["control_node"] as? String == "separator")
  }

  @Test("a number that is not finite becomes null, and the report is still written")
  func notFinite() throws {
    var vehicle = SyntheticReport.vehicle()
    vehicle.risk = .nan
    vehicle.series.current.mean[0] = .infinity
    let text = String(decoding: try SyntheticReport.document([vehicle]).json(), as: UTF8.self)
    #expect(text.contains("\"risk\":null"))
    #expect(!text.contains("not-finite"))
    _ = try HTMLReport(document: SyntheticReport.document([vehicle]), chartLibrary: nil).render()
  }

  static let python = Datasets.repositoryRoot.appending(path: ".tools/venv/bin/python")

  @Test(
    "documents satisfy the published schema, by an independent validator",
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: python.path),
      "no Python with jsonschema in .tools/venv: run make setup"))
  func valid() throws {
    var failure = ReportDocument.Failure(
      file: "bad.csv", code: "malformed", message: "bad.csv: row 3: expected a number",
      nextStep: "Correct the file at that place.", exitCode: 65)
    failure.row = 3
    let document = SyntheticReport.document(failures: [failure])
    try Program.withTemporaryFolder { folder in
      let file = folder.appending(path: "report.json")
      try document.json().write(to: file)
      let outcome = try SchemaValidator.validate(file)
      #expect(outcome.status == 0, "\(outcome.errors.suffix(2000))")
    }
  }

  @Test(
    "the validator does refuse a document that breaks the schema",
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: python.path),
      "no Python with jsonschema in .tools/venv: run make setup"))
  func invalid() throws {
    let text = String(decoding: try SyntheticReport.document().json(), as: UTF8.self)
      .replacingOccurrences(of: "\"severity\":\"act\"", with: "\"severity\":\"panic\"")
    try Program.withTemporaryFolder { folder in
      let file = folder.appending(path: "report.json")
      try text.write(to: file, atomically: true, encoding: .utf8)
      #expect(try SchemaValidator.validate(file).status != 0)
    }
  }
}

/// Validates a file against the published schema with the Python package `jsonschema`.
enum SchemaValidator {
  static func validate(_ file: URL) throws -> Program.Outcome {
    let program = """
      import json, sys, jsonschema
      schema = json.load(open(sys.argv[1])); document = json.load(open(sys.argv[2]))
      jsonschema.Draft202012Validator.check_schema(schema)
      errors = list(jsonschema.Draft202012Validator(schema).iter_errors(document))
      for error in errors[:5]:
          print(list(error.absolute_path), error.message[:300], file=sys.stderr)
      sys.exit(1 if errors else 0)
      """
    return try Program.run(
      ReportJSONTests.python, ["-c", program, PublishedSchema.file.path, file.path])
  }
}
