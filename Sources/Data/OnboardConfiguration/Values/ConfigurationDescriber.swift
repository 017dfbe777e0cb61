// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Turns the fields of a configuration into a tree of keys and values.

public import BMSCore

extension ConfigurationPart {
  /// All fields of the part as a tree, in the order shown.
  public var described: [ConfigurationEntry] {
    var describer = ConfigurationDescriber()
    var copy = self
    copy.visit(&describer)
    return describer.entries
  }
}

/// Collects what a part shows.
struct ConfigurationDescriber: ConfigurationVisitor {
  private(set) var entries: [ConfigurationEntry] = []

  private mutating func add(
    _ key: StaticString, _ value: ConfigurationValue, unit: StaticString = "",
    _ meaning: StaticString
  ) {
    entries.append(
      ConfigurationEntry(
        key: "\(key)", value: value, unit: "\(unit)", meaning: "\(meaning)"))
  }

  /// Limits that do not exist are stored as 1e30, where everything that exists is below 1e9.
  private func value<Real: CoreReal>(
    _ number: Real, in range: ClosedRange<Double>
  ) -> ConfigurationValue {
    // Through single precision, as the image has it.
    let single = Float(number)
    return .number(single > 1e29 ? nil : Self.shortest(single), in: range)
  }

  /// The double with the fewest digits that is this single: 4.2 and not 4.19999980926514.
  static func shortest(_ single: Float) -> Double { Double("\(single)") ?? Double(single) }

  mutating func number<Real: CoreReal>(
    _ value: inout Real, _ key: StaticString, unit: StaticString, in range: ClosedRange<Double>,
    _ meaning: StaticString
  ) { add(key, self.value(value, in: range), unit: unit, meaning) }

  mutating func integer<I: FixedWidthInteger>(
    _ value: inout I, _ key: StaticString, in range: ClosedRange<UInt32>, _ meaning: StaticString
  ) {
    let number = UInt32(truncatingIfNeeded: value)
    if let words = ConfigurationWords.codes("\(key)"), Int(number) < words.count {
      add(key, .word(words[Int(number)], of: words), meaning)
    } else if "\(key)" == "enable" {
      let words = ConfigurationWords.enable
      add(key, .words(ConfigurationWords.words(number, of: words), of: words), meaning)
    } else {
      add(key, .integer(number, in: range), meaning)
    }
  }

  mutating func flag(_ value: inout Bool, _ key: StaticString, _ meaning: StaticString) {
    add(key, .flag(value), meaning)
  }

  mutating func numbers<let n: Int, Real: CoreReal>(
    _ values: inout InlineArray<n, Real>, _ key: StaticString, unit: StaticString,
    in range: ClosedRange<Double>, _ meaning: StaticString
  ) {
    add(key, .list(values.indices.map { value(values[$0], in: range) }), unit: unit, meaning)
  }

  mutating func integers<let n: Int, I: FixedWidthInteger>(
    _ values: inout InlineArray<n, I>, _ key: StaticString, in range: ClosedRange<UInt32>,
    _ meaning: StaticString
  ) {
    let numbers = values.indices.map { UInt32(truncatingIfNeeded: values[$0]) }
    if "\(key)" == "reactions" {
      let words = ConfigurationWords.reactions
      add(
        key, .list(numbers.map { .words(ConfigurationWords.words($0, of: words), of: words) }),
        meaning)
    } else {
      add(key, .list(numbers.map { .integer($0, in: range) }), meaning)
    }
  }

  mutating func matrix<let rows: Int, let columns: Int, Real: CoreReal>(
    _ values: inout InlineArray<rows, InlineArray<columns, Real>>, _ key: StaticString,
    unit: StaticString, in range: ClosedRange<Double>, _ meaning: StaticString
  ) {
    let lists = values.indices.map { row -> ConfigurationValue in
      let line = values[row]
      return .list(line.indices.map { value(line[$0], in: range) })
    }
    add(key, .list(lists), unit: unit, meaning)
  }

  mutating func part<P: ConfigurationPart>(
    _ part: inout P, _ key: StaticString, _ meaning: StaticString
  ) { add(key, .table(part.described), meaning) }

  mutating func parts<let n: Int, P: ConfigurationPart>(
    _ parts: inout InlineArray<n, P>, _ key: StaticString, _ meaning: StaticString
  ) {
    if P.self is any RowPart.Type {
      // The table has one row a class: files name the class instead of counting.
      let rows = parts.indices.map { index in
        ConfigurationEntry(
          key: FaultClass.all[index].fileName,
          value: .table(parts[index].described.filter { $0.key != "fault" }),
          unit: FaultClass.all[index].unit, meaning: FaultClass.all[index].title)
      }
      add(key, .table(rows), meaning)
    } else {
      add(key, .list(parts.indices.map { .table(parts[$0].described) }), meaning)
    }
  }
}

/// A part that is a row of the diagnosis table.
protocol RowPart {}
extension DiagnosisRow: RowPart {}
