// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Configuration files: defaults, faults, round trip, examples.

import BMSCore
import BatteryDomain
import CellModels
import Foundation
import OnboardConfiguration
import StructuredInput
import TestSupport
import Testing

@Suite("Configuration files")
struct ConfigurationFileTests {
  private static let examples = ["car-ncm811-96s.yaml", "storage-lfp-16s.yaml"]

  private static func example(_ name: String) throws -> PackImage {
    let url = Datasets.repositoryRoot.appending(path: "Examples/bms/\(name)")
    return try ConfigurationFile.read(
      String(contentsOf: url, encoding: .utf8), file: url.path)
  }

  private func read(_ text: String) throws -> PackImage {
    try ConfigurationFile.read(text, file: "pack.yaml")
  }

  private func faults(_ text: String) -> [InputFault] {
    do {
      _ = try read(text)
      return []
    } catch let error as InputFaults {
      return error.faults
    } catch {
      Issue.record("another error: \(error)")
      return []
    }
  }

  @Test("Examples are read, and what is shown of them reads as the same image", arguments: examples)
  func roundTrip(_ name: String) throws {
    let image = try Self.example(name)
    let shown = try image.yaml()
    #expect(try read(shown).bytes == image.bytes)
    #expect(try read(image.json()).bytes == image.bytes)
    #expect(try PackImage(bytes: image.bytes).bytes == image.bytes)
  }

  @Test("What a file says, and what follows from it, stands in the configuration")
  func values() throws {
    let image = try Self.example("car-ncm811-96s.yaml")
    #expect(image.size == PackSize(cells: 96, probes: 24))
    let pack: PackConfiguration<96, 24, Double> = try image.configuration()
    #expect(pack.version == 3)
    #expect(pack.diagnosis.version == 3)
    #expect(abs(pack.limits.chargeTemperatureUpper.recommended - 316.15) < 1e-3)
    #expect(abs(pack.diagnosis[.chargeOverTemperature].limit.safety - 318.15) < 1e-3)
    #expect(abs(pack.estimation.highestChargeTemperature - 318.15) < 1e-3)
    #expect(abs(pack.diagnosis[.voltageSpread].limit.recommended - 0.15) < 1e-6)
    #expect(pack.diagnosis[.vehicleBusLoss].debounceMilliseconds.safety == 3_000)
    #expect(abs(pack.limits.dischargeCurrent.operating - 250) < 1e-3)
    #expect(abs(pack.diagnosis[.dischargeOverCurrent].limit.safety - 250.0 * 180 / 170) < 1e-2)
    #expect(abs(pack.estimation.circuit.capacity - 180_000) < 1)
    #expect(abs(pack.control.thermal.coolingTarget - 303.15) < 1e-3)
    // A 50 Ah cell of the make of a 5 Ah cell has a tenth of its resistance.
    let small = try CellCircuit(CircuitParameters(reducing: .chen2020).testFit())
    let point = small.point(0.5, temperature: 298.15, discharging: true)
    let factor = small.capacity / 180_000
    #expect(abs(pack.diagnosis.facts.cellResistance / (point.series * factor) - 1) < 0.03)
  }

  @Test("Limits are those of the domain's tables", arguments: Chemistry.allCases)
  func chemistries(_ chemistry: Chemistry) throws {
    let table = LimitSet.defaults(for: chemistry)
    let text = """
      pack: {cells: 4, probes: 2, chemistry: \(chemistry.rawValue), capacity_ampere_hours: 10}
      circuit: {set: chen2020}
      """
    let voltage = table.limits(of: .cellVoltage)
    let warm = table.limits(of: .cellTemperature)
    guard voltage.count == 2, warm.count == 4 else {
      let found = faults(text)
      #expect(!found.isEmpty)
      #expect(found.allSatisfy { $0.problem.contains("the sources state no window") })
      return
    }
    let pack: PackConfiguration<4, 2, Double> = try read(text).configuration()
    let upper = try #require(voltage.first { $0.side == .upper })
    #expect(
      abs(pack.limits.cellVoltageUpper.safety - (upper.safety.value(at: nil) ?? 0)) < 1e-5)
    let cold = try #require(
      warm.first { $0.side == .lower && $0.activities.contains(.charge) })
    #expect(
      abs(pack.limits.chargeTemperatureLower.safety - (cold.safety.value(at: nil) ?? 0)) < 1e-3)
    #expect(abs(pack.control.limits.chargeVoltage - pack.limits.cellVoltageUpper.operating) < 1e-5)
    #expect(pack.inconsistency() == nil)
  }

  @Test("All faults of a file are told at once, with line, key, value and what is allowed")
  func allFaults() throws {
    let found = faults(
      """
      format: 1
      pack:
        cells: 300
        probes: two
        chemistry: nmc8111
      limits:
        cell_voltage_upper: [4.2, 4.1]
        voltage_spread: [0.1, 12, 0.3]
      estimation:
        start_deviaton: 0.1
      control:
        balancing: {hardware: pasive}
      """)
    // Counts that cannot be right end the reading, with what was found so far and the unread keys.
    let keys = Set(found.map(\.key))
    #expect(keys.isSuperset(of: ["pack.cells", "pack.probes", "pack.chemistry"]))
    #expect(found.contains { $0.key == "pack.cells" && $0.line == 3 && $0.problem.contains("256") })
    let more = faults(
      """
      pack: {cells: 8, probes: 2, chemistry: ncm811}
      limits:
        cell_voltage_upper: [4.2, 4.1]
        voltage_spread: [0.1, 12, 0.3]
        temperature_spread: [9, 5, 15]
      estimation:
        start_deviaton: 0.1
      diagnosis:
        rows:
          internal_short: {limits: [500, 100, none], reactions: [[record], [shout], []]}
          interal_short: {}
      control:
        balancing: {hardware: pasive, pause_milliseconds: 20000}
      """)
    func has(_ key: String, _ line: Int, _ word: String) -> Bool {
      more.contains { $0.key == key && $0.line == line && $0.problem.contains(word) }
    }
    #expect(has("limits.cell_voltage_upper", 3, "has 2 values; 3 are expected"))
    #expect(has("limits.voltage_spread[2]", 4, "12 is outside 0.0...10.0"))
    #expect(has("estimation.start_deviaton", 7, "did you mean start_deviation"))
    #expect(has("diagnosis.rows.internal_short.reactions[2][1]", 10, "'shout' is not known"))
    #expect(has("diagnosis.rows.interal_short", 11, "did you mean internal_short"))
    #expect(has("control.balancing.hardware", 13, "did you mean passive"))
    #expect(more.contains { $0.problem.contains("the levels must not lie inside one another") })
    #expect(more.contains { $0.problem.contains("longer than the time it belongs to") })
  }

  @Test("Twice one temperature, a file that is not there and a circuit of two kinds are refused")
  func contradictions() {
    let found = faults(
      """
      pack: {cells: 8, probes: 2, chemistry: lfp}
      circuit: {set: chen2020, file: nowhere.json}
      control:
        thermal: {cooling_target: 303, cooling_target_celsius: 30}
      """)
    #expect(found.contains { $0.key.hasPrefix("circuit") && $0.problem.contains("either") })
    #expect(found.contains { $0.problem.contains("written twice") })
    let absent = faults(
      """
      pack: {cells: 8, probes: 2, chemistry: lfp}
      circuit: {file: nowhere.json}
      """)
    #expect(absent.contains { $0.key == "circuit.file" && $0.problem.contains("cannot be read") })
  }

  @Test("Any seeded tree of wrong values is refused or read, never trapped on")
  func hostile() throws {
    var generator = Seeded(5)
    let words = ["1e99", "-1", "none", "[]", "{}", "nan", "~", "[1, [2]]", "'4'", "true", "\u{1F}"]
    let shown = try Self.example("storage-lfp-16s.yaml").yaml(withMeanings: false)
    var lines = shown.split(separator: "\n").map(String.init)
    for _ in 0..<40 {
      let index = Int.random(in: 4..<lines.count, using: &generator)
      guard let colon = lines[index].firstIndex(of: ":") else { continue }
      let before = lines[index]
      lines[index] =
        before[...colon] + " " + (words.randomElement(using: &generator) ?? "")
      if let image = try? read(lines.joined(separator: "\n")) {
        #expect(throws: Never.self) { try PackImage(bytes: image.bytes) }
      }
      lines[index] = before
    }
  }
}

extension CircuitParameters {
  /// The circuit on one temperature and five nodes, for comparisons at mid charge.
  fileprivate func testFit() -> CircuitParameters {
    let nodes = [0, 0.25, 0.5, 0.75, 1]
    func map(_ map: CircuitMap) -> CircuitMap {
      CircuitMap(
        temperatures: [298.15], nodes: nodes,
        discharge: nodes.map {
          map.value(stateOfCharge: $0, temperature: 298.15, dischargeShare: 1)
        })
    }
    var copy = self
    copy.seriesResistance = map(seriesResistance)
    copy.pairs = []
    return copy
  }
}
