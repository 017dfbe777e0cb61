// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne identify spme: what recordings determine of a single-particle model.

import ArgumentParser
import CellIdentification
import CellModels
import Foundation

/// A single-particle model with electrolyte from a slow test, pulses and discharges.
struct IdentifySingleParticle: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "spme",
    abstract: "What the data determine of a single-particle model with electrolyte.",
    discussion: """
      Example:
        anodyne identify spme 25degC/*C20* 25degC/*HPPC* 25degC/*Cap_1C* 25degC/*Dis_2C* \
      --base chen2020 --validate 25degC/*US06* --output cell.json --report cell.html
        anodyne simulate "Discharge at 1C until 2.8 V" --model spme --parameters cell.json

      Give a C/20 test of one temperature, and pulse tests and discharges at about the same. The \
      slow test tells the window of stoichiometries of both electrodes, by voltage and slope and the \
      potentials of the base set: choose a set of the same materials. The losses are then fitted to \
      the other tests, each number held near the base set as far as the data leave it open. The \
      table says of each whether the data determine it; intervals of 95 % hold what all others may \
      be off, found by moving each number and fitting the others again. A number that the data do \
      not determine and would carry off is held at the base set and named; the intervals of the \
      others count what it may be off. Without a long discharge at C/2 or more the data do not tell \
      how the salt moves, and a warning says so.

      --output is a BPX file of the cell that anodyne simulate and other programs read; it has no \
      heat, which is not identified. --json holds the table.

      Exit codes: 0 done, 64 wrong usage, 65 the data do not hold the parameters or the base set \
      does not fit, 66 a file cannot be read, 73 an output cannot be created.
      """)

  @OptionGroup var arguments: IdentifyArguments

  @Option(
    help: ArgumentHelp(
      "Set of the same materials: \(CellParameters.names.joined(separator: ", ")), or a JSON file "
        + "that anodyne simulate reads.", valueName: "name|FILE.json"))
  var base: String

  @Option(
    name: .customLong("validate"),
    help: ArgumentHelp(
      "A recording to test on and not to fit; may be repeated.", valueName: "data"),
    completion: .file())
  var unfitted: [String] = []

  func validate() throws {
    guard CellParameters.named(base) != nil || base.lowercased().hasSuffix(".json") else {
      throw ValidationError(
        "There is no parameter set '\(base)'; there are "
          + CellParameters.names.joined(separator: ", ") + " and files ending in .json.")
    }
  }

  func run() throws {
    try arguments.check()
    let set = try readBase()
    var bar = ProgressBar(title: "identify", quiet: arguments.quiet)
    let recordings = try arguments.load(arguments.data, &bar, upTo: 0.05)
    let tests = try arguments.loadTests(unfitted, fitted: recordings, &bar, upTo: 0.05)
    let found = try IdentifyArguments.orExit {
      try SingleParticleIdentification(recordings, base: set) { bar.update(0.05 + 0.9 * $0) }
    }
    let validations = try IdentifyArguments.orExit {
      try tests.map { try CircuitValidation(found, on: $0) }
    }
    bar.finish()
    let document = SingleParticleDocument(found, base: set.name, validations: validations)
    let parameters =
      arguments.output == nil ? nil : try IdentifyArguments.orExit { try found.parameters.bpx() }
    try arguments.write(
      json: document.json(), parameters: parameters, page: IdentificationPage.page(document),
      text: document.text)
  }

  private func readBase() throws -> CellParameters {
    if let set = CellParameters.named(base) { return set }
    let data: Data
    do { data = try Data(contentsOf: URL(fileURLWithPath: base)) } catch {
      StandardError.write("anodyne: \(base): cannot be read; name a set or a JSON file\n")
      throw ExitStatus.unreadableInput.exitCode
    }
    do { return try CellParameters(json: data) } catch {
      StandardError.write("anodyne: \(base): \(error)\n")
      throw ExitStatus.badData.exitCode
    }
  }
}
