// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the identification of a single-particle model says, as JSON facts and as plain text.

import CellModels
package import Foundation

/// What the identification of a single-particle model says, for people and programs.
package struct SingleParticleDocument {
  package let found: SingleParticleIdentification
  package let validations: [CircuitValidation]
  package let base: String

  package init(
    _ found: SingleParticleIdentification, base: String, validations: [CircuitValidation]
  ) {
    self.found = found
    self.base = base
    self.validations = validations
  }

  /// The four stoichiometries with their half-widths of 95 %.
  var window: [(name: String, value: Double, span: Double)] {
    let balance = found.balancing.balance
    let values = [
      ("negative, empty", balance.negative.empty), ("negative, full", balance.negative.full),
      ("positive, empty", balance.positive.empty), ("positive, full", balance.positive.full),
    ]
    return zip(values, found.balancing.errors).map {
      ($0.0, $0.1, found.balancing.intervalFactor * $1)
    }
  }

  /// Facts as one JSON document.
  package func json() throws -> Data {
    let document: [String: Any] = [
      "format": "anodyne-single-particle-identification", "version": 1, "base": base,
      "capacity_ampere_hours": found.balancing.capacity / 3_600,
      "stoichiometries": window.map {
        ["name": $0.name, "value": $0.value, "interval": $0.span] as [String: Any]
      },
      "open_circuit_rms_volts": found.balancing.rootMeanSquare,
      "parameters": found.findings.map { finding in
        [
          "name": finding.quantity.rawValue, "value": finding.value, "base": finding.base,
          "state": finding.state.rawValue, "low": CircuitDocument.safe(finding.interval.lowerBound),
          "high": CircuitDocument.safe(finding.interval.upperBound),
          "remaining_uncertainty": finding.remaining,
          "collinearity_index": CircuitDocument.safe(finding.collinearity),
        ] as [String: Any]
      },
      "recordings": found.recordings, "samples": found.samples,
      "temperature_kelvin": found.temperature,
      "rms_volts": found.rootMeanSquare.fitted,
      "rms_volts_of_balanced_base": found.rootMeanSquare.base,
      "validation": validations.map(CircuitDocument.facts), "notes": found.notes,
      "warnings": found.warnings,
    ]
    return try JSONSerialization.data(
      withJSONObject: document, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
  }

  /// What each state of a number means, in words.
  static func words(_ state: SingleParticleIdentification.State) -> String {
    switch state {
    case .determined: "determined"
    case .narrowed: "narrowed, base counts"
    case .held: "not determined"
    }
  }

  /// Tables of plain text, 100 columns at most.
  package var text: String {
    typealias D = CircuitDocument
    var lines = [
      "Capacity \(D.fixed(found.balancing.capacity / 3_600, 3)) Ah; fit "
        + "\(D.fixed(1e3 * found.rootMeanSquare.fitted, 1)) mV rms on \(found.samples) samples "
        + "(balanced \(base): \(D.fixed(1e3 * found.rootMeanSquare.base, 1)) mV)", "",
      D.left("Stoichiometry", 24) + D.padded("value", 10) + D.padded("± 95 %", 10)
        + "   open-circuit voltage within "
        + "\(D.fixed(1e3 * found.balancing.rootMeanSquare, 1)) mV rms",
    ]
    for row in window {
      lines.append(
        D.left("  " + row.name, 24) + D.padded(D.fixed(row.value, 4), 10)
          + D.padded(D.fixed(row.span, 4), 10))
    }
    lines += [
      "",
      D.left("Parameter", 50) + D.padded("value", 11) + D.padded("low 95 %", 11)
        + D.padded("high 95 %", 11) + D.padded("base", 11) + "  data",
    ]
    func number(_ value: Double) -> String { D.padded(String(format: "%.3g", value), 11) }
    for finding in found.findings {
      lines.append(
        D.left("  " + finding.quantity.rawValue, 50) + number(finding.value)
          + number(finding.interval.lowerBound) + number(finding.interval.upperBound)
          + number(finding.base) + "  " + Self.words(finding.state))
    }
    lines += D.validationLines(validations)
    for validation in validations where validation.reached < 1 {
      lines.append(
        "Note: \(validation.name): the model ran out of salt or lithium at "
          + "\(D.fixed(100 * validation.reached, 0)) % of the recording; the error is of that part."
      )
    }
    lines += found.warnings.map { "Warning: \($0)." }
    lines += found.notes.map { "Note: \($0)." }
    return lines.joined(separator: "\n") + "\n"
  }
}
