// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Writes an equivalent circuit as its JSON document.

public import Foundation

extension CircuitParameters {
  /// The document that ``init(json:)`` reads, with sorted keys.
  ///
  /// - Parameter identification: Facts about how the numbers were found, a JSON object that readers
  ///   ignore; nil for none.
  /// - Returns: The document as UTF-8.
  /// - Throws: An error of `JSONSerialization` when the facts are not valid JSON values.
  public func json(identification: [String: Any]? = nil) throws -> Data {
    let open = openCircuit.curve.values
    var circuit: [String: Any] = [
      "state_of_charge": open.indices.map {
        Self.rounded(Double($0) / Double(open.count - 1))
      },
      "voltage_volts": open.map { Self.rounded($0) },
      "reference_temperature_kelvin": openCircuit.referenceTemperature,
    ]
    if let entropy = openCircuit.entropyCoefficient {
      circuit["entropy_volts_per_kelvin"] = open.indices.map {
        Self.rounded(entropy.value(at: Double($0) / Double(open.count - 1)))
      }
    }
    var document: [String: Any] = [
      "format": Self.formatName, "version": Self.formatVersion, "name": name, "source": source,
      "capacity_ampere_hours": Self.rounded(capacity / 3_600),
      "nominal_capacity_ampere_hours": Self.rounded(nominalCapacity / 3_600),
      "lower_voltage_volts": lowerCutOff, "upper_voltage_volts": upperCutOff,
      "ambient_temperature_kelvin": ambientTemperature, "open_circuit": circuit,
      "hysteresis": [
        "amplitude_volts": Self.rounded(hysteresisAmplitude), "rate": hysteresisRate,
      ],
      "series_resistance": Self.object(seriesResistance),
      "pairs": pairs.map { pair in
        Self.object(pair.resistance).merging([
          "time_constant_seconds": pair.timeConstants.map { Self.rounded($0) }
        ]) { first, _ in first }
      },
    ]
    if let heat, heat.capacity.isFinite {
      var facts = [
        "capacity_joules_per_kelvin": Self.rounded(heat.capacity),
        "conductance_watts_per_kelvin": Self.rounded(heat.conductance),
      ]
      if let coreSurface {
        facts["surface_capacity_joules_per_kelvin"] = Self.rounded(
          coreSurface.surfaceShare * heat.capacity)
        facts["internal_conductance_watts_per_kelvin"] = Self.rounded(
          coreSurface.internalConductance)
        facts["surface_heat_share"] = Self.rounded(coreSurface.surfaceHeatShare)
      }
      document["heat"] = facts
    }
    if let identification { document["identification"] = identification }
    return try JSONSerialization.data(
      withJSONObject: document, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
  }

  private static func object(_ map: CircuitMap) -> [String: Any] {
    func table(_ values: [Double]) -> [[Double]] {
      map.temperatures.indices.map { row in
        map.nodes.indices.map { rounded(values[row * map.nodes.count + $0]) }
      }
    }
    var object: [String: Any] = [
      "temperature_kelvin": map.temperatures.map { rounded($0) }, "state_of_charge": map.nodes,
      "discharge_ohms": table(map.discharge),
      "activation_energy_joules_per_mole": rounded(map.activationEnergy),
    ]
    if map.isAsymmetric { object["charge_ohms"] = table(map.charge) }
    return object
  }

  /// Seven significant digits: more than any measurement has, and no noise of binary fractions.
  private static func rounded(_ value: Double) -> Double {
    Double(String(format: "%.7g", value)) ?? value
  }
}
