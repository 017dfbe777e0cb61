// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne parameters: lists, shows, converts and checks parameter sets of cells.

import ArgumentParser
import BatteryFiles
import CellModels
import Foundation

/// Lists, shows, converts and checks parameter sets of cells.
struct ParametersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parameters",
    abstract: "List, show, convert (BPX, PyBaMM's names) and check parameter sets of cells.",
    discussion: """
      Examples:
        anodyne parameters list
        anodyne parameters show marquis2019
        anodyne parameters convert chen2020 chen2020.bpx.json
        anodyne parameters check mine.json

      Exit codes: 0 all well, 64 wrong usage, 65 faults in a file or not expressible as BPX, 66 a \
      file cannot be read, 73 an output cannot be created.
      """,
    subcommands: [List.self, Show.self, Convert.self, Check.self])

  /// The named sets.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the named sets with chemistry and source.",
      discussion: """
        Example:
          anodyne parameters list
        """)

    func run() throws {
      var text = ""
      let width = (CellParameters.names.map(\.count).max() ?? 0) + 2
      for name in CellParameters.names {
        guard let set = CellParameters.named(name) else { continue }
        let indent = String(repeating: " ", count: width)
        text += name + String(repeating: " ", count: width - name.count)
        text += (CellParameters.chemistry(of: name) ?? "") + "\n"
        text += "\(indent)\(set.nominalCapacity / 3_600) Ah, \(set.lowerCutOff) to "
        text += "\(set.upperCutOff) V; \(set.source)\n"
      }
      try StandardOutput.write(text)
    }
  }

  /// The values of a set.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the values of a set with their units.",
      discussion: """
        Examples:
          anodyne parameters show okane2022
          anodyne parameters show cell.bpx.json
        """)

    @Argument(help: "Named set, or file in BPX or PyBaMM's names.", completion: .file())
    var set: String

    func run() throws {
      let set = try ParameterInput.read(set)
      var text = "\(set.name): \(set.source)\n"
      var part = ""
      for line in set.listing {
        if line.part != part {
          part = line.part
          text += "\n\(part)\n"
        }
        let fill = String(repeating: " ", count: max(1, 36 - line.name.count))
        text += "  \(line.name)\(fill)\(line.value)"
        if !line.unit.isEmpty { text += " \(line.unit)" }
        if !line.form.isEmpty { text += " (\(line.form))" }
        text += "\n"
      }
      try StandardOutput.write(text)
    }
  }

  /// A set as BPX.
  struct Convert: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write a named set or a file as BPX.",
      discussion: """
        Examples:
          anodyne parameters convert chen2020 chen2020.bpx.json
          anodyne parameters convert pybamm-names.json cell.json --format bpx

        Solid electrolytes and blends of materials are refused by name.
        """)

    /// Formats that can be written.
    enum Format: String, ExpressibleByArgument, CaseIterable {
      case bpx
    }

    @Argument(help: "Named set, or file in BPX or PyBaMM's names.", completion: .file())
    var input: String

    @Argument(help: "File to write; - for the standard output.", completion: .file())
    var output: String

    @Option(help: "Format of the output.")
    var format = Format.bpx

    func run() throws {
      let set = try ParameterInput.read(input)
      let data: Data
      do {
        data = try set.bpx()
      } catch {
        StandardError.write("anodyne: \(input): \(error)\n")
        throw ExitStatus.badData.exitCode
      }
      if output == "-" { return try StandardOutput.write(data) }
      do throws(FileError) {
        try OutputFile.check(output)
        try OutputFile.write(data, to: output)
      } catch {
        StandardError.write("anodyne: \(error.message)\n")
        throw ExitStatus(error).exitCode
      }
    }
  }

  /// Faults of a file.
  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Tell all faults of a file, or the models it is usable for.",
      discussion: """
        Example:
          anodyne parameters check mine.json
        """)

    @Argument(
      help: "File in BPX or PyBaMM's names, or of an equivalent circuit.",
      completion: .file())
    var file: String

    func run() throws {
      let data = try ParameterInput.data(file)
      if CircuitParameters.isCircuit(json: data) {
        do {
          _ = try CircuitParameters(json: data)
        } catch {
          try StandardOutput.write("\(file): \(error)\n")
          throw ExitStatus.badData.exitCode
        }
        return try StandardOutput.write("\(file): usable for ecm\n")
      }
      let faults = CellParameters.faults(json: data)
      guard faults.isEmpty, let set = try? CellParameters(json: data) else {
        let lines = faults.map { "\(file): \($0)\n" }.joined()
        let count = "\(faults.count) \(faults.count == 1 ? "fault" : "faults")"
        try StandardOutput.write(lines + "\(file): \(count)\n")
        throw ExitStatus.badData.exitCode
      }
      let models = set.usability()
      let usable = models.filter { $0.fault == nil }.map(\.model)
      var text = ""
      for (model, fault) in models {
        if let fault { text += "\(file): not for \(model): \(fault)\n" }
      }
      for note in (try? StateOfChargeWindow(set))?.notes(for: set) ?? [] {
        text += "\(file): \(note)\n"
      }
      if !usable.isEmpty {
        text += "\(file): usable for \(usable.joined(separator: ", "))\n"
      }
      try StandardOutput.write(text)
      if usable.isEmpty { throw ExitStatus.badData.exitCode }
    }
  }
}

/// A set named on the command line.
enum ParameterInput {
  /// The bytes of a file.
  static func data(_ path: String) throws -> Data {
    do { return try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
      StandardError.write("anodyne: \(path): cannot be read\n")
      throw ExitStatus.unreadableInput.exitCode
    }
  }

  /// The named set, or the set in the file.
  ///
  /// - Throws: `ExitCode` 64 for a word that is neither, 65 for faults, 66 for a file out of reach.
  static func read(_ text: String) throws -> CellParameters {
    if let set = CellParameters.named(text) { return set }
    guard text.contains(".") || text.contains("/") else {
      StandardError.write(
        "anodyne: there is no parameter set '\(text)'; there are "
          + CellParameters.names.joined(separator: ", ") + " and files\n")
      throw ExitStatus.usage.exitCode
    }
    let data = try data(text)
    if CircuitParameters.isCircuit(json: data) {
      StandardError.write(
        "anodyne: \(text): is an equivalent circuit; see `anodyne identify ecm --help`\n")
      throw ExitStatus.badData.exitCode
    }
    do { return try CellParameters(json: data) } catch {
      StandardError.write(
        "anodyne: \(text): \(error); `anodyne parameters check` tells all faults\n")
      throw ExitStatus.badData.exitCode
    }
  }
}
