// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A configuration file: from its text to the image of the core, all faults at once.

import BMSCore
import BatteryDomain
import Foundation
import StructuredInput

/// Reads configuration files of the onboard core.
///
/// A file names the pack, its chemistry and its cell; every field of the core may follow, with the
/// key under which the core shows it. What it does not name comes from the limit tables of the
/// chemistry, from the circuit, and from the defaults of the core. `Docs/bms.md` lists the keys,
/// `Docs/schema/bms-configuration.schema.json` states them for editors.
public enum ConfigurationFile {
  /// Reads a file into the image that the core reads from flash.
  ///
  /// - Parameters:
  ///   - text: YAML or JSON.
  ///   - file: Name for messages; paths inside the file start from its folder.
  ///   - overrides: Values that replace those of the file, by path of keys.
  /// - Returns: The image, which passed every check of the core.
  /// - Throws: `InputFaults` with all faults: file, line, key, value and what is allowed.
  public static func read(
    _ text: String, file: String, overrides: [(path: String, value: String)] = []
  ) throws -> PackImage {
    let document = try InputDocument(text, file: file, overrides: overrides)
    let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
    guard let header = PackHeader(document.root, folder: folder) else {
      try document.finish()
      throw InputFaults([
        InputFault(
          file: file, line: nil, key: "pack", problem: "the counts of cells and probes are needed")
      ])
    }
    var work = ReadingWork(document: document, header: header)
    return try header.size.open(&work)
  }
}

/// Reads all parts of a configuration of known size.
private struct ReadingWork: SizedWork {
  let document: InputDocument
  let header: PackHeader

  mutating func run<let cells: Int, let probes: Int>(
    _ shape: PackShape<cells, probes>.Type
  ) throws -> PackImage {
    let root = document.root
    let tally = ConfigurationReader.Tally()
    var pack = PackShape<cells, probes>.Configuration()
    pack.version = UInt32(root.integer("version", in: 0...Int(UInt32.max), default: 0))
    pack.chemistry = UInt8(root.integer("chemistry", in: 0...255, default: 0))
    readLimits(&pack.limits, root, tally)
    let circuit = tables(root)
    pack.adapt(to: header, circuit: circuit)
    ConfigurationReader.read(&pack.sensing, root.table("sensing"), tally: tally)
    ConfigurationReader.read(&pack.estimation, root.table("estimation"), tally: tally)
    let diagnosis = root.table("diagnosis")
    var facts = PackConfiguration<cells, probes, Double>.facts(
      header, circuit: circuit, limits: pack.limits)
    ConfigurationReader.read(&facts, diagnosis?.table("facts"), tally: tally)
    pack.diagnosis = DiagnosisConfiguration(
      version: pack.version, cells: cells, limits: pack.limits, facts: facts)
    ConfigurationReader.read(&pack.diagnosis, diagnosis, tally: tally, skipping: ["facts"])
    ConfigurationReader.read(&pack.control, root.table("control"), tally: tally)
    ConfigurationReader.read(&pack.supervision, root.table("supervision"), tally: tally)
    if tally.rules == 0, !document.hasFaults, let rule = pack.inconsistency() {
      document.note(rule.sentence, key: "", line: nil)
    }
    try document.finish()
    return try PackImage(pack, name: header.name)
  }

  private func readLimits(
    _ limits: inout SafetyLimits<Double>, _ root: InputTable, _ tally: ConfigurationReader.Tally
  ) {
    let (found, missing) = SafetyLimits.of(
      header.chemistry, charge: header.charge, discharge: header.discharge)
    limits = found
    let table = root.table("limits")
    for key in missing where table?.has(key) != true && table?.has(key + "_celsius") != true {
      let why =
        header.chemistry.map { "the sources state no window for \($0.label)" }
        ?? "no chemistry is stated"
      root.note(
        "\(key) is missing: \(why), so the file must, as [operating, recommended, safety]",
        at: "limits")
    }
    ConfigurationReader.read(&limits, table, tally: tally)
  }

  private func tables(_ root: InputTable) -> CellCircuit<Double>? {
    guard let parameters = header.circuit else { return nil }
    do { return try CellCircuit(parameters.fitted()) } catch {
      root.note("\(error)", at: "circuit")
      return nil
    }
  }
}
