// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Scenario files, shares of faults, vehicles that do not depend on one another.

import FleetSimulator
import Foundation
import StructuredInput
import TestSupport
import Testbed
import Testing

@Suite("Scenarios of simulated fleets")
struct FleetScenarioTests {
  @Test("the example is read, and every fault has its share", arguments: [50, 100, 350])
  func example(count: Int) throws {
    let file = Datasets.repositoryRoot.appending(path: "Examples/fleet/winter.yaml")
    let scenario = try FleetScenario(
      String(contentsOf: file, encoding: .utf8), file: "winter.yaml")
    #expect(scenario.faults.count == 5)
    #expect(scenario.radio.tunnel == 30...1_800)
    #expect(abs(scenario.usage.meanAmbient - 281.15) < 1e-9)
    let vehicles = scenario.vehicles(count: count, start: 1_767_225_600, seed: 9)
    for fault in scenario.faults {
      let wanted = max(1, Int((fault.share * Double(count)).rounded()))
      let have = vehicles.count { vehicle in
        vehicle.faults.contains { Self.word($0.kind) == Self.word(fault.kind) }
      }
      #expect(have == wanted)
    }
    for vehicle in vehicles {
      #expect(vehicle.faults.allSatisfy { $0.onset >= 1_767_225_600 })
    }
  }

  private static func word(_ kind: InjectedFault.Kind) -> Substring {
    "\(kind)".prefix { $0 != "(" }
  }

  @Test("faults sit at different places in different vehicles")
  func places() {
    var scenario = FleetScenario()
    scenario.faults = [
      .init(
        share: 1, kind: .internalShort(cell: 1, resistance: 100, halvingDays: 1), onsetDay: 0)
    ]
    let cells = Set(
      scenario.vehicles(count: 60, start: 0, seed: 3).flatMap(\.faults).map(\.subject))
    #expect(cells.count > 30)
  }

  @Test("VINs have 17 characters and differ")
  func identities() {
    #expect(FleetScenario.identity(0) == "ANSIM000000000001")
    #expect(FleetScenario.identity(999_999).count == 17)
  }

  @Test("everything wrong in a file is told at once")
  func faults() throws {
    let text = """
      name: x
      pack: {modules: 50, cells_per_module: 50}
      radio: {tunnel_s: [10], breaks_per_day: -1}
      faults:
        - {kind: internal_shot, share: 0.1}
        - {kind: weak_cell, share: 2}
      weather: bad
      """
    do {
      _ = try FleetScenario(text, file: "f.yaml")
      Issue.record("nothing was wrong")
    } catch {
      for part in [
        "at most 1000 fit a report", "two numbers are expected", "breaks_per_day",
        "internal_short", "share", "weather",
      ] { #expect(error.description.contains(part), "\(part): \(error.description)") }
    }
  }
}
