// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What can be wrong with parameters.

/// What can be wrong with parameters.
public enum ParameterError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A value is missing; the key names it.
  case missing(key: String)
  /// A value lies outside of what is possible.
  case outOfRange(key: String, value: Double, allowed: String)
  /// A key is not known.
  case unknown(key: String, nearest: String?)
  /// A value has a form the models cannot use.
  case unsupported(key: String, reason: String)
  /// The text is not valid JSON or not of the expected shape.
  case malformed(reason: String)

  /// One line that names the key and says what is allowed.
  public var description: String {
    switch self {
    case .missing(let key): "parameter \"\(key)\" is missing"
    case .outOfRange(let key, let value, let allowed):
      "parameter \"\(key)\" is \(value); allowed: \(allowed)"
    case .unknown(let key, let nearest):
      "parameter \"\(key)\" is unknown" + (nearest.map { "; did you mean \"\($0)\"?" } ?? "")
    case .unsupported(let key, let reason): "parameter \"\(key)\": \(reason)"
    case .malformed(let reason): "parameter file: \(reason)"
    }
  }
}
