// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Repeats the tables of the page of gas and toxic gas, and what the databank and indentation rest on.

import BatteryDomain
import Foundation
import RunawayModels
import TestSupport
import Testing

@Suite("Validation pages of runaway")
struct ValidationPageTests {
  /// Cells of a row of Markdown whose first cell is a name in backticks.
  struct Row {
    let cell: String
    let fields: [String]
    /// The number at the start of a field.
    func number(_ index: Int) -> Double? {
      Double(fields[index].prefix { $0.isNumber || "+-.e".contains($0) })
    }
  }

  static func rows(fieldCount: Int, after heading: String = "") throws -> [Row] {
    let page = Datasets.repositoryRoot.appending(path: "Docs/validation/thermal-runaway-gas.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    let begin = heading.isEmpty ? text.startIndex : text.range(of: heading)?.upperBound
    guard let begin else { return [] }
    var found: [Row] = []
    for line in text[begin...].split(separator: "\n") {
      let fields = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard line.hasPrefix("| `"), fields.count == fieldCount else {
        // A table ends where prose begins.
        if !found.isEmpty, !line.hasPrefix("|") { break }
        continue
      }
      found.append(
        Row(cell: fields[0].replacing("`", with: ""), fields: Array(fields.dropFirst())))
    }
    return found
  }

  @Test("Every row of the calorimeter table is what the model gives")
  func calorimeter() throws {
    let rows = try Self.rows(fieldCount: 5)
    #expect(rows.count == 2 * AbuseCell.all.count)
    for row in rows {
      let cell = try #require(AbuseCell.named(row.cell))
      var simulation = AbuseSimulation(cell: cell, test: .calorimeter(CalorimeterProgram()))
      simulation.condition.stateOfCharge = try #require(row.number(0)) / 100
      let result = simulation.run()
      let place = "\(row.cell), \(row.fields[0])"
      let fast = result.event(.runaway).map { $0.temperature - 273.15 }
      if row.fields[1] == "none" {
        #expect(fast == nil, "\(place)")
      } else {
        #expect(abs(try #require(fast) - (try #require(row.number(1)))) <= 1, "\(place)")
      }
      let peak = result.peakTemperature - 273.15
      #expect(abs(peak - (try #require(row.number(2)))) <= 2, "\(place)")
      #expect(
        abs(result.litresPerAmpereHour - (try #require(row.number(3)))) <= 0.011, "\(place)")
    }
  }

  @Test(
    "Every row of toxic gas in a room is what the model gives",
    arguments: [("room of 30 m³", 30.0), ("cabinet of 1 m³", 1)])
  func toxicGas(heading: String, volume: Double) throws {
    let rows = try Self.rows(fieldCount: 9, after: heading)
    #expect(rows.count == AbuseCell.all.count)
    let gases: [GasSpecies] = [
      .hydrogenFluoride, .carbonMonoxide, .hydrogenSulfide, .sulfurDioxide, .hydrogenCyanide,
    ]
    for row in rows {
      let cell = try #require(AbuseCell.named(row.cell))
      let oven = row.cell.contains("lfp") ? 493.15 : 473.15
      let result = AbuseSimulation(cell: cell, test: .oven(temperature: oven)).run()
      let hazard = Room(volume: volume).hazard(of: result, following: 3_600)
      for (index, gas) in gases.enumerated() {
        let told = try #require(row.number(index))
        #expect(
          abs(hazard.peak(gas) - told) <= 0.06 * max(told, 0.02), "\(row.cell), \(gas)")
      }
      let told = try #require(row.number(5))
      #expect(abs(hazard.peakFlammability - told) <= 0.06 * told, "\(row.cell)")
      let passed = gases.filter { gas in
        gas.toxic.flatMap { hazard.timeOfDanger($0) } != nil
      }
      .map(\.formula).joined(separator: ", ")
      #expect((passed.isEmpty ? "none" : passed) == row.fields[6], "\(row.cell)")
    }
  }

  @Test("Cells of the databank are simulated with the heat that the page says, 13.6 to 13.9 kJ/Ah")
  func databank() throws {
    // Measured medians: 15.1 kJ/Ah below 2.7 Ah, 20.7 above; simulated 13.6 to 13.9 in all.
    for (capacity, mass) in [(2.1, 43.0), (2.6, 45), (3.0, 47), (3.5, 47.5)] {
      var cell = try AbuseCell.read(
        "like: ncm-18650\ncapacity_ah: \(capacity)\nmass_g: \(mass)\nseparator: trilayer\n",
        file: "c.yaml")
      cell.casing.ventFeedback = true
      let result = AbuseSimulation(
        cell: cell, test: .heater(power: 100, patchShare: 0.3, limit: 573.15)
      ).run()
      #expect(result.isRunaway)
      let heat = (result.energies.reactions + result.energies.electrical) / 1e3 / capacity
      #expect((13.5...14).contains(heat), "\(capacity) Ah: \(heat) kJ/Ah")
    }
  }
}
