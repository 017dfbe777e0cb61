// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The head of a configuration file: which pack, which cell, which circuit.

import BatteryDomain
import CellModels
import Foundation
import StructuredInput

/// What the head of a file says: the facts from which all defaults follow.
struct PackHeader {
  /// Name of the pack.
  var name: String
  /// Counts of cells and probes.
  var size: PackSize
  /// The chemistry; nil where the file states all limits itself.
  var chemistry: Chemistry?
  /// Capacity of a cell position, in ampere-hours.
  var capacity: Double
  /// Greatest continuous charge and discharge current, in amperes.
  var charge: Double
  /// Greatest continuous discharge current, in amperes.
  var discharge: Double
  /// The circuit of a cell position.
  var circuit: CircuitParameters?

  /// Reads the head; nil where the counts are too wrong to go on.
  ///
  /// - Parameters:
  ///   - root: The top level.
  ///   - folder: Folder that paths of the file start from.
  init?(_ root: InputTable, folder: URL) {
    let format = root.integer("format", in: 1...1_000, default: 1)
    if format != 1 {
      root.note("\(format) is not known; this program reads format 1", at: "format")
    }
    name = root.text("name", default: "pack")
    guard let pack = root.table("pack") else {
      if !root.has("pack") {
        root.note("is missing; a table with cells, probes and chemistry is expected", at: "pack")
      }
      return nil
    }
    let cells = pack.integer("cells", in: PackSize.cellRange)
    let probes = pack.integer("probes", in: PackSize.probeRange)
    let known = pack.has("cells") && pack.has("probes")
    let word = pack.text("chemistry", default: "")
    if let found = Chemistry(name: word) {
      chemistry = found
    } else if !word.isEmpty {
      let names = Chemistry.allCases.map(\.rawValue)
      let near = InputTable.nearest(to: word, among: names).map { "did you mean \($0)? " } ?? ""
      pack.note(
        "'\(word)' is not known; \(near)Known: " + names.joined(separator: ", "), at: "chemistry")
    }
    let stated = pack.optionalNumber("capacity_ampere_hours", in: 0.01...10_000)
    circuit = Self.circuit(root, folder: folder, chemistry: chemistry)
    if let circuit, let stated {
      self.circuit = circuit.scaled(toAmpereHours: stated)
    }
    capacity = stated ?? circuit.map { $0.capacity / 3_600 } ?? 50
    charge = pack.number("charge_current_amperes", in: 0.001...100_000, default: capacity)
    discharge = pack.number("discharge_current_amperes", in: 0.001...100_000, default: 3 * capacity)
    guard known, let size = PackSize(cells: cells, probes: probes) else { return nil }
    self.size = size
  }

  /// The circuit that the file names: a file of `anodyne identify ecm`, a published set, or the set
  /// that stands for the chemistry.
  private static func circuit(
    _ root: InputTable, folder: URL, chemistry: Chemistry?
  ) -> CircuitParameters? {
    guard let table = root.table("circuit") else {
      guard let name = chemistry.flatMap(usual) else {
        // A file that states everything, as bms config show prints it, has its tables elsewhere.
        if chemistry == nil, root.has("estimation") { return nil }
        let what = chemistry.map { "no published set stands for \($0.label)" }
        root.note(
          "is missing, and \(what ?? "no chemistry is stated"): name a file of anodyne identify ecm, "
            + "or a set", at: "circuit")
        return nil
      }
      return CellParameters.named(name).flatMap { try? CircuitParameters(reducing: $0) }
    }
    let file = table.text("file", default: "")
    let set = table.text("set", default: "")
    if file.isEmpty == set.isEmpty {
      table.note("names either a file or a set", at: file.isEmpty ? "set" : "file")
      return nil
    }
    do {
      if !file.isEmpty {
        let url = URL(fileURLWithPath: file, relativeTo: folder)
        let data: Data
        do { data = try Data(contentsOf: url) } catch {
          table.note("\(file) cannot be read: \(error.localizedDescription)", at: "file")
          return nil
        }
        return try CircuitParameters(json: data)
      }
      guard let parameters = CellParameters.named(set) else {
        table.note(
          "there is no set '\(set)'; known: " + CellParameters.names.joined(separator: ", "),
          at: "set")
        return nil
      }
      return try CircuitParameters(reducing: parameters)
    } catch {
      table.note("\(file.isEmpty ? set : file): \(error)", at: file.isEmpty ? "set" : "file")
      return nil
    }
  }

  /// The published set that stands for a chemistry where a file names no circuit.
  private static func usual(_ chemistry: Chemistry) -> String? {
    switch chemistry {
    case .lfp: "prada2013"
    case .ncm111, .ncm523, .ncm622: "ecker2015"
    case .ncm811: "chen2020"
    case .siliconGraphite: "chen2020-composite"
    case .lco: "marquis2019"
    default: nil
    }
  }
}

extension CircuitParameters {
  /// The circuit of a larger or smaller cell of the same make: resistances go with the inverse of
  /// the capacity.
  func scaled(toAmpereHours target: Double) -> CircuitParameters {
    let factor = 3_600 * target / capacity
    func map(_ map: CircuitMap) -> CircuitMap {
      CircuitMap(
        temperatures: map.temperatures, nodes: map.nodes,
        discharge: map.discharge.map { $0 / factor }, charge: map.charge.map { $0 / factor },
        activationEnergy: map.activationEnergy)
    }
    var copy = CircuitParameters(
      name: name, source: source, capacity: 3_600 * target, cutOff: lowerCutOff...upperCutOff,
      openCircuit: openCircuit, seriesResistance: map(seriesResistance),
      pairs: pairs.map {
        CircuitPair(resistance: map($0.resistance), timeConstants: $0.timeConstants)
      })
    copy.hysteresisAmplitude = hysteresisAmplitude
    copy.hysteresisRate = hysteresisRate
    return copy
  }
}
