// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The sections of a page about its inputs.

import BatteryDomain

extension HTMLReport {
  /// One section for each input, the most urgent first.
  func subjectSections() -> [SubjectSection] {
    // The page stays of one size: the more inputs, the fewer points a line.
    let inputs = max(1, document.inputs.count)
    let pointLimit = max(100, min(1500, 12_000 / inputs))
    var sections: [(input: Int, section: SubjectSection)] = []
    for vehicle in document.vehicles {
      let section = VehicleSection(
        assessment: vehicle.assessment, input: document.inputs[vehicle.input],
        pointLimit: pointLimit)
      sections.append((vehicle.input, section.section(id: Self.sectionID(vehicle.input))))
    }
    for test in document.cellTests {
      let section = CellSection(
        assessment: test.assessment, input: document.inputs[test.input], pointLimit: pointLimit)
      sections.append((test.input, section.section(id: Self.sectionID(test.input))))
    }
    // Findings are ranked over all inputs, so their order is that of the sections.
    var order: [Int: Int] = [:]
    for entry in document.findings where order[entry.input] == nil {
      order[entry.input] = order.count
    }
    return sections.sorted {
      (order[$0.input] ?? .max, $0.input) < (order[$1.input] ?? .max, $1.input)
    }.map(\.section)
  }
}
