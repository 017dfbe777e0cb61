// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne convert: writes a table as Battery Data Format CSV or JSON lines.

import ArgumentParser
import BatteryDomain
import BatteryFiles

/// Writes a table as Battery Data Format CSV or JSON lines.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Write a table as Battery Data Format CSV or JSON lines, units and signs unified.",
    discussion: """
      Example:
        anodyne convert CS2_35.xlsx CS2_35.bdf.csv
        anodyne convert B0025.mat B0025.jsonl.gz --table 1

      The ending of OUT decides: .csv or .bdf gives Battery Data Format (charge current \
      positive), .jsonl or .ndjson gives JSON lines in SI (discharge current positive) with the \
      marks of every sample; .gz, .zst or .xz compresses. OUT appears whole or not at all.

      Exit codes: 0 written, 65 bad data in IN, 66 IN cannot be read, 73 OUT cannot be written.
      """)

  @Argument(help: "File to read.", completion: .file())
  var input: String

  @Argument(help: "File to write.", completion: .file())
  var output: String

  @OptionGroup(title: "Reading")
  var reading: ReadArguments

  @Option(help: ArgumentHelp("Which table of a file with several, from 1.", valueName: "number"))
  var table: Int?

  @Flag(help: "Print a JSON object about what was written.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print nothing but errors.")
  var quiet = false

  func validate() throws {
    guard ExportFormat(path: output) != nil else {
      throw ValidationError(
        "The ending of '\(output)' names no format; use .csv, .bdf, .jsonl or .ndjson, "
          + "with .gz, .zst or .xz behind it to compress.")
    }
    if OutputFile.isSame(input, output) {
      throw ValidationError("\(output) is the input; writing it would destroy the measurements.")
    }
    if let table, table < 1 { throw ValidationError("--table counts from 1.") }
  }

  func run() throws {
    guard let format = ExportFormat(path: output) else { throw ExitStatus.usage.exitCode }
    let options = try reading.options()
    var failures = FailureReport()
    var bar = ProgressBar(title: input, quiet: quiet)
    var written: () throws -> Void = {}
    do throws(FileError) {
      let file = try DataFile.open(input, options: options)
      let number = table ?? 1
      guard number <= file.tables.count else {
        throw .unrecognised(
          file: input,
          hint: "it holds \(file.tables.count) table(s), so there is no table \(number)")
      }
      let reader = file.tables[number - 1]
      let rows = try TableWriter.write(reader, to: output, format: format) { bar.update($0) }
      bar.finish()
      written = {
        try tell(rows: rows, columns: reader.schema.columns.count, file: file, number: number)
      }
    } catch {
      bar.finish()
      failures.note(error)
    }
    try failures.finish()
    try written()
  }

  private func tell(rows: Int, columns: Int, file: DataFile, number: Int) throws {
    guard !quiet else { return }
    if json {
      try StandardOutput.write(
        "{\"rows\": \(rows), \"columns\": \(columns), \"table\": \(number), "
          + "\"tables\": \(file.tables.count), \"format\": \"\(file.format)\"}\n")
      return
    }
    var text = "\(output): \(rows) rows, \(columns) columns from \(file.formatTitle)\n"
    if file.tables.count > 1, table == nil {
      text += "\(input) has \(file.tables.count) tables; --table writes another\n"
    }
    try StandardOutput.write(text)
  }
}
