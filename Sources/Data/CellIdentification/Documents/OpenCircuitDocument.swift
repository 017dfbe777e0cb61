// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What slow tests say, as JSON facts and as plain text.

import CellModels
package import Foundation

/// What slow tests say, for people and programs.
package struct OpenCircuitDocument {
  package let tests: [OpenCircuitTest]

  package init(_ tests: [OpenCircuitTest]) { self.tests = tests }

  static func facts(_ test: OpenCircuitTest) -> [String: Any] {
    var facts: [String: Any] = [
      "recording": test.name, "capacity_ampere_hours": test.capacity / 3_600,
      "temperature_kelvin": test.temperature, "current_amperes": test.current,
      "state_of_charge": test.nodes, "open_circuit_volts": test.openCircuit.values,
      "discharge_volts": test.discharge,
      "differential_capacity_peaks_volts": Array(test.differentialPeaks.prefix(5)),
    ]
    if let charge = test.charge { facts["charge_volts"] = charge }
    facts["notes"] = [test.assumption, test.doubt].compactMap { $0 }
    if let offset = test.coulombicOffset { facts["coulombic_offset"] = offset }
    return facts
  }

  /// The tests as one JSON document.
  package func json() throws -> Data {
    try JSONSerialization.data(
      withJSONObject: [
        "format": "anodyne-open-circuit", "version": 1, "tests": tests.map(Self.facts),
      ] as [String: Any], options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
  }

  /// A table of plain text.
  package var text: String {
    typealias D = CircuitDocument
    var lines: [String] = []
    for test in tests {
      lines.append(
        "\(test.name): \(D.fixed(test.capacity / 3_600, 4)) Ah at "
          + "\(D.fixed(test.current, 3)) A and \(D.fixed(test.temperature - 273.15, 1)) °C, from "
          + "\(D.fixed(test.limits.upperBound, 3)) to \(D.fixed(test.limits.lowerBound, 3)) V")
      if let offset = test.coulombicOffset {
        let sign = offset < 0 ? "" : "+"
        lines.append(
          "  coulombic offset \(sign)\(D.fixed(100 * offset, 2)) % (charged against discharged)")
      } else {
        lines.append("  no slow charge: the discharge branch stands for the open-circuit voltage")
      }
      let places = [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95]
      lines.append(
        D.left("  state of charge, %", 26)
          + places.map { D.padded(D.fixed(100 * $0, 0), 8) }.joined())
      lines.append(
        D.left("  open circuit, V", 26)
          + places.map { D.padded(D.fixed(test.openCircuit.value(at: $0), 4), 8) }.joined())
      if let width = test.halfWidth {
        let last = Double(width.count - 1)
        lines.append(
          D.left("  half-width of loop, mV", 26)
            + places.map { D.padded(D.fixed(1e3 * width[Int($0 * last)], 1), 8) }.joined())
      }
      let peaks = test.differentialPeaks.prefix(4).map { D.fixed($0, 3) }
      lines.append("  peaks of dQ/dV at \(peaks.joined(separator: ", ")) V")
      lines += [test.assumption, test.doubt].compactMap { $0 }.map { "Note: \($0)." }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
