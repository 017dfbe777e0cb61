// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reads the fields of a configuration from a table of a file, all faults noted.

public import BMSCore
import StructuredInput

/// Reads what a file says about the fields of a part; a field the file does not name keeps its value.
struct ConfigurationReader: ConfigurationVisitor {
  /// Counts broken rules, so that a part does not repeat what a part inside it said.
  final class Tally { var rules = 0 }

  let table: InputTable
  let tally: Tally
  /// Parts that were read before.
  var skipped: Set<String> = []

  /// Reads a part and notes where its fields contradict each other.
  static func read<P: ConfigurationPart>(
    _ part: inout P, _ table: InputTable?, tally: Tally, skipping skipped: Set<String> = []
  ) {
    guard let table else { return }
    let before = tally.rules
    var reader = ConfigurationReader(table: table, tally: tally, skipped: skipped)
    part.visit(&reader)
    guard tally.rules == before, let rule = part.inconsistency() else { return }
    table.note(rule.sentence)
    tally.rules += 1
  }

  /// The value of a key, or of the same key in degrees Celsius for an absolute temperature.
  private func entry(
    _ key: StaticString, unit: StaticString = "", low: Double = 0
  ) -> (value: InputValue, shift: Double)? {
    let name = "\(key)"
    if "\(unit)" == "K", low >= 150 {
      let base = name.hasSuffix("_kelvin") ? String(name.dropLast(7)) : name
      if let value = table.value(base + "_celsius") {
        if table.has(name) {
          table.note("is written twice, here and as \(base)_celsius; keep one", at: name)
        }
        return (value, 273.15)
      }
    }
    return table.value(name).map { ($0, 0) }
  }

  private func read(
    _ value: InputValue, in range: ClosedRange<Double>, shift: Double
  ) -> Double? {
    if range.upperBound >= 1e30, value.isWord("none") { return 1e30 }
    let low = range.lowerBound - shift
    let high = range.upperBound - shift
    return value.number(in: low...high).map { $0 + shift }
  }

  /// A list of a length, or one value for all places.
  private func list(_ value: InputValue, count: Int) -> [InputValue]? {
    guard value.isList else { return Array(repeating: value, count: count) }
    let items = value.list()
    guard items.count == count else {
      value.note("has \(items.count) values; \(count) are expected, or one for all")
      return nil
    }
    return items
  }

  mutating func number<Real: CoreReal>(
    _ value: inout Real, _ key: StaticString, unit: StaticString, in range: ClosedRange<Double>,
    _ meaning: StaticString
  ) {
    guard let (found, shift) = entry(key, unit: unit, low: range.lowerBound) else { return }
    if let number = read(found, in: range, shift: shift) { value = Real(number) }
  }

  mutating func integer<I: FixedWidthInteger>(
    _ value: inout I, _ key: StaticString, in range: ClosedRange<UInt32>, _ meaning: StaticString
  ) {
    guard let (found, _) = entry(key) else { return }
    if let words = ConfigurationWords.codes("\(key)") {
      if let code = found.code(of: words), let code = I(exactly: code) { value = code }
    } else if "\(key)" == "enable" {
      if let bits = found.bits(of: ConfigurationWords.enable), let bits = I(exactly: bits) {
        value = bits
      }
    } else if let number = found.integer(in: Int(range.lowerBound)...Int(range.upperBound)),
      let number = I(exactly: number)
    {
      value = number
    }
  }

  mutating func flag(_ value: inout Bool, _ key: StaticString, _ meaning: StaticString) {
    if let (found, _) = entry(key), let flag = found.flag() { value = flag }
  }

  mutating func numbers<let n: Int, Real: CoreReal>(
    _ values: inout InlineArray<n, Real>, _ key: StaticString, unit: StaticString,
    in range: ClosedRange<Double>, _ meaning: StaticString
  ) {
    guard let (found, shift) = entry(key, unit: unit, low: range.lowerBound),
      let items = list(found, count: n)
    else { return }
    for index in values.indices {
      if let number = read(items[index], in: range, shift: shift) { values[index] = Real(number) }
    }
  }

  mutating func integers<let n: Int, I: FixedWidthInteger>(
    _ values: inout InlineArray<n, I>, _ key: StaticString, in range: ClosedRange<UInt32>,
    _ meaning: StaticString
  ) {
    guard let (found, _) = entry(key) else { return }
    if "\(key)" == "reactions" {
      guard found.isList, found.list().count == n else {
        found.note("three lists of reactions are expected, for the three levels")
        return
      }
      for (index, item) in found.list().enumerated() {
        if let bits = item.bits(of: ConfigurationWords.reactions), let bits = I(exactly: bits) {
          values[index] = bits
        }
      }
      return
    }
    guard let items = list(found, count: n) else { return }
    for index in values.indices {
      let number = items[index].integer(in: Int(range.lowerBound)...Int(range.upperBound))
      if let number, let number = I(exactly: number) { values[index] = number }
    }
  }

  mutating func matrix<let rows: Int, let columns: Int, Real: CoreReal>(
    _ values: inout InlineArray<rows, InlineArray<columns, Real>>, _ key: StaticString,
    unit: StaticString, in range: ClosedRange<Double>, _ meaning: StaticString
  ) {
    guard let (found, _) = entry(key), let lines = list(found, count: rows) else { return }
    for row in values.indices {
      guard let items = list(lines[row], count: columns) else { continue }
      for column in items.indices {
        if let number = read(items[column], in: range, shift: 0) {
          values[row][column] = Real(number)
        }
      }
    }
  }

  mutating func part<P: ConfigurationPart>(
    _ part: inout P, _ key: StaticString, _ meaning: StaticString
  ) {
    guard !skipped.contains("\(key)") else { return }
    Self.read(&part, table.table("\(key)"), tally: tally)
  }

  mutating func parts<let n: Int, P: ConfigurationPart>(
    _ parts: inout InlineArray<n, P>, _ key: StaticString, _ meaning: StaticString
  ) {
    if P.self is any RowPart.Type {
      guard let rows = table.table("\(key)") else { return }
      for index in parts.indices {
        let name = FaultClass.all[index].fileName
        Self.read(&parts[index], rows.table(name), tally: tally)
      }
      return
    }
    guard let (found, _) = entry(key) else { return }
    guard found.isList, found.list().count == n else {
      found.note("a list of \(n) tables is expected")
      return
    }
    for (index, item) in found.list().enumerated() {
      Self.read(&parts[index], item.table(), tally: tally)
    }
  }
}

extension InputTable {
  /// Notes a fault of the table as a whole.
  func note(_ problem: String) { note(problem, at: "") }
}

extension InputValue {
  /// Whether the value is this word.
  func isWord(_ word: String) -> Bool { !isList && !isTable && text() == word }

  /// The position of a word among several, noted where it is none of them.
  func code(of words: [String]) -> UInt32? {
    guard let word = text() else { return nil }
    guard let place = words.firstIndex(of: word) else {
      note(
        "'\(word)' is not known; "
          + (InputTable.nearest(to: word, among: words).map { "did you mean \($0)? " } ?? "")
          + "Allowed: " + words.joined(separator: ", "))
      return nil
    }
    return UInt32(place)
  }

  /// The bits of a list of words; an empty list is no bits.
  func bits(of words: [String]) -> UInt32? {
    var bits: UInt32 = 0
    var isWhole = true
    for item in list() {
      if let place = item.code(of: words) { bits |= 1 << place } else { isWhole = false }
    }
    return isWhole ? bits : nil
  }
}

extension ConfigurationRule {
  /// What is wrong and what to do.
  public var sentence: String {
    switch self {
    case .levelsOutOfOrder:
      "the levels must not lie inside one another: operating, recommended, safety go outward"
    case .boundsOutOfOrder: "a lower bound lies above its upper bound"
    case .pointsOutOfOrder: "the points of a curve or table must rise and be finite"
    case .timesOutOfOrder: "a time is longer than the time it belongs to"
    case .medianWidth: "median_width is 1, 3 or 5"
    case .weightsDoNotSum:
      "the weights of a cell (temperature_gain and temperature_from_coolant) must sum to 1"
    case .indexBeyondTable: "a row does not stand at its place"
    }
  }
}
