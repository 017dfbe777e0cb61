// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The JSON schema of configuration files, made from the fields of the core.

import BMSCore
import BatteryDomain
import CellModels
public import Foundation

/// The schema of configuration files, for editors and other programs.
///
/// It follows from the one list of fields in the core, so it cannot forget one. What a schema cannot
/// say (levels in order, weights that sum to one) is left to reading.
public enum ConfigurationSchema {
  /// Sizes that no list of fixed length has, so that such lists are known by their length.
  private typealias Sample = PackConfiguration<7, 5, Double>

  /// The schema, draft 2020-12, keys sorted.
  public static func json() throws -> Data {
    var members = Self.members(Sample().described)
    members["format"] = ["const": 1, "description": "version of this form of file"]
    members["name"] = ["type": "string", "description": "name of the pack"]
    members["pack"] = head
    members["circuit"] = circuit
    let schema: [String: Any] = [
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": "Configuration of the Anodyne onboard core",
      "type": "object", "additionalProperties": false, "required": ["pack"],
      "properties": members,
    ]
    let data = try JSONSerialization.data(
      withJSONObject: schema, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    return data + Data("\n".utf8)
  }

  private static var head: [String: Any] {
    func number(_ meaning: String, _ range: ClosedRange<Double>) -> [String: Any] {
      [
        "type": "number", "minimum": range.lowerBound, "maximum": range.upperBound,
        "description": meaning,
      ]
    }
    func count(_ meaning: String, _ range: ClosedRange<Int>) -> [String: Any] {
      [
        "type": "integer", "minimum": range.lowerBound, "maximum": range.upperBound,
        "description": meaning,
      ]
    }
    return [
      "type": "object", "additionalProperties": false,
      "required": ["cells", "probes"],
      "description": "the pack, its cell and its currents",
      "properties": [
        "cells": count("cells in series", PackSize.cellRange),
        "probes": count("temperature probes", PackSize.probeRange),
        "chemistry": [
          "type": "string",
          "description": "chemistry whose limit tables apply, for example "
            + Chemistry.allCases.map(\.rawValue).joined(separator: ", "),
        ],
        "capacity_ampere_hours": number("capacity of a cell position [A.h]", 0.01...10_000),
        "charge_current_amperes": number("greatest continuous charge current [A]", 0.001...100_000),
        "discharge_current_amperes": number(
          "greatest continuous discharge current [A]", 0.001...100_000),
      ] as [String: Any],
    ]
  }

  private static var circuit: [String: Any] {
    [
      "type": "object", "additionalProperties": false,
      "description": "equivalent circuit of a new cell position: a file or a set",
      "properties": [
        "file": [
          "type": "string",
          "description": "file of anodyne identify ecm, from the folder of this one",
        ],
        "set": ["enum": CellParameters.names, "description": "published set to reduce"],
      ] as [String: Any],
    ]
  }

  private static func members(_ entries: [ConfigurationEntry]) -> [String: Any] {
    var members: [String: Any] = [:]
    for entry in entries {
      var member = schema(entry.value)
      let unit = entry.unit.isEmpty ? "" : " [\(entry.unit)]"
      member["description"] = entry.meaning + unit
      members[entry.key] = member
      if entry.unit == "K", let low = entry.value.lowerBound, low >= 150 {
        // Absolute temperatures may be written in degrees Celsius.
        let base = entry.key.hasSuffix("_kelvin") ? String(entry.key.dropLast(7)) : entry.key
        var celsius = schema(entry.value.shifted(by: -273.15))
        celsius["description"] = entry.meaning + " [°C], instead of \(entry.key)"
        members[base + "_celsius"] = celsius
      }
    }
    return members
  }

  private static func schema(_ value: ConfigurationValue) -> [String: Any] {
    switch value {
    case .number(_, let range) where range.upperBound >= 1e30:
      [
        "anyOf": [
          ["type": "number", "minimum": range.lowerBound], ["const": "none"] as [String: Any],
        ]
      ]
    case .number(_, let range):
      ["type": "number", "minimum": range.lowerBound, "maximum": range.upperBound]
    case .integer(_, let range):
      ["type": "integer", "minimum": range.lowerBound, "maximum": range.upperBound]
    case .flag: ["type": "boolean"]
    case .word(_, let words): ["enum": words]
    case .words(_, let words): ["type": "array", "items": ["enum": words]]
    case .table(let inner):
      ["type": "object", "additionalProperties": false, "properties": members(inner)]
    case .list(let items): list(items)
    }
  }

  private static func list(_ items: [ConfigurationValue]) -> [String: Any] {
    guard let first = items.first else { return ["type": "array"] }
    let item = schema(first)
    var array: [String: Any] = ["type": "array", "items": item]
    switch items.count {
    case 7, 5: break  // one a cell or one a probe
    default:
      array["minItems"] = items.count
      array["maxItems"] = items.count
    }
    // One value stands for all places; words and tables have no such form.
    switch first {
    case .words, .table: return array
    default: return ["anyOf": [array, item]]
    }
  }
}

extension ConfigurationValue {
  /// The lowest number allowed, of the first number in a list.
  fileprivate var lowerBound: Double? {
    switch self {
    case .number(_, let range): range.lowerBound
    case .list(let items): items.first?.lowerBound
    default: nil
    }
  }

  /// The same with the allowed numbers moved.
  fileprivate func shifted(by offset: Double) -> ConfigurationValue {
    func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
    switch self {
    case .number(let number, let range):
      return .number(
        number, in: rounded(range.lowerBound + offset)...rounded(range.upperBound + offset))
    case .list(let items): return .list(items.map { $0.shifted(by: offset) })
    default: return self
    }
  }
}
