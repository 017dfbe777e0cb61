// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A parameter file as a JSON object: BPX or PyBaMM's names.

import Foundation

/// A parameter file as a JSON object: BPX or PyBaMM's names.
struct ParameterDocument {
  /// The outermost object.
  var object: [String: Any]

  /// Parses a file.
  ///
  /// - Throws: ``ParameterError/malformed(reason:)``.
  init(json: Data) throws(ParameterError) {
    let parsed: ParameterValue
    do { parsed = try JSONDecoder().decode(ParameterValue.self, from: json) } catch {
      throw .malformed(reason: "it is not valid JSON")
    }
    guard let object = parsed.value as? [String: Any] else {
      throw .malformed(reason: "its outermost value is not an object")
    }
    self.object = object
  }

  /// Whether the file is BPX.
  var isBPX: Bool { BPXReader.isBPX(object) }

  /// Name of the set.
  var name: String { isBPX ? BPXReader(object).title : (object["set"] as? String) ?? "file" }

  /// Where the numbers come from, as far as the file says.
  var source: String {
    isBPX ? BPXReader(object).references ?? "BPX file" : "parameter file"
  }

  /// The values by PyBaMM's names.
  func values() throws(ParameterError) -> [String: Any] {
    if isBPX {
      var file = BPXReader(object)
      return try file.read()
    }
    guard let scalars = object["scalars"] as? [String: Any] else { return object }
    return scalars.merging((object["tables"] as? [String: Any]) ?? [:]) { first, _ in first }
  }
}

/// A JSON value whose numbers are exact.
///
/// `JSONSerialization` goes through decimal numbers for those of 17 digits and is wrong in the last.
private struct ParameterValue: Decodable {
  let value: Any

  init(from decoder: any Decoder) throws {
    let one = try decoder.singleValueContainer()
    if let number = try? one.decode(Double.self) {
      value = number
    } else if let text = try? one.decode(String.self) {
      value = text
    } else if let object = try? one.decode([String: ParameterValue].self) {
      value = object.mapValues(\.value)
    } else if let array = try? one.decode([ParameterValue].self) {
      let values = array.map(\.value)
      value = (values as? [Double]) ?? values
    } else if let flag = try? one.decode(Bool.self) {
      value = flag
    } else if one.decodeNil() {
      value = NSNull()
    } else {
      throw DecodingError.dataCorruptedError(in: one, debugDescription: "a number out of range")
    }
  }
}
