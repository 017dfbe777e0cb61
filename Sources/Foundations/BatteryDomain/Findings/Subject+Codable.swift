// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How the subject of a finding is written in JSON: flat, readable and stable.

extension Subject: Codable {
  private enum CodingKeys: String, CodingKey {
    case part, number, name
  }

  /// The parts a subject can name; the raw value is the word in JSON.
  public enum Part: String, CaseIterable, Codable, Hashable, Sendable {
    /// The whole battery.
    case pack
    /// A module, with `number`.
    case module
    /// A cell or parallel group, with `number`.
    case cell
    /// A temperature probe, with `number`.
    case probe
    /// A measuring channel, with `name`.
    case channel
  }

  /// What kind of part the subject is.
  public var part: Part {
    switch self {
    case .pack: .pack
    case .module: .module
    case .cell: .cell
    case .probe: .probe
    case .channel: .channel
    }
  }

  /// The number of the part, counted from 1; nil for the pack and for channels.
  public var number: Int? {
    switch self {
    case .pack, .channel: nil
    case .module(let number), .cell(let number), .probe(let number): number
    }
  }

  /// Reads `{"part": "cell", "number": 82}`, `{"part": "pack"}` or
  /// `{"part": "channel", "name": "T_3"}`.
  ///
  /// - Throws: `DecodingError` for an unknown part or a part without its number or name.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    switch try container.decode(Part.self, forKey: .part) {
    case .pack: self = .pack
    case .module: self = .module(try container.decode(Int.self, forKey: .number))
    case .cell: self = .cell(try container.decode(Int.self, forKey: .number))
    case .probe: self = .probe(try container.decode(Int.self, forKey: .number))
    case .channel: self = .channel(try container.decode(String.self, forKey: .name))
    }
  }

  /// Writes the form that ``init(from:)`` reads.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(part, forKey: .part)
    try container.encodeIfPresent(number, forKey: .number)
    if case .channel(let name) = self {
      try container.encode(name, forKey: .name)
    }
  }
}
