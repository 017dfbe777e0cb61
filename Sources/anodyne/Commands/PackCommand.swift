// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne pack: propagation of thermal runaway through packs.

import ArgumentParser
import BatteryFiles
import Foundation
import PackModels
import StructuredInput

/// Propagation of thermal runaway through packs.
struct PackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pack",
    abstract: "Simulate how thermal runaway spreads through a pack, and how to stop it.",
    discussion: """
      Examples:
        anodyne pack run Examples/packs/module-12.yaml --output run.csv --report run.html
        anodyne pack run pack.yaml --set barrier.thickness_mm=3 --set soc=0.8
        anodyne pack study Examples/packs/module-12.yaml --report study.html
        anodyne pack graph Examples/packs/module-12.yaml --dot graph.dot

      Docs/packs.md lists the keys of a pack file. All faults of a file are told at once with file, \
      line and key.

      Exit codes: 0 done, 64 the command line is wrong, 65 the file is wrong, 66 it cannot be \
      read, 73 output cannot be created.
      """, subcommands: [PackRun.self, PackStudyCommand.self, PackGraph.self])
}

/// The pack file and the values that replace its own.
struct PackInput: ParsableArguments {
  @Argument(help: "Pack file in YAML or JSON.", completion: .file())
  var file: String

  @OptionGroup var overrides: OverrideArguments

  /// The text of the file.
  func text() throws -> String {
    do { return try String(contentsOf: URL(fileURLWithPath: file), encoding: .utf8) } catch {
      StandardError.write(
        "anodyne: \(file): cannot be read: \(error.localizedDescription)\n")
      throw ExitStatus.unreadableInput.exitCode
    }
  }

  /// The pack; all faults are told.
  func pack() throws -> PackDescription {
    let text = try text()
    let replaced = overrides.pairs
    return try Self.telling {
      let document = try InputDocument(text, file: file, overrides: replaced)
      let root = document.root
      let pack = PackDescription(reading: root)
      if let study = root.table("study") { for key in study.keys { _ = study.value(key) } }
      try document.finish()
      guard let pack else { throw InputFaults([]) }
      return pack
    }
  }

  /// Does something that may find faults in a file, tells them, and ends with the right code.
  static func telling<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let faults as InputFaults {
      for fault in faults.faults { StandardError.write("anodyne: \(fault)\n") }
      throw ExitStatus.badData.exitCode
    }
  }
}

/// Checks that outputs can be written before the work that fills them.
func checkOutputs(_ paths: [String?]) throws {
  do {
    for path in paths.compactMap({ $0 }) where path != "-" { try OutputFile.check(path) }
  } catch {
    StandardError.write("anodyne: \(error.message)\n")
    throw ExitStatus(error).exitCode
  }
}

/// Writes bytes to a file, or to the standard output for `-`.
func writeOutput(_ data: Data, to path: String) throws {
  if path == "-" { return try StandardOutput.write(data) }
  do { try OutputFile.write(data, to: path) } catch {
    StandardError.write("anodyne: \(error.message)\n")
    throw ExitStatus(error).exitCode
  }
}
