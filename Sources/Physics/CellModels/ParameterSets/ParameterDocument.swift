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
    let parsed: Any
    do { parsed = try JSONSerialization.jsonObject(with: json) } catch {
      throw .malformed(reason: "it is not valid JSON")
    }
    guard let object = parsed as? [String: Any] else {
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
