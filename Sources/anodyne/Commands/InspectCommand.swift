// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne inspect: says what a file is.

import ArgumentParser
import BatteryFiles
import Foundation

/// Says what a file is.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Say what a file is: format, columns, units, time span, cells, gaps, bad values.",
    discussion: """
      Example:
        anodyne inspect car2.csv.zip CS2_35.xlsx B0025.mat

      A file that is not recognised can be read with its columns named:
        anodyne inspect log.csv --columns 'time=t[min],voltage=Ucell[mV],current=-I[A]'

      Exit codes: 0 all read, 65 bad data in a file, 66 a file cannot be read.
      """)

  @Argument(help: "Files to look at.", completion: .file())
  var files: [String]

  @OptionGroup(title: "Reading")
  var reading: ReadArguments

  @Flag(help: "Print one JSON array with an object per file.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print nothing but errors.")
  var quiet = false

  func run() throws {
    let options = try reading.options()
    var failures = FailureReport()
    var summaries: [FileSummary] = []
    for file in files {
      var bar = ProgressBar(title: file, quiet: quiet)
      var text = ""
      do throws(FileError) {
        let summary = try FileInspector.inspect(file, options: options) { bar.update($0) }
        bar.finish()
        if json { summaries.append(summary) }
        if !json, !quiet { text = InspectionText.render(summary) }
      } catch {
        bar.finish()
        failures.note(error)
      }
      if !text.isEmpty { try StandardOutput.write(text) }
    }
    if json, !quiet {
      let encoder = JSONEncoder()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try StandardOutput.write(try encoder.encode(summaries) + Data("\n".utf8))
    }
    try failures.finish()
  }
}
