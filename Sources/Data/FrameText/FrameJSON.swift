// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A frame as one JSON object and back.

public import TelemetryCodec

/// A frame as one JSON object and back.
///
/// Rendering loses nothing: a rendered frame parses to the same bytes. Numbers are in the units
/// that their names end with; the two sentinels are the words `abnormal` and `invalid`.
public enum FrameJSON {
  /// Renders a frame.
  ///
  /// - Parameters:
  ///   - frame: The frame.
  ///   - unit: The meaning of its data unit; the ciphertext of an encrypted frame is shown too.
  /// - Returns: An object; `data` is the decoded unit, `data_hex` ciphertext.
  /// - Throws: ``FrameTextError/codec(_:)`` if the unit does not fit the frame's edition.
  /// - Complexity: O(n) in the length of the data unit.
  public static func render(
    _ frame: Frame, unit: DataUnit
  ) throws(FrameTextError) -> JSONNode {
    var mapper = FieldMapper(rendering: frame.edition, path: "")
    var parts = FrameParts(frame: frame, unit: unit)
    guard
      case .object(var members) = try mapper.object(
        .null, at: "", &parts,
        { (mapper: inout FieldMapper, parts: inout FrameParts) throws(FrameTextError) in
          try mapper.frame(&parts)
        })
    else { return .null }
    if !mapper.exact.isEmpty { members.append(JSONNode.Member("exact", .object(mapper.exact))) }
    if !mapper.warnings.isEmpty {
      members.append(JSONNode.Member("warnings", .array(mapper.warnings.map { .string($0) })))
    }
    return .object(members)
  }

  /// Renders a frame without decrypting it.
  ///
  /// - Throws: ``FrameTextError/codec(_:)`` if the data unit is malformed.
  public static func render(_ frame: Frame) throws(FrameTextError) -> JSONNode {
    let unit: DataUnit
    do throws(CodecError) { unit = try frame.decodedUnit() } catch { throw .codec(error) }
    return try render(frame, unit: unit)
  }

  /// Parses a frame.
  ///
  /// - Parameter text: The JSON text of one frame.
  /// - Returns: The parts of the frame: its header, the ciphertext if the text has it, the plain
  ///   data unit if the text has it.
  /// - Throws: ``FrameTextError`` naming the first thing that is wrong.
  /// - Complexity: O(n) in the length of the text.
  public static func parse(_ text: some StringProtocol) throws(FrameTextError) -> FrameParts {
    let node = try JSONParser.parse(Array(text.utf8))
    guard case .object(let members) = node else { throw .badValue(path: "", expected: "an object") }
    if let code = node["error"] {
      if case .string(let text) = code { throw .errorLine(text) }
      throw .errorLine("error")
    }
    guard let year = node["edition"] else { throw .missing(path: "edition") }
    let edition: Edition
    switch year {
    case .number("2016"): edition = .edition2016
    case .number("2025"): edition = .edition2025
    default: throw .badValue(path: "edition", expected: "2016 or 2025")
    }
    var exact: [JSONNode.Member] = []
    if case .object(let noted)? = node["exact"] { exact = noted }
    // Remarks about a frame are not part of it.
    let ignored = [
      "edition", "bcc", "data_length", "exact", "warnings", "signature_check", "decryption", "line",
    ]
    let known = JSONNode.object(members.filter { !ignored.contains($0.name) })
    var mapper = FieldMapper(parsing: edition, exact: exact, path: "")
    var parts = FrameParts(edition: edition)
    _ = try mapper.object(known, at: "", &parts) {
      (mapper: inout FieldMapper, parts: inout FrameParts) throws(FrameTextError) in
      try mapper.frame(&parts)
    }
    return parts
  }
}
