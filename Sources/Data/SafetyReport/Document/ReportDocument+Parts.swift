// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The parts of a report document that do not depend on a kind of analysis.

public import BatteryDomain

extension ReportDocument {
  /// The program that wrote a report.
  public struct Generator: Codable, Hashable, Sendable {
    /// Name of the program.
    public var name: String
    /// Its version, by semantic versioning.
    public var version: String

    /// Names a generator; the default is this software.
    public init(name: String = ProductVersion.name, version: String = ProductVersion.current) {
      self.name = name
      self.version = version
    }
  }

  /// One sentence that says what to do, and about which battery.
  public struct Headline: Codable, Hashable, Sendable {
    /// The highest severity of all findings; nil if there are none.
    public var severity: Severity?
    /// The sentence.
    public var text: String
    /// The leading finding's title and what else there is, in a second sentence.
    public var detail: String

    /// Creates a headline.
    public init(severity: Severity?, text: String, detail: String) {
      self.severity = severity
      self.text = text
      self.detail = detail
    }
  }

  /// How many findings there are of each severity.
  public struct FindingCounts: Codable, Hashable, Sendable {
    /// Findings that ask to take the battery out of use now.
    public var stop: Int
    /// Findings that ask for an inspection within days.
    public var act: Int
    /// Findings to look at again at the next review.
    public var watch: Int
    /// Findings worth knowing.
    public var note: Int

    /// Counts findings.
    public init(_ findings: [RankedFinding]) {
      stop = findings.count { $0.finding.severity == .stop }
      act = findings.count { $0.finding.severity == .act }
      watch = findings.count { $0.finding.severity == .watch }
      note = findings.count { $0.finding.severity == .note }
    }

    /// The number of findings of a severity.
    public subscript(severity: Severity) -> Int {
      switch severity {
      case .stop: stop
      case .act: act
      case .watch: watch
      case .note: note
      }
    }
  }

  /// What an input was analysed as.
  public enum InputKind: String, CaseIterable, Codable, Hashable, Sendable {
    /// Telemetry of a vehicle or storage pack with per-cell voltages.
    case vehicle
    /// A test of one cell: cycles, pulses, impedance.
    case cellTest = "cell_test"
  }

  /// A file that was analysed.
  public struct Input: Codable, Hashable, Sendable {
    /// The file, as it was named in the call or found below a named folder.
    public var file: String
    /// Name of the recognised format.
    public var format: String
    /// What it was analysed as.
    public var kind: InputKind
    /// What the file is about: a VIN, a cell name or the file's base name.
    public var identity: String
    /// Rows read.
    public var rowCount: Int
    /// Columns of all tables of the file.
    public var columns: [ColumnSchema]
    /// What its times count from.
    public var timeReference: TimeReference
    /// Seconds to add to a time to get the wall clock of the source.
    public var wallClockOffset: Double

    /// Describes an analysed file.
    public init(
      file: String, format: String, kind: InputKind, identity: String, rowCount: Int,
      columns: [ColumnSchema], timeReference: TimeReference, wallClockOffset: Double = 0
    ) {
      self.file = file
      self.format = format
      self.kind = kind
      self.identity = identity
      self.rowCount = rowCount
      self.columns = columns
      self.timeReference = timeReference
      self.wallClockOffset = wallClockOffset
    }
  }

  /// A finding with its place in the order over all inputs.
  public struct RankedFinding: Codable, Hashable, Sendable {
    /// Place in the order, from 1.
    public var rank: Int
    /// Index from 0 of the input in ``ReportDocument/inputs``.
    public var input: Int
    /// What the input is about: a VIN, a cell name or the file's base name.
    public var identity: String
    /// The finding.
    public var finding: Finding

    /// Places a finding.
    public init(rank: Int, input: Int, identity: String, finding: Finding) {
      self.rank = rank
      self.input = input
      self.identity = identity
      self.finding = finding
    }
  }

  /// A file that could not be analysed, with the place and the way out.
  public struct Failure: Codable, Hashable, Sendable {
    /// The file, as it was named in the call or found below a named folder.
    public var file: String
    /// Stable machine name of what is wrong, for example `malformed`.
    public var code: String
    /// Row in the file, counted from 1 with the header, where it is known.
    public var row: Int?
    /// The column, where it is known.
    public var column: String?
    /// What was expected there, where something else was found.
    public var expected: String?
    /// What was found instead.
    public var found: String?
    /// One line with all of it.
    public var message: String
    /// What to do next.
    public var nextStep: String
    /// The exit code this failure asks for: 65 for bad data, 66 for an unreadable file, 70 for a
    /// fault of this program.
    public var exitCode: Int

    /// Describes a failure.
    public init(
      file: String, code: String, row: Int? = nil, column: String? = nil, expected: String? = nil,
      found: String? = nil, message: String, nextStep: String, exitCode: Int
    ) {
      self.file = file
      self.code = code
      self.row = row
      self.column = column
      self.expected = expected
      self.found = found
      self.message = message
      self.nextStep = nextStep
      self.exitCode = exitCode
    }
  }

  /// A method behind the numbers, with its source.
  public struct MethodNote: Codable, Hashable, Sendable {
    /// Name of the method.
    public var name: String
    /// What it does here, and its limits.
    public var description: String
    /// Author, year and identifier.
    public var source: String

    /// Describes a method.
    public init(name: String, description: String, source: String) {
      self.name = name
      self.description = description
      self.source = source
    }
  }
}
