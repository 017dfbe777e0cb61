// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A file error as an entry of a report: place, expectation and way out in fields.

public import BatteryFiles

extension ReportDocument.Failure {
  /// Takes a file error apart into the fields of a report.
  ///
  /// - Parameters:
  ///   - error: What went wrong.
  ///   - file: The file as the call named it.
  public init(_ error: FileError, file: String) {
    var entry = Self(
      file: file, code: "", message: error.message, nextStep: "",
      exitCode: 65)
    switch error {
    case .unreadable:
      entry.code = "unreadable"
      entry.nextStep = "Check the path and the permissions."
      entry.exitCode = 66
    case .empty:
      entry.code = "empty"
      entry.expected = "a header and at least one row"
      entry.nextStep = "Check that the export finished, or leave the file out."
    case .truncated(_, let row, let expected):
      entry.code = "truncated"
      entry.row = row > 0 ? row : nil
      entry.expected = expected
      entry.nextStep = "Copy or export the file again."
    case .unrecognised(_, let hint):
      entry.code = "unrecognised"
      entry.expected = "a table of a known format"
      entry.found = hint
      entry.nextStep =
        "Name the columns with --columns, for example 'time=t[s],voltage=U[mV]'."
    case .malformed(_, let row, let column, let expected, let found):
      entry.code = "malformed"
      entry.row = row
      entry.column = column
      entry.expected = expected
      entry.found = found
      entry.nextStep = "Correct the file at that place, or export it again."
    case .tooLarge(_, let what, let value, let limit):
      entry.code = "too_large"
      entry.expected = "at most \(limit) \(what)"
      entry.found = "\(value)"
      entry.nextStep = "Check the separator, or export only the columns needed."
    case .library(_, let name, let code, let message):
      entry.code = "library"
      entry.found = "\(name), code \(code): \(message)"
      entry.nextStep = "Open the file with the program that wrote it and save it again."
    case .unwritable:
      entry.code = "unwritable"
      entry.nextStep = "Choose another place for the output, or free space there."
      entry.exitCode = 73
    }
    self = entry
  }
}
