// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of `anodyne analyze` as a person sees it: outputs, exit codes, bad input.

import Foundation
import TestSupport
import Testing

@Suite("anodyne analyze")
struct AnalyzeCommandTests {
  private func write(_ content: Data, _ name: String, in folder: URL) throws -> String {
    let file = folder.appending(path: name)
    try content.write(to: file)
    return file.path
  }

  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test("a good file gives a table, a page and JSON, and exit code 0")
  func good() throws {
    try Program.withTemporaryFolder { folder in
      let file = try write(Data(MeasurementFiles.vehicle().utf8), "vehicle.csv", in: folder)
      let page = folder.appending(path: "report.html")
      let data = folder.appending(path: "report.json")
      let outcome = try Program.run(
        ["analyze", file, "--report", page.path, "--json", data.path],
        environment: ["SOURCE_DATE_EPOCH": "1700000000"])
      #expect(outcome.status == 0)
      #expect(outcome.output.contains("1 input, 240 rows"))
      #expect(!outcome.output.contains("\u{1B}["), "no colours into a pipe")
      let html = try String(contentsOf: page, encoding: .utf8)
      #expect(html.hasPrefix("<!DOCTYPE html>"))
      let document = try json(String(contentsOf: data, encoding: .utf8))
      #expect(document["generated_at"] as? Double == 1_700_000_000)
      let inputs = try #require(document["inputs"] as? [[String: Any]])
      #expect(inputs.first?["row_count"] as? Int == 240)
      #expect(inputs.first?["kind"] as? String == "vehicle")
    }
  }

  @Test("--json - gives JSON alone; the same input gives the same bytes")
  func streamed() throws {
    try Program.withTemporaryFolder { folder in
      let file = try write(Data(MeasurementFiles.vehicle().utf8), "vehicle.csv", in: folder)
      let environment = ["SOURCE_DATE_EPOCH": "0"]
      let first = try Program.run(["analyze", file, "--json", "-"], environment: environment)
      let second = try Program.run(["analyze", file, "--json", "-"], environment: environment)
      #expect(first.status == 0 && first.errors.isEmpty)
      #expect(first.output == second.output)
      _ = try json(first.output)
    }
  }

  @Test("--quiet prints nothing")
  func quiet() throws {
    try Program.withTemporaryFolder { folder in
      let file = try write(Data(MeasurementFiles.vehicle().utf8), "vehicle.csv", in: folder)
      let outcome = try Program.run(["analyze", file, "--quiet"])
      #expect(outcome.status == 0)
      #expect(outcome.output.isEmpty && outcome.errors.isEmpty)
    }
  }

  @Test(
    "a bad file gives one clear line and its exit code, never a crash",
    arguments: MeasurementFiles.bad)
  func bad(file: MeasurementFiles.Bad) throws {
    try Program.withTemporaryFolder { folder in
      let path = folder.appending(path: file.name).path
      if let content = file.content() { _ = try write(content, file.name, in: folder) }
      let outcome = try Program.run(["analyze", path, "--json", "-"])
      #expect(outcome.status == file.status)
      let lines = outcome.errors.split(separator: "\n")
      #expect(lines.count == 1)
      #expect(lines.first?.hasPrefix("anodyne: \(path): ") == true)
      #expect((lines.first?.count ?? 0) < 1000)
      let failures = try #require(try json(outcome.output)["failures"] as? [[String: Any]])
      #expect(failures.count == 1)
      let code = try #require(failures.first?["code"] as? String)
      #expect(file.codes.contains(code), "\(code): \(lines)")
      #expect(failures.first?["next_step"] as? String != "")
    }
  }

  @Test("bad files among good ones stop none of them, and the report names them all")
  func together() throws {
    try Program.withTemporaryFolder { folder in
      var paths = [
        try write(Data(MeasurementFiles.vehicle().utf8), "first.csv", in: folder)
      ]
      for file in MeasurementFiles.bad {
        if let content = file.content() { _ = try write(content, file.name, in: folder) }
        paths.append(folder.appending(path: file.name).path)
      }
      paths.append(try write(Data(MeasurementFiles.vehicle(rows: 90).utf8), "last.csv", in: folder))
      let page = folder.appending(path: "report.html")
      let outcome = try Program.run(
        ["analyze", "--json", "-", "--report", page.path] + paths)
      #expect(outcome.status == 65)
      let document = try json(outcome.output)
      let inputs = try #require(document["inputs"] as? [[String: Any]])
      #expect(inputs.map { $0["row_count"] as? Int } == [240, 90])
      let failures = try #require(document["failures"] as? [[String: Any]])
      #expect(failures.map { $0["file"] as? String } == paths.dropFirst().dropLast().map { $0 })
      let html = try String(contentsOf: page, encoding: .utf8)
      for file in MeasurementFiles.bad { #expect(html.contains(file.name)) }
      #expect(
        outcome.errors.split(separator: "\n").filter { $0.contains("anodyne: /") }.count
          == failures.count)
    }
  }

  @Test("only unreadable files: exit code 66")
  func unreadable() throws {
    let outcome = try Program.run(["analyze", "/nonexistent/a.csv", "/nonexistent/b.csv"])
    #expect(outcome.status == 66)
    #expect(outcome.errors.split(separator: "\n").count == 2)
  }

  @Test("a folder is searched through; what is no measurement is passed over")
  func folder() throws {
    try Program.withTemporaryFolder { folder in
      let inner = folder.appending(path: "a/b")
      try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
      _ = try write(Data(MeasurementFiles.vehicle().utf8), "deep.csv", in: inner)
      _ = try write(Data("Dear colleague,\nhello.\n".utf8), "letter.csv", in: folder)
      _ = try write(Data("# Notes\n".utf8), "README.md", in: folder)
      let outcome = try Program.run(["analyze", folder.path, "--json", "-"])
      #expect(outcome.status == 0)
      let document = try json(outcome.output)
      let inputs = try #require(document["inputs"] as? [[String: Any]])
      #expect(inputs.map { $0["file"] as? String } == ["\(folder.path)/a/b/deep.csv"])
      #expect(document["skipped"] as? [String] == ["\(folder.path)/letter.csv"])
    }
  }

  @Test("without the chart library the page is written, with a warning that says what to do")
  func withoutLibrary() throws {
    try Program.withTemporaryFolder { folder in
      let file = try write(Data(MeasurementFiles.vehicle().utf8), "vehicle.csv", in: folder)
      let page = folder.appending(path: "report.html")
      let outcome = try Program.run(
        ["analyze", file, "--report", page.path],
        environment: ["ANODYNE_PLOTLY": folder.appending(path: "none.js").path])
      #expect(outcome.status == 0)
      #expect(outcome.errors.contains("make setup"))
      #expect(try String(contentsOf: page, encoding: .utf8).contains("Findings by urgency"))
    }
  }

  @Test("a place that cannot be written is known before the work: exit code 73")
  func unwritable() throws {
    try Program.withTemporaryFolder { folder in
      let file = try write(Data(MeasurementFiles.vehicle().utf8), "vehicle.csv", in: folder)
      let outcome = try Program.run(
        ["analyze", file, "--report", "\(folder.path)/none/report.html"])
      #expect(outcome.status == 73)
      #expect(outcome.errors.split(separator: "\n").count == 1)
    }
  }

  @Test(
    "wrong usage is refused with exit code 64",
    arguments: [
      ["analyze"], ["analyze", "a.csv", "--report", "a.csv"],
      ["analyze", "a.csv", "--report", "x", "--json", "x"], ["analyze", "a.csv", "--cutoff", "-3"],
      ["analyze", "a.csv", "--end-of-life", "-1"],
      ["analyze", "a.csv", "--columns", "nonsense"], ["analyze", "a.csv", "--report", "-"],
    ])
  func usage(arguments: [String]) throws {
    let outcome = try Program.run(arguments)
    #expect(outcome.status == 64)
    #expect(!outcome.errors.isEmpty)
  }

  @Test("--help has examples and exit codes")
  func help() throws {
    let outcome = try Program.run(["analyze", "--help"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("anodyne analyze car2.csv --report report.html"))
    #expect(outcome.output.contains("Exit codes"))
  }

  @Test("an input is never overwritten through another name")
  func protectsInput() throws {
    try Program.withTemporaryFolder { folder in
      let file = try write(Data(MeasurementFiles.vehicle().utf8), "vehicle.csv", in: folder)
      let link = folder.appending(path: "link.html")
      try FileManager.default.createSymbolicLink(
        at: link, withDestinationURL: URL(fileURLWithPath: file))
      let outcome = try Program.run(["analyze", file, "--report", link.path])
      #expect(outcome.status == 64)
    }
  }
}
