// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A safety report as data: what the JSON holds and the page shows.

import BatteryDomain
public import CellAnalytics
public import FleetAnalytics

/// A safety report as data: what the JSON holds and the page shows.
///
/// The JSON form uses snake_case keys and is described by `Docs/schema/report.schema.json`.
/// Times are seconds since the Unix epoch, values are coherent SI unless a key or a unit field
/// names another unit, and a value that is unknown is `null` or left out. The order of every list
/// is defined, so the same inputs give the same bytes.
public struct ReportDocument: Codable, Sendable {
  /// The version of the JSON form that this software writes.
  ///
  /// It grows when a key changes its meaning or goes away; new keys leave it as it is.
  public static let currentSchemaVersion = 1

  /// Version of the JSON form.
  public var schemaVersion: Int
  /// The program that wrote the report.
  public var generator: Generator
  /// When the report was written, in seconds since the Unix epoch; nil for a reproducible report.
  public var generatedAt: Double?
  /// What to do first, in a sentence.
  public var headline: Headline
  /// How many findings there are of each severity.
  public var counts: FindingCounts
  /// All findings of all inputs, the most urgent first.
  public var findings: [RankedFinding]
  /// The analysed files in the order of the call.
  public var inputs: [Input]
  /// The files that could not be analysed, in the order of the call.
  public var failures: [Failure]
  /// The vehicles, in the order of ``inputs``.
  public var vehicles: [VehicleResult]
  /// The cell tests, in the order of ``inputs``.
  public var cellTests: [CellTestResult]
  /// Files below a named folder that hold no table of measurements, in the order of the call.
  public var skipped: [String]
  /// The methods behind the numbers, with their sources.
  public var methods: [MethodNote]
  /// What the report must not be taken for.
  public var notice: String

  /// Puts a document together: ranks all findings, counts them and finds the headline.
  ///
  /// - Parameters:
  ///   - inputs: The analysed files in the order of the call.
  ///   - vehicles: The vehicles among them.
  ///   - cellTests: The cell tests among them.
  ///   - failures: The files that could not be analysed.
  ///   - skipped: Files below a named folder that hold no table of measurements.
  ///   - generatedAt: Time of writing in seconds since the Unix epoch; nil for a reproducible
  ///     document.
  public init(
    inputs: [Input], vehicles: [VehicleResult], cellTests: [CellTestResult],
    failures: [Failure], skipped: [String] = [], generatedAt: Double? = nil
  ) {
    schemaVersion = Self.currentSchemaVersion
    generator = Generator()
    self.generatedAt = generatedAt
    self.inputs = inputs
    self.vehicles = vehicles
    self.cellTests = cellTests
    self.failures = failures
    self.skipped = skipped
    let ofVehicles = vehicles.flatMap { result in
      result.assessment.findings.map { (input: result.input, finding: $0) }
    }
    let ofCells = cellTests.flatMap { result in
      result.assessment.findings.map { (input: result.input, finding: $0) }
    }
    // In the order of the inputs, so that equal findings stand in it too.
    let all = (ofVehicles + ofCells).enumerated()
      .sorted { ($0.element.input, $0.offset) < ($1.element.input, $1.offset) }.map(\.element)
    findings = Self.ranked(all, inputs: inputs)
    counts = FindingCounts(findings)
    headline = Headline(
      findings: findings, inputCount: inputs.count, failureCount: failures.count)
    methods = MethodNote.all
    notice = ProductVersion.notice
  }

  /// Orders findings over all inputs; equal ones keep the order of the inputs.
  private static func ranked(
    _ findings: [(input: Int, finding: Finding)], inputs: [Input]
  ) -> [RankedFinding] {
    findings.enumerated().sorted { lhs, rhs in
      if Finding.ranksAbove(lhs.element.finding, rhs.element.finding) { return true }
      if Finding.ranksAbove(rhs.element.finding, lhs.element.finding) { return false }
      return lhs.offset < rhs.offset
    }.enumerated().map { place, entry in
      RankedFinding(
        rank: place + 1, input: entry.element.input,
        identity: inputs[entry.element.input].identity, finding: entry.element.finding)
    }
  }
}

extension ReportDocument {
  /// The part a finding is about, in words; in a cell test the whole is the cell.
  public func part(_ entry: RankedFinding) -> String {
    inputs[entry.input].kind == .cellTest && entry.finding.subject == .pack
      ? "cell" : entry.finding.subject.label
  }

  /// The analysis of one vehicle.
  public struct VehicleResult: Codable, Sendable {
    /// Index from 0 of the input in ``ReportDocument/inputs``.
    public var input: Int
    /// What the analysis found.
    public var assessment: VehicleAssessment

    /// Joins an analysis with its input.
    public init(input: Int, assessment: VehicleAssessment) {
      self.input = input
      self.assessment = assessment
    }
  }
  /// The analysis of one cell test.
  public struct CellTestResult: Codable, Sendable {
    /// Index from 0 of the input in ``ReportDocument/inputs``.
    public var input: Int
    /// What the analysis found.
    public var assessment: CellTestAssessment

    /// Joins an analysis with its input.
    public init(input: Int, assessment: CellTestAssessment) {
      self.input = input
      self.assessment = assessment
    }
  }
}
