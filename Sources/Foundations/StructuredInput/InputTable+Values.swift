// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Typed values of a table's keys.

extension InputTable {
  /// A number.
  ///
  /// - Parameters:
  ///   - key: The key; its last word states the unit where there is one, as in `gap_mm`.
  ///   - range: What is allowed.
  ///   - fallback: Value of an absent key; without it an absent key is a fault.
  /// - Returns: The number, or a value inside `range` after a fault.
  public func number(
    _ key: String, in range: ClosedRange<Double>, default fallback: Double? = nil
  ) -> Double {
    let stand = fallback ?? range.lowerBound
    guard has(key) || fallback == nil else {
      _ = value(key)
      return stand
    }
    return required(key, "a number from \(range)")?.number(in: range) ?? stand
  }

  /// A number, or nil where the key is absent.
  public func optionalNumber(_ key: String, in range: ClosedRange<Double>) -> Double? {
    value(key)?.number(in: range)
  }

  /// A whole number.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - range: What is allowed.
  ///   - fallback: Value of an absent key; without it an absent key is a fault.
  /// - Returns: The number, or a value inside `range` after a fault.
  public func integer(_ key: String, in range: ClosedRange<Int>, default fallback: Int? = nil)
    -> Int
  {
    let stand = fallback ?? range.lowerBound
    guard has(key) || fallback == nil else {
      _ = value(key)
      return stand
    }
    return required(key, "a whole number from \(range)")?.integer(in: range) ?? stand
  }

  /// Text; an absent key without `fallback` is a fault.
  public func text(_ key: String, default fallback: String? = nil) -> String {
    guard has(key) || fallback == nil else {
      _ = value(key)
      return fallback ?? ""
    }
    return required(key, "text")?.text() ?? fallback ?? ""
  }

  /// `true` or `false`; an absent key without `fallback` is a fault.
  public func flag(_ key: String, default fallback: Bool? = nil) -> Bool {
    guard has(key) || fallback == nil else {
      _ = value(key)
      return fallback ?? false
    }
    return required(key, "true or false")?.flag() ?? fallback ?? false
  }

  /// One of the words of an enumeration; an absent key without `fallback` is a fault.
  public func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, default fallback: Choice? = nil
  ) -> Choice? where Choice.RawValue == String {
    guard has(key) || fallback == nil else {
      _ = value(key)
      return fallback
    }
    let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    return required(key, "one of \(words)")?.choice() ?? fallback
  }

  /// A table, or nil where the key is absent or not a table.
  public func table(_ key: String) -> InputTable? { value(key)?.table() }

  /// The items of a list; empty where the key is absent. A single value counts as a list of one.
  public func list(_ key: String) -> [InputValue] { value(key)?.list() ?? [] }

  /// Numbers of a list; empty where the key is absent. A single number counts as a list of one.
  public func numbers(_ key: String, in range: ClosedRange<Double>) -> [Double] {
    list(key).compactMap { $0.number(in: range) }
  }
}
