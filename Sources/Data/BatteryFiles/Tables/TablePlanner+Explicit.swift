// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Plans from an explicit mapping.

import BatteryDomain
import Foundation

extension TablePlanner {
  /// A plan from the mappings of the options.
  ///
  /// - Parameters:
  ///   - header: The column titles; empty for a file without a header.
  ///   - width: Number of columns in the first rows.
  ///   - firstForm: The form of a column's first value: a date, a duration or a number.
  /// - Returns: A plan of the named columns only.
  /// - Throws: ``FileError`` when a named column is not there.
  func explicitPlan(
    header: [HeaderName], width: Int, firstForm: (Int) -> NumberForm
  ) throws(FileError) -> TablePlan {
    var columns: [PlannedColumn] = []
    let clock = options.wallClockOffset ?? 0
    var reference = TimeReference.testStart
    for mapping in options.columns {
      for match in try matches(of: mapping, header: header, width: width) {
        let printed = match.position < header.count ? header[match.position].unit : ""
        let wanted = QuantityCatalogue.descriptor(of: mapping.quantity).unit
        let unit =
          mapping.unit ?? (UnitTable.entry(of: printed)?.dimension == wanted ? printed : "")
        let entry = UnitTable.entry(of: unit)
        var form = entry?.form ?? .decimal
        if wanted == "s", mapping.unit == nil, form == .decimal {
          let seen = firstForm(match.position)
          if seen == .date || seen == .duration { form = seen }
        }
        if form == .date || form == .excelDate, mapping.quantity == .time {
          reference = .unixEpoch
        }
        let sign = mapping.negated ? -1.0 : 1.0
        columns.append(
          PlannedColumn(
            source: match.position, form: form,
            schema: ColumnSchema(
              quantity: mapping.quantity, element: match.element, sourceName: match.title,
              sourceUnit: form == .decimal ? unit : form.rawValue,
              scale: sign * (entry?.scale ?? 1), offset: sign * (entry?.offset ?? 0)),
            range: QuantityCatalogue.descriptor(of: mapping.quantity).validRange,
            sentinels: Sentinel.list(for: mapping.quantity, rawOffset: 0), clockOffset: clock))
      }
    }
    let quantities = Set(options.columns.map(\.quantity))
    let kind: DataFile.Kind =
      quantities.contains(.cellVoltage)
      ? .vehicle
      : quantities.contains(.impedanceReal)
        ? .impedance
        : quantities.contains(.voltage) || quantities.contains(.current) ? .cellTest : .cycleTable
    return try finish(
      TablePlan(
        format: "mapped", title: "columns named by the caller", kind: kind,
        timeReference: reference, wallClockOffset: clock, sourceColumns: max(header.count, width),
        columns: columns.sorted { $0.source < $1.source }, ignored: [], derived: .none,
        direction: nil, notes: []),
      rowInterval: options.rowInterval)
  }

  private func matches(
    of mapping: ColumnMapping, header: [HeaderName], width: Int
  ) throws(FileError) -> [(position: Int, element: Int, title: String)] {
    if mapping.column.first == "#", let number = Int(mapping.column.dropFirst()) {
      guard number >= 1, number <= max(width, header.count) else {
        throw missing(mapping, header, "a column number from 1 to \(max(width, header.count))")
      }
      let title = number <= header.count ? header[number - 1].title : "column \(number)"
      return [(number - 1, 0, title)]
    }
    if let star = mapping.column.firstIndex(of: "*") {
      let before = mapping.column[..<star]
      let after = mapping.column[mapping.column.index(after: star)...]
      var found: [(position: Int, element: Int, title: String)] = []
      for (position, title) in header.enumerated() {
        for text in [title.title, Self.withoutUnit(title)] {
          guard text.hasPrefix(before), text.hasSuffix(after),
            text.count > before.count + after.count
          else { continue }
          let middle = text.dropFirst(before.count).dropLast(after.count)
          guard let number = Int(middle), number >= 0 else { continue }
          found.append((position, number, title.title))
          break
        }
      }
      guard !found.isEmpty else { throw missing(mapping, header, "columns like it") }
      let numbers = found.map(\.element)
      let first = numbers.contains(0) ? 0 : 1
      return found.map { ($0.position, $0.element - first, $0.title) }
    }
    let wanted = HeaderName(mapping.column)
    let position =
      header.firstIndex { $0.title == mapping.column }
      ?? header.firstIndex { Self.withoutUnit($0) == mapping.column }
      ?? header.firstIndex { $0.name == wanted.name && !wanted.name.isEmpty }
    guard let position else { throw missing(mapping, header, "that title in the header") }
    return [(position, 0, header[position].title)]
  }

  private static func withoutUnit(_ title: HeaderName) -> String {
    guard !title.unit.isEmpty, let end = title.title.range(of: title.unit, options: .backwards)
    else { return title.title }
    let trimmed = title.title[..<end.lowerBound].reversed().drop {
      $0 == " " || $0 == "[" || $0 == "(" || $0 == "/" || $0 == "（"
    }
    return String(trimmed.reversed())
  }

  private func missing(
    _ mapping: ColumnMapping, _ header: [HeaderName], _ expected: String
  ) -> FileError {
    let titles = header.prefix(12).map(\.title).joined(separator: ", ")
    return .malformed(
      file: file, row: nil, column: mapping.column, expected: expected,
      found: header.isEmpty
        ? "no header" : "\(titles)\(header.count > 12 ? ", …" : "")")
  }
}
