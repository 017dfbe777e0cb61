// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The parameters of a terminal: number, name, width, unit and range in each edition.

/// What a parameter of a terminal is.
public struct ParameterDefinition: Hashable, Sendable {
  /// How the value stands on the wire.
  public enum Layout: Hashable, Sendable {
    /// One byte.
    case byte
    /// Two bytes.
    case word
    /// A text of fixed length.
    case text(Int)
    /// A text whose length the parameter of this number, sent before it, states.
    case textOfLength(in: UInt8)
  }

  /// Stable name, in lower case with underscores.
  public let name: String
  /// How the value stands on the wire.
  public let layout: Layout
  /// Lowest number allowed; 0 for texts.
  public let lowest: UInt16
  /// Highest number allowed; 0 for texts.
  public let highest: UInt16

  private init(_ name: String, _ layout: Layout, _ range: ClosedRange<UInt16> = 0...0) {
    self.name = name
    self.layout = layout
    lowest = range.lowerBound
    highest = range.upperBound
  }

  /// The definition of a parameter; nil for a number that the edition does not define, whose
  /// length is therefore unknown.
  ///
  /// - Parameters:
  ///   - identifier: Number of the parameter.
  ///   - edition: The 2025 edition states the two report periods in one byte.
  /// - Returns: The definition; nil for an unknown number.
  public static func of(_ identifier: UInt8, in edition: Edition) -> ParameterDefinition? {
    let is2016 = edition == .edition2016
    switch identifier {
    case 0x01: return Self("storage_period_ms", .word, 0...60_000)
    case 0x02: return Self("report_period_s", is2016 ? .word : .byte, 1...(is2016 ? 600 : 253))
    case 0x03:
      // The unit of the 2025 edition is not settled by the sources at hand.
      return is2016
        ? Self("alarm_report_period_ms", .word, 0...60_000)
        : Self("alarm_report_period", .byte, 0...253)
    case 0x04: return Self("remote_domain_length", .byte, 0...253)
    case 0x05: return Self("remote_domain", .textOfLength(in: 0x04))
    case 0x06: return Self("remote_port", .word, 0...65_531)
    case 0x07: return Self("hardware_version", .text(5))
    case 0x08: return Self("firmware_version", .text(5))
    case 0x09: return Self("heartbeat_period_s", .byte, 1...240)
    case 0x0A: return Self("terminal_timeout_s", .word, 1...600)
    case 0x0B: return Self("platform_timeout_s", .word, 1...600)
    case 0x0C: return Self("login_wait_min", .byte, 1...240)
    case 0x0D: return Self("public_domain_length", .byte, 0...253)
    case 0x0E: return Self("public_domain", .textOfLength(in: 0x0D))
    case 0x0F: return Self("public_port", .word, 0...65_531)
    case 0x10: return Self("sampling_supervision", .byte, 1...2)
    default: return nil
    }
  }
}
