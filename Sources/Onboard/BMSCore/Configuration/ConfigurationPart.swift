// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How a part of the configuration shows its fields, once, to whoever reads, writes or describes them.

/// A part of the configuration: fixed-size value data that lists its fields in one place.
///
/// From the one list in ``visit(_:)`` follow the binary image, the reading of YAML and JSON, the
/// schema and the help text; none of them can forget a field.
public protocol ConfigurationPart: Sendable {
  /// Shows every field once, always in the same order, with its key, unit, range and meaning.
  ///
  /// Adding, removing or reordering fields changes the image:
  /// raise ``PackConfiguration/layout`` with it.
  mutating func visit<V: ConfigurationVisitor>(_ visitor: inout V)

  /// Whether the fields agree with each other (each alone is already within its range).
  ///
  /// - Returns: nil where they agree, otherwise a number that names the broken rule in the docs of
  ///   the part.
  func inconsistency() -> ConfigurationRule?
}

extension ConfigurationPart {
  /// No rule between fields.
  public func inconsistency() -> ConfigurationRule? { nil }
}

/// A rule between fields of the configuration that is broken.
public enum ConfigurationRule: UInt8, Hashable, Sendable {
  /// The three levels of a limit must not lie inside one another.
  case levelsOutOfOrder
  /// A lower bound lies above its upper bound.
  case boundsOutOfOrder
  /// The points of a curve or table must rise.
  case pointsOutOfOrder
  /// A time to detect or react is longer than the time it belongs to.
  case timesOutOfOrder
  /// A median filter is one, three or five samples wide.
  case medianWidth
  /// The reconstruction weights of a cell do not sum to one.
  case weightsDoNotSum
  /// An index points beyond its table.
  case indexBeyondTable
}

/// Who is shown the fields of a configuration: a writer, a reader, a describer.
///
/// Keys are written as in a file: lower case, underscores, the unit as last word where it is not
/// plain SI.
public protocol ConfigurationVisitor {
  /// A number. In the image it has single precision, so a `Float` and a `Double` core read alike.
  mutating func number<Real: CoreReal>(
    _ value: inout Real, _ key: StaticString, unit: StaticString, in range: ClosedRange<Double>,
    _ meaning: StaticString)

  /// A whole number up to 2³² − 1.
  mutating func integer<I: FixedWidthInteger>(
    _ value: inout I, _ key: StaticString, in range: ClosedRange<UInt32>, _ meaning: StaticString)

  /// Yes or no.
  mutating func flag(_ value: inout Bool, _ key: StaticString, _ meaning: StaticString)

  /// A list of numbers of fixed length.
  mutating func numbers<let n: Int, Real: CoreReal>(
    _ values: inout InlineArray<n, Real>, _ key: StaticString, unit: StaticString,
    in range: ClosedRange<Double>, _ meaning: StaticString)

  /// A list of whole numbers of fixed length.
  mutating func integers<let n: Int, I: FixedWidthInteger>(
    _ values: inout InlineArray<n, I>, _ key: StaticString, in range: ClosedRange<UInt32>,
    _ meaning: StaticString)

  /// A matrix of numbers of fixed size, row by row.
  mutating func matrix<let rows: Int, let columns: Int, Real: CoreReal>(
    _ values: inout InlineArray<rows, InlineArray<columns, Real>>, _ key: StaticString,
    unit: StaticString, in range: ClosedRange<Double>, _ meaning: StaticString)

  /// A part with fields of its own.
  mutating func part<P: ConfigurationPart>(
    _ part: inout P, _ key: StaticString, _ meaning: StaticString)

  /// A list of parts of fixed length.
  mutating func parts<let n: Int, P: ConfigurationPart>(
    _ parts: inout InlineArray<n, P>, _ key: StaticString, _ meaning: StaticString)
}
