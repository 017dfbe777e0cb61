// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The published schema of the report's JSON, derived from the types that write it.

import BatteryDomain
import Foundation
import SafetyReport
import TestSupport

/// The published schema of the report's JSON, derived from the types that write it.
enum PublishedSchema {
  /// Where the schema is published.
  static var file: URL {
    Datasets.repositoryRoot.appending(path: "Docs/schema/report.schema.json")
  }

  /// The text of the schema as the present types make it.
  static func text() throws -> String {
    let comments = try SourceComments(folders: [
      "Sources/Foundations/BatteryDomain", "Sources/Data",
    ])
    let recorder = SchemaRecorder(overrides: overrides) { type, property in
      comments[type, property]
    }
    _ = try recorder.node(for: ReportDocument.self)
    var definitions: [String: Any] = [:]
    for (name, node) in recorder.definitions { definitions[name] = node.json }
    let schema: [String: Any] = [
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "$id": "urn:anodyne:schema:report:\(ReportDocument.currentSchemaVersion)",
      "title": "Anodyne battery safety report",
      "description":
        "Written by `anodyne analyze --json`. Times are seconds since the Unix epoch; values are "
        + "coherent SI unless a key or a unit field names another unit.",
      "$ref": "#/$defs/ReportDocument",
      "$defs": definitions,
    ]
    let data = try JSONSerialization.data(
      withJSONObject: schema, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    return String(decoding: data, as: UTF8.self) + "\n"
  }

  /// Types whose JSON form their decoder does not show, and limits that types cannot say.
  private static var overrides: [ObjectIdentifier: (name: String, node: SchemaNode)] {
    var result: [ObjectIdentifier: (name: String, node: SchemaNode)] = [:]
    result[ObjectIdentifier(Subject.self)] = ("Subject", subject)
    result[ObjectIdentifier(QuantityKey.self)] = ("QuantityKey", quantities)
    return result
  }

  /// The part of a battery: `{"part": "cell", "number": 82}`.
  private static var subject: SchemaNode {
    func part(_ parts: [Subject.Part], _ more: SchemaProperty?) -> SchemaNode {
      let kind = SchemaProperty(
        key: "part", node: .enumeration(parts.map { .init(value: $0.rawValue) }),
        isRequired: true, description: "What kind of part it is.")
      return .object([kind] + (more.map { [$0] } ?? []))
    }
    let number = SchemaProperty(
      key: "number", node: .integer, isRequired: true,
      description: "Number of the part as the source counts it, from 1.",
      constraints: ["minimum": 1])
    let name = SchemaProperty(
      key: "name", node: .string, isRequired: true, description: "Name of the channel.")
    return .oneOf([
      part([.pack], nil), part([.module, .cell, .probe], number), part([.channel], name),
    ])
  }

  /// Every quantity of the catalogue with its unit and valid range.
  private static var quantities: SchemaNode {
    .enumeration(
      QuantityCatalogue.all.map { row in
        let unit = row.unit.isEmpty ? "pure number" : row.unit
        let range = "\(row.validRange.lowerBound) to \(row.validRange.upperBound)"
        return .init(
          value: row.key.rawValue,
          description: "\(row.description) Unit: \(unit); valid from \(range).")
      })
  }
}
