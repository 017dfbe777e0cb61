// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a circuit identification says, as JSON facts and as plain text.

import CellModels
package import Foundation

/// What a circuit identification and its validation say, for people and programs.
package struct CircuitDocument {
  package let found: CircuitIdentification
  package let validations: [CircuitValidation]

  package init(_ found: CircuitIdentification, validations: [CircuitValidation]) {
    self.found = found
    self.validations = validations
  }

  /// Facts as JSON values; intervals are half-widths of 95 %.
  package var facts: [String: Any] {
    let groups = found.groups.map { group -> [String: Any] in
      func series(_ values: [(value: Double, error: Double)]) -> [String: Any] {
        [
          "values": values.map(\.value).map(Self.safe),
          "intervals": values.map { Self.safe(group.intervalFactor * $0.error) },
        ]
      }
      func determined(
        _ values: [[(value: Double, error: Double)]], _ shares: [[Double]]
      ) -> [[String: Any]] {
        zip(values, shares).map { block, shares in
          series(block).merging([
            "determined": shares.map { $0 >= CircuitIdentification.Group.determinedResolution }
          ]) { first, _ in first }
        }
      }
      return [
        "temperature_kelvin": group.temperature, "recordings": group.recordings,
        "samples": group.sampleCount, "rms_volts": group.rootMeanSquare,
        "state_of_charge": group.nodes,
        "time_constant_seconds": group.timeConstants.map(\.value),
        "time_constant_interval_factor": group.timeConstants.map {
          Self.safe(exp(min(50, group.intervalFactor * $0.error)))
        },
        "discharge_ohms": determined(group.discharge, group.resolution.discharge),
        "charge_ohms": determined(group.charge, group.resolution.charge),
        "open_circuit_correction_volts": series(group.openCorrection),
      ]
    }
    return [
      "groups": groups, "notes": found.notes,
      "activation_energy_joules_per_mole": found.activationEnergy,
      "activation_energy_is_identified": found.energyIsIdentified,
      "blocked_errors": found.criteria.map {
        ["pairs": $0.pairs, "rms_volts": Self.safe($0.value)] as [String: Any]
      },
      "open_circuit_tests": found.start.tests.map(OpenCircuitDocument.facts),
      "validation": validations.map(Self.facts),
    ]
  }

  /// The whole result: the circuit with the facts inside it.
  package func json() throws -> Data { try found.parameters.json(identification: facts) }

  static func facts(_ validation: CircuitValidation) -> [String: Any] {
    func values(_ error: CircuitValidation.VoltageError) -> [String: Any] {
      [
        "rms_volts": error.rootMeanSquare, "largest_volts": error.largest,
        "mean_volts": error.mean, "samples": error.count,
      ]
    }
    return [
      "recording": validation.name, "temperature_kelvin": validation.temperature,
      "duration_seconds": validation.duration, "share_reached": validation.reached,
      "circuit": values(validation.error),
      "open_circuit_alone": values(validation.openCircuitError),
      "by_state_of_charge": validation.bands.map { band in
        values(band.error).merging([
          "from": band.range.lowerBound, "to": band.range.upperBound,
        ]) { first, _ in first }
      },
    ]
  }

  /// JSON has no infinity and no NaN.
  static func safe(_ value: Double) -> Any { value.isFinite ? value : NSNull() }

  /// Tables of plain text, 95 columns at most.
  package var text: String {
    let parameters = found.parameters
    var lines = [
      "Capacity \(Self.fixed(parameters.capacity / 3_600, 3)) Ah, "
        + "\(Self.fixed(parameters.lowerCutOff, 2)) to \(Self.fixed(parameters.upperCutOff, 2)) V, "
        + "\(parameters.pairs.count) RC pair(s), hysteresis ±"
        + "\(Self.fixed(1e3 * parameters.hysteresisAmplitude, 1)) mV, activation energy "
        + "\(Self.fixed(found.activationEnergy / 1e3, 1)) kJ/mol"
        + (found.energyIsIdentified ? "" : " (assumed)")
    ]
    if let heat = parameters.heat {
      lines.append(
        "Heat capacity \(Self.fixed(heat.capacity, 1)) J/K, cooling "
          + "\(Self.fixed(heat.conductance, 3)) W/K")
    }
    for group in found.groups {
      lines += ["", heading(group)]
      for (block, values) in group.discharge.enumerated() {
        lines.append(row(block, group, values, group.resolution.discharge[block], charge: nil))
        if block < group.charge.count {
          lines.append(
            row(block, group, group.charge[block], group.resolution.charge[block], charge: true))
        }
      }
    }
    if lines.contains(where: { $0.contains("(") && $0.contains("±") }) {
      lines.append(
        "± is an interval of 95 %; (in brackets): not determined, taken from its neighbours.")
    } else {
      lines.append("± is an interval of 95 %.")
    }
    lines += Self.validationLines(validations)
    lines += extrapolated.map { "Note: \($0)." }
    lines += found.notes.map { "Note: \($0)." }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Recordings that were tested at temperatures beyond those that were fitted, in words.
  package var extrapolated: [String] {
    let temperatures = found.groups.map(\.temperature)
    guard let coldest = temperatures.min(), let warmest = temperatures.max() else { return [] }
    return validations.compactMap { validation in
      let celsius = Self.fixed(validation.temperature - 273.15, 0)
      let isColder = validation.temperature < coldest - 3
      guard isColder || validation.temperature > warmest + 3 else { return nil }
      let limit = Self.fixed((isColder ? coldest : warmest) - 273.15, 0)
      return "\(validation.name): at \(celsius) °C, \(isColder ? "colder" : "warmer") than any "
        + "test that was fitted (\(limit) °C): resistances are extrapolated by Arrhenius' law with "
        + "one energy; add a pulse test there"
    }
  }

  private static let shown = [0.1, 0.3, 0.5, 0.7, 0.9]

  private func heading(_ group: CircuitIdentification.Group) -> String {
    let columns = Self.shown.map { Self.padded("\(Int((100 * $0).rounded())) %", 13) }.joined()
    return Self.left(
      "\(Self.fixed(group.temperature - 273.15, 1)) °C, fit \(Self.fixed(1e3 * group.rootMeanSquare, 1)) mV rms",
      30) + columns
  }

  private func row(
    _ block: Int, _ group: CircuitIdentification.Group, _ values: [(value: Double, error: Double)],
    _ shares: [Double], charge: Bool?
  ) -> String {
    var name = block == 0 ? "R0" : "R\(block)"
    if block > 0, charge == nil {
      let tau = group.timeConstants[block - 1]
      name += ", τ \(Self.fixed(tau.value, tau.value < 10 ? 1 : 0)) s"
      let factor = exp(min(9, group.intervalFactor * tau.error))
      name += " ×÷\(Self.fixed(factor, 2))"
    }
    name += charge == nil ? " mΩ" : " mΩ, charging"
    let cells = Self.shown.map { place -> String in
      let nearest =
        group.nodes.indices.min { abs(group.nodes[$0] - place) < abs(group.nodes[$1] - place) }
        ?? 0
      let value = values[nearest]
      let span = 1e3 * group.intervalFactor * value.error
      let words = "\(Self.fixed(1e3 * value.value, 1)) ±\(Self.fixed(span, 1))"
      let isTold = shares[nearest] >= CircuitIdentification.Group.determinedResolution
      return Self.padded(isTold ? words : "(\(words))", 13)
    }
    return Self.left("  " + name, 30) + cells.joined()
  }

  static func validationLines(_ validations: [CircuitValidation]) -> [String] {
    guard !validations.isEmpty else { return [] }
    var lines = [
      "",
      left("Voltage error, not fitted, mV", 34)
        + ["°C", "rms", "max", "mean", "OCV rms"].map { padded($0, 9) }.joined()
        + "   rms by charge 0·10·20·50·80·100 %",
    ]
    for validation in validations.prefix(60) {
      let numbers = [
        fixed(validation.temperature - 273.15, 1), fixed(1e3 * validation.error.rootMeanSquare, 1),
        fixed(1e3 * validation.error.largest, 0), fixed(1e3 * validation.error.mean, 1),
        fixed(1e3 * validation.openCircuitError.rootMeanSquare, 1),
      ]
      let bands = validation.bands.map {
        padded($0.error.count > 0 ? fixed(1e3 * $0.error.rootMeanSquare, 1) : "–", 6)
      }
      lines.append(
        left("  " + String(validation.name.prefix(31)), 34)
          + numbers.map { padded($0, 9) }.joined() + "  " + bands.joined())
    }
    if validations.count > 1 {
      lines.append(
        left("  all", 34) + padded("", 9)
          + padded(fixed(1e3 * pooled(validations.map(\.error)), 1), 9)
          + padded(fixed(1e3 * (validations.map(\.error.largest).max() ?? 0), 0), 9)
          + padded("", 9)
          + padded(fixed(1e3 * pooled(validations.map(\.openCircuitError)), 1), 9))
    }
    return lines
  }

  /// Root mean square over the samples of several errors.
  static func pooled(_ errors: [CircuitValidation.VoltageError]) -> Double {
    let count = errors.reduce(0) { $0 + $1.count }
    let square = errors.reduce(0) {
      $0 + Double($1.count) * $1.rootMeanSquare * $1.rootMeanSquare
    }
    return (square / Double(max(1, count))).squareRoot()
  }

  static func fixed(_ value: Double, _ digits: Int) -> String {
    value.isFinite ? String(format: "%.\(digits)f", value) : "–"
  }

  static func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(1, width - text.count)) + text
  }

  static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}
