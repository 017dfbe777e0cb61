// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// From a header to a plan: recognition, explicit mapping, units and signs.

import BatteryDomain
import Quantities

/// Turns a header into a plan.
struct TablePlanner {
  let file: String
  let options: ReadOptions

  /// A plan from the format table.
  ///
  /// - Parameters:
  ///   - format: The recognised format.
  ///   - header: The column titles.
  ///   - rules: One rule a column where they are known; nil to look them up by title.
  ///   - isText: Whether a source column holds text in the first rows.
  /// - Returns: The plan.
  /// - Throws: ``FileError`` when no column of a quantity is left.
  func plan(
    format: FormatDefinition, header: [HeaderName], rules: [ColumnRule]? = nil,
    isText: (Int) -> Bool
  ) throws(FileError) -> TablePlan {
    var columns: [PlannedColumn] = []
    var ignored: [String] = []
    var taken = Set<QuantityKey>()
    var direction: (column: Int, discharge: [UInt8])?
    var flipCurrent = false
    var reference = format.timeReference
    switch format.currents {
    case .chargePositive: flipCurrent = true
    case .dischargePositive: break
    case .state(let names, let letters):
      if let column = header.firstIndex(where: { names.contains($0.name) }) {
        direction = (column, letters.compactMap(\.asciiValue))
      } else {
        flipCurrent = true
      }
    }
    let clock = options.wallClockOffset ?? format.wallClockOffset
    for (position, title) in header.enumerated() {
      guard let rule = rules?[position] ?? Self.rule(for: title, in: format) else {
        if let column = plainColumn(title, at: position, isText: isText(position)) {
          columns.append(column)
        } else if !title.title.isEmpty {
          ignored.append(title.title)
        }
        continue
      }
      var quantity = rule.quantity
      var element = 0
      if let key = quantity {
        if QuantityCatalogue.descriptor(of: key).shape == .scalar {
          // The first column of a scalar quantity counts; later ones stay as plain numbers.
          if !taken.insert(key).inserted { quantity = nil }
        } else {
          element = max(0, (title.indexed?.number ?? 1) - 1)
        }
      }
      let flips =
        rule.flipped
        || (flipCurrent && (quantity == .current || quantity == .power))
      guard
        let column = try planned(
          title, at: position, quantity: quantity, element: element, rule: rule, flips: flips,
          clock: clock)
      else {
        ignored.append(title.title)
        continue
      }
      if quantity == .time, column.form == .date || title.name.hasPrefix("unix time") {
        reference = .unixEpoch
      }
      columns.append(column)
    }
    numberElements(&columns)
    return try finish(
      TablePlan(
        format: format.name, title: format.title, kind: format.kind,
        timeReference: reference, wallClockOffset: clock,
        sourceColumns: header.count, columns: columns, ignored: ignored, derived: .none,
        direction: direction, notes: format.notes),
      rowInterval: options.rowInterval ?? format.rowInterval)
  }

  /// The rule of a format for a title, by its name or its name without the number.
  static func rule(for title: HeaderName, in format: FormatDefinition) -> ColumnRule? {
    let indexed = title.indexed?.pattern
    return format.columns.first { rule in
      rule.names.contains { name in
        name == title.name || name == indexed
          || (name.last == "*" && title.name.hasPrefix(name.dropLast()))
      }
    }
  }

  private func planned(
    _ title: HeaderName, at position: Int, quantity: QuantityKey?, element: Int,
    rule: ColumnRule, flips: Bool, clock: Double
  ) throws(FileError) -> PlannedColumn? {
    if rule.form == .text { return nil }
    let wanted = rule.quantity.map { QuantityCatalogue.descriptor(of: $0).unit }
    var entry = UnitTable.entry(of: rule.unit)
    var unit = rule.unit
    if !rule.overrulesHeader, !title.unit.isEmpty {
      if let printed = UnitTable.entry(of: title.unit),
        wanted == nil || printed.dimension == wanted
      {
        entry = printed
        unit = title.unit
      } else if wanted != nil, entry == nil {
        throw .malformed(
          file: file, row: nil, column: title.title,
          expected: "a unit of \(rule.quantity?.rawValue ?? "the column")",
          found: "'\(title.unit)'; name it with --columns")
      }
    }
    let sign = flips ? -1.0 : 1.0
    let scale = entry?.scale ?? 1
    let offset = (entry?.offset ?? 0) + rule.rawOffset * scale
    let form = rule.form ?? entry?.form ?? .decimal
    return PlannedColumn(
      source: position, form: form,
      schema: ColumnSchema(
        quantity: quantity, element: element, sourceName: title.title,
        sourceUnit: form == .decimal ? unit : form.rawValue, scale: sign * scale,
        offset: sign * offset),
      range: quantity.map { QuantityCatalogue.descriptor(of: $0).validRange },
      sentinels: Sentinel.list(for: quantity, rawOffset: rule.rawOffset), clockOffset: clock)
  }

  private func plainColumn(_ title: HeaderName, at position: Int, isText: Bool) -> PlannedColumn? {
    guard !isText, !title.title.isEmpty else { return nil }
    return PlannedColumn(
      source: position, form: .decimal,
      schema: ColumnSchema(quantity: nil, sourceName: title.title, sourceUnit: title.unit),
      range: nil, sentinels: [], clockOffset: 0)
  }

  /// Numbers the columns of a per-cell quantity from 0 in the order of their printed numbers.
  private func numberElements(_ columns: inout [PlannedColumn]) {
    let shaped = Dictionary(grouping: columns.indices) { columns[$0].schema.quantity }
    for (quantity, positions) in shaped {
      guard let quantity, QuantityCatalogue.descriptor(of: quantity).shape != .scalar else {
        continue
      }
      let ordered = positions.sorted {
        (columns[$0].schema.element, $0) < (columns[$1].schema.element, $1)
      }
      let numbers = ordered.map { columns[$0].schema.element }
      // Printed numbers stay when they are distinct, so that "cell 82" is element 81.
      if Set(numbers).count == numbers.count { continue }
      for (element, position) in ordered.enumerated() {
        columns[position].schema.element = element
      }
    }
  }

  /// Adds the derived time and checks that something is left to read.
  func finish(_ plan: TablePlan, rowInterval: Double?) throws(FileError) -> TablePlan {
    var plan = plan
    var known = Set(plan.columns.compactMap(\.schema.quantity))
    if !known.isEmpty, !known.contains(.time), plan.kind == .cellTest || plan.kind == .vehicle,
      let date = plan.columns.firstIndex(where: { $0.form == .date && $0.schema.quantity == nil })
    {
      // Without another time the date of each row is its time.
      plan.columns[date].schema.quantity = .time
      plan.columns[date].range = QuantityCatalogue.descriptor(of: .time).validRange
      plan.timeReference = .unixEpoch
      known.insert(.time)
    }
    guard !known.isEmpty else {
      throw .unrecognised(
        file: file,
        hint: "no column of its header is a known quantity; name them with --columns, "
          + "for example --columns 'time=t[s],voltage=U[V],current=-I[A]'")
    }
    guard !known.contains(.time), plan.kind == .cellTest || plan.kind == .vehicle else {
      return plan
    }
    if known.contains(.stepTime) {
      plan.derived = .continued
      plan.timeReference = .testStart
    } else {
      let interval = rowInterval ?? 1
      plan.derived = .rowNumber(interval: interval)
      plan.timeReference = .rowNumber
      plan.notes.append(
        "no time column: rows are counted at \(interval) s"
          + (rowInterval == nil ? " (assumed; state it with --interval)" : ""))
    }
    return plan
  }
}
