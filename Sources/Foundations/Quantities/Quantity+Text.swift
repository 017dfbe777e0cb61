// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Quantities as text and in JSON, where a full standard library is there.

#if !hasFeature(Embedded)
  extension Quantity: CustomStringConvertible {
    /// The magnitude and the SI symbol, for example `3.7 V`; a pure number has no symbol.
    public var description: String {
      let symbol = "\(Unit.symbol)"
      return symbol.isEmpty ? "\(value)" : "\(value) \(symbol)"
    }
  }

  extension Quantity: Codable {
    /// Reads a bare number in the coherent SI unit.
    public init(from decoder: any Decoder) throws {
      self.init(try decoder.singleValueContainer().decode(Double.self))
    }

    /// Writes a bare number in the coherent SI unit; the key or schema beside it names the unit.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(value)
    }
  }
#endif
