// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One number behind a finding, with what it is compared to.

/// One number behind a finding, with what it is compared to.
///
/// JSON has no NaN and no infinity: a value that is not finite is written as `null` and read back
/// as NaN; a reference that is not finite is left out.
public struct Evidence: Hashable, Sendable {
  /// What was measured or computed, in words.
  public var name: String
  /// The value in `unit`.
  public var value: Double
  /// Symbol of the unit, empty for a pure number.
  public var unit: String
  /// The baseline or limit it is compared to, in the same unit, where there is one.
  public var reference: Double?
  /// What the reference is and how many samples stand behind the value.
  public var note: String

  /// Creates a piece of evidence.
  public init(
    name: String, value: Double, unit: String, reference: Double? = nil, note: String = ""
  ) {
    self.name = name
    self.value = value
    self.unit = unit
    self.reference = reference
    self.note = note
  }
}

extension Evidence: Codable {
  private enum CodingKeys: String, CodingKey {
    case name
    case value
    case unit
    case reference
    case note
  }

  /// Reads one piece of evidence; a missing note is empty and a null value is NaN.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    name = try values.decode(String.self, forKey: .name)
    value = try values.decodeIfPresent(Double.self, forKey: .value) ?? .nan
    unit = try values.decode(String.self, forKey: .unit)
    reference = try values.decodeIfPresent(Double.self, forKey: .reference)
    note = try values.decodeIfPresent(String.self, forKey: .note) ?? ""
  }

  /// Writes one piece of evidence.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(name, forKey: .name)
    if value.isFinite {
      try values.encode(value, forKey: .value)
    } else {
      try values.encodeNil(forKey: .value)
    }
    try values.encode(unit, forKey: .unit)
    if let reference, reference.isFinite { try values.encode(reference, forKey: .reference) }
    try values.encode(note, forKey: .note)
  }
}
