// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a catalogued quantity is: the row type of the quantity catalogue.

/// How many values a quantity has per sample.
public enum QuantityShape: String, CaseIterable, Codable, Hashable, Sendable {
  /// One value.
  case scalar
  /// One value a cell or parallel group.
  case perCell = "per_cell"
  /// One value a temperature probe.
  case perProbe = "per_probe"
}

/// One row of the quantity catalogue.
public struct QuantityDescriptor: Codable, Hashable, Sendable {
  /// Machine name.
  public let key: QuantityKey
  /// Name for labels, in lower case.
  public let name: String
  /// Symbol of the coherent SI unit; empty for a pure number.
  public let unit: String
  /// Range outside which a value cannot be true, in the SI unit.
  public let validRange: ClosedRange<Double>
  /// How many values there are per sample.
  public let shape: QuantityShape
  /// One sentence for help texts and schemas.
  public let description: String
  /// Where the definition or range comes from.
  public let source: String

  /// The unit a person reads the quantity in.
  public var displayUnit: DisplayUnit { key.displayUnit }

  private enum CodingKeys: String, CodingKey {
    case key
    case name
    case unit
    case validRange = "valid_range"
    case shape
    case description
    case source
  }
}
