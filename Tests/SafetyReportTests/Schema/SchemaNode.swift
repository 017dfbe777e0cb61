// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A JSON Schema as a value, with the order of its keys defined.

import Foundation

/// A JSON Schema as a value; dictionaries are written in key order.
indirect enum SchemaNode: Hashable {
  case string
  case integer
  case number
  case boolean
  case enumeration([EnumerationCase])
  case array(SchemaNode)
  case map(SchemaNode)
  case object([SchemaProperty])
  case reference(String)
  case nullable(SchemaNode)
  case range
  case oneOf([SchemaNode])
  case constant(String)

  struct EnumerationCase: Hashable {
    var value: String
    var description: String?
  }

  /// The node as a property list that `JSONSerialization` writes.
  var json: [String: Any] {
    switch self {
    case .string: return ["type": "string"]
    case .integer: return ["type": "integer"]
    case .number: return ["type": "number"]
    case .boolean: return ["type": "boolean"]
    case .constant(let value): return ["const": value]
    case .enumeration(let cases):
      if cases.allSatisfy({ $0.description == nil }) {
        return ["type": "string", "enum": cases.map(\.value)]
      }
      return [
        "oneOf": cases.map { ["const": $0.value, "description": $0.description ?? ""] }
      ]
    case .array(let element): return ["type": "array", "items": element.json]
    case .map(let value): return ["type": "object", "additionalProperties": value.json]
    case .reference(let name): return ["$ref": "#/$defs/\(name)"]
    case .range:
      return [
        "type": "array", "items": ["type": "number"], "minItems": 2, "maxItems": 2,
      ]
    case .oneOf(let nodes): return ["oneOf": nodes.map(\.json)]
    case .nullable(let node):
      return ["anyOf": [node.json, ["type": "null"]]]
    case .object(let properties):
      var members: [String: Any] = [:]
      for property in properties {
        var member = property.node.json
        if let text = property.description { member["description"] = text }
        for (key, value) in property.constraints { member[key] = value }
        members[property.key] = member
      }
      return [
        "type": "object", "properties": members,
        "required": properties.filter(\.isRequired).map(\.key).sorted(),
        "additionalProperties": false,
      ]
    }
  }
}

/// One key of an object in a schema.
struct SchemaProperty: Hashable {
  var key: String
  var node: SchemaNode
  var isRequired: Bool
  var description: String?
  var constraints: [String: Double] = [:]
}
