// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A configuration as a tree of keys and values, for printing, files and schema.

/// A value of a configuration with what is allowed.
public indirect enum ConfigurationValue: Sendable {
  /// A number; nil stands for a limit that does not exist.
  case number(Double?, in: ClosedRange<Double>)
  /// A whole number.
  case integer(UInt32, in: ClosedRange<UInt32>)
  /// Yes or no.
  case flag(Bool)
  /// One word of several.
  case word(String, of: [String])
  /// Any number of words of several.
  case words([String], of: [String])
  /// A list of values.
  case list([ConfigurationValue])
  /// Keys and values.
  case table([ConfigurationEntry])
}

/// A key of a configuration with its value, unit and meaning.
public struct ConfigurationEntry: Sendable {
  /// The key as in a file.
  public var key: String
  /// The value.
  public var value: ConfigurationValue
  /// The unit; empty where there is none.
  public var unit: String
  /// What it means.
  public var meaning: String
}

/// Words of the fields that are codes or bits in the image.
enum ConfigurationWords {
  /// How an active level ends, by code.
  static let clear = ["automatic", "request_off", "service"]
  /// Balancing hardware, by code.
  static let hardware = [
    "none", "passive", "switched_capacitor", "switched_capacitor_double", "inductor", "converter",
  ]
  /// Conditions under which a row is judged, by bit.
  static let enable = [
    "charging", "not_charging", "connected", "disconnected", "not_balancing", "converged",
  ]
  /// Reactions, by bit.
  static let reactions = [
    "record", "warn", "derate_charge", "derate_discharge", "stop_charge", "stop_discharge", "cool",
    "heater_off", "balancing_off", "isolate", "block_closing", "open_at_standstill", "open",
    "disconnect",
  ]

  /// The words of a code, where a key has them.
  static func codes(_ key: String) -> [String]? {
    switch key {
    case "clear": clear
    case "hardware": hardware
    default: nil
    }
  }

  /// The words of the bits set.
  static func words(_ bits: UInt32, of names: [String]) -> [String] {
    names.enumerated().filter { bits >> UInt32($0.offset) & 1 == 1 }.map(\.element)
  }
}
