// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Values of the literature with where they come from, or why they are not known.

/// Where a number or rule comes from.
public struct Source: Codable, Hashable, Sendable {
  /// Author, title and year, enough to find the document.
  public let citation: String
  /// DOI or other stable identifier, where there is one.
  public let identifier: String?

  /// Creates a source.
  public init(_ citation: String, identifier: String? = nil) {
    self.citation = citation
    self.identifier = identifier
  }

  /// Citation and identifier on one line.
  public var text: String { identifier.map { "\(citation), \($0)" } ?? citation }
}

/// How a value got from its source into the tables.
public enum Verification: String, CaseIterable, Codable, Hashable, Sendable {
  /// Read in the source itself.
  case read
  /// Quoted by another work or from common knowledge of the source: check before relying on it.
  case secondHand = "second_hand"
  /// Read in the source, but for a related chemistry or for an unnamed cell of the family: the
  /// data sheet of the cell at hand decides.
  case related
}

/// A value of the literature with its source.
public struct Sourced<Value> {
  /// The value.
  public let value: Value
  /// Where it comes from.
  public let source: Source
  /// How it got from there into the tables.
  public let verification: Verification
  /// Conditions it holds for; empty where the source states none.
  public let note: String

  /// Creates a value with its source.
  public init(
    _ value: Value, source: Source, verification: Verification = .read, note: String = ""
  ) {
    self.value = value
    self.source = source
    self.verification = verification
    self.note = note
  }
}

extension Sourced: Sendable where Value: Sendable {}
extension Sourced: Equatable where Value: Equatable {}
extension Sourced: Hashable where Value: Hashable {}
extension Sourced: Codable where Value: Codable {}

/// A value of the literature, or the reason why the tables have none.
///
/// Safety tables never hold a guess: a number without a source is stated as unknown, so that a
/// consumer must decide what to do without it.
public enum Fact<Value> {
  /// The value with its source.
  case known(Sourced<Value>)
  /// No value, with the reason.
  case unknown(reason: String)

  /// A value with its source.
  public static func known(
    _ value: Value, source: Source, verification: Verification = .read, note: String = ""
  ) -> Fact {
    .known(Sourced(value, source: source, verification: verification, note: note))
  }

  /// The value, or nil where it is unknown.
  public var value: Value? {
    if case .known(let sourced) = self { return sourced.value }
    return nil
  }

  /// The value with its source, or nil where it is unknown.
  public var sourced: Sourced<Value>? {
    if case .known(let sourced) = self { return sourced }
    return nil
  }

  /// Why the value is unknown, or nil where it is known.
  public var reason: String? {
    if case .unknown(let reason) = self { return reason }
    return nil
  }
}

extension Fact: Sendable where Value: Sendable {}
extension Fact: Equatable where Value: Equatable {}
extension Fact: Hashable where Value: Hashable {}
