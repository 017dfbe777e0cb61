// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The fields of one shape as modelled columns: the second version of blocks.

import BatteryDomain

/// Where the cells or the probes of a shape lie, for numbers that name one of them.
struct Roster: Hashable {
  /// Whether these are probes, not cells.
  var isProbes: Bool
  /// The first field and how many.
  var field: Int
  var count: Int
  /// Number of the subsystem, and of the first cell or probe in it.
  var part: Int
  var first: Int
}

/// A number that follows from the cells or probes of its row: which of them is the highest.
struct RankColumn: Hashable {
  var isProbes: Bool
  var isLowest: Bool
  /// Of equals the last.
  var takesLast: Bool
  /// The subsystem, not the cell.
  var isPart: Bool

  var code: UInt8 {
    (isProbes ? 1 : 0) | (isLowest ? 2 : 0) | (takesLast ? 4 : 0) | (isPart ? 8 : 0)
  }

  init(isProbes: Bool, isLowest: Bool, takesLast: Bool, isPart: Bool) {
    self.isProbes = isProbes
    self.isLowest = isLowest
    self.takesLast = takesLast
    self.isPart = isPart
  }

  init?(code: UInt8) {
    guard code < 16 else { return nil }
    self.init(
      isProbes: code & 1 != 0, isLowest: code & 2 != 0, takesLast: code & 4 != 0,
      isPart: code & 8 != 0)
  }

  /// The number in each row.
  ///
  /// - Parameters:
  ///   - rosters: Where cells and probes lie.
  ///   - rows: Number of rows.
  ///   - columns: The columns of a roster's fields, in their order.
  /// - Returns: The number of a cell, a probe or a subsystem.
  /// - Throws: What `columns` throws.
  /// - Complexity: O(rows × cells).
  func values<Failure: Error>(
    _ rosters: [Roster], rows: Int, columns: (Roster) throws(Failure) -> [[Int64]]
  ) throws(Failure) -> [Int64] {
    var best = [Int64](repeating: isLowest ? .max : .min, count: rows)
    var found = [Int64](repeating: 1, count: rows)
    for roster in rosters where roster.isProbes == isProbes {
      let sentinel: Int64 = isProbes ? 0xFE : 0xFFFE
      for (place, column) in try columns(roster).enumerated() {
        guard column.count == rows else { continue }
        let number = Int64(isPart ? roster.part : roster.first + place)
        for row in 0..<rows {
          let value = column[row]
          if value >= sentinel { continue }
          let isBetter = isLowest ? value < best[row] : value > best[row]
          if isBetter || (takesLast && value == best[row]) {
            best[row] = value
            found[row] = number
          }
        }
      }
    }
    return found
  }
}

/// Lays out the fields of one shape as modelled columns.
///
/// Order: the columns that lead (the pack's current), then each list with its mean, then the rest,
/// then the check byte. A column may lean on any that comes before it.
struct ModelledShape {
  private let columns: [[Int64]]
  private let fields: [WireField]
  private let rows: Int
  private let chooser: ModelChooser
  /// Columns done, by number; those that others may lean on with their numbers.
  private var done = 0
  private var usable: [(number: Int, values: [Int64])] = []

  init(columns: [[Int64]], fields: [WireField], rows: Int) {
    self.columns = columns
    self.fields = fields
    self.rows = rows
    chooser = ModelChooser(rows: rows)
  }

  /// Writes everything but the shape's template.
  mutating func write(
    _ walker: FrameWalker?, shift: Int, checks: [Int64], _ writer: inout PieceWriter,
    _ body: inout ByteSink
  ) throws(BlockError) {
    let rosters = walker?.rosters(shift: shift) ?? []
    body.count(rosters.count)
    for roster in rosters {
      body.bytes.append(roster.isProbes ? 1 : 0)
      body.count(roster.field)
      body.count(roster.count)
      body.count(roster.part)
      body.count(roster.first)
    }
    let leaders = walker?.signals[SignalKey(.current)].map { [$0.field + shift] } ?? []
    body.count(leaders.count)
    for field in leaders {
      body.count(field)
      try alone(columns[field], &writer, &body)
    }
    let leading = leaders.first.map { columns[$0] }
    var start = 0
    while start < fields.count {
      let list = fields[start].list
      var next = start + 1
      while list > 0, next < fields.count, fields[next].list == list { next += 1 }
      if list > 0 { try self.list(start..<next, leading, &writer, &body) }
      start = next
    }
    var ranks: [Int: RankColumn] = [:]
    for rank in walker?.ranks(shift: shift) ?? [] { ranks[rank.field] = rank.rank }
    for (number, field) in fields.enumerated() where field.list == 0 && !leaders.contains(number) {
      if let rank = ranks[number], try self.rank(rank, rosters, columns[number], &writer, &body) {
        continue
      }
      try alone(columns[number], &writer, &body)
    }
    try alone(checks, &writer, &body)
  }

  // MARK: - Single columns

  /// A column that stands alone.
  static func alone(
    _ values: [Int64], chooser: ModelChooser, others: [(number: Int, values: [Int64])],
    _ writer: inout PieceWriter, _ body: inout ByteSink
  ) throws(BlockError) -> Bool {
    let base = values.first ?? 0
    if values.allSatisfy({ $0 == base }) {
      body.bytes.append(0)
      body.signed(base)
      return true
    }
    let (model, steady) = chooser.model(for: values, others: others)
    body.bytes.append(1)
    try code(model, values, steady, &writer, &body)
    return false
  }

  private static func code(
    _ model: ColumnModel, _ values: [Int64], _ steady: [Int64], _ writer: inout PieceWriter,
    _ body: inout ByteSink
  ) throws(BlockError) {
    let residuals = model.residuals(of: values, steady: steady)
    let tables = ContextTables([residuals])
    let bytes = tables.encode(residuals)
    body.bytes.append(model.follow.code)
    body.signed(model.base)
    body.count(model.sources.count)
    for source in model.sources {
      body.count(source.column)
      body.signed(source.gain)
    }
    tables.write(to: &body)
    body.count(bytes.count)
    try writer.add(stored: bytes)
  }

  private mutating func alone(
    _ values: [Int64], _ writer: inout PieceWriter, _ body: inout ByteSink
  ) throws(BlockError) {
    let isConstant = try Self.alone(
      values, chooser: chooser, others: usable, &writer, &body)
    if !isConstant { usable.append((done, values)) }
    done += 1
  }

  /// A number that names a cell or probe, if that is what it does.
  private mutating func rank(
    _ rank: RankColumn, _ rosters: [Roster], _ values: [Int64], _ writer: inout PieceWriter,
    _ body: inout ByteSink
  ) throws(BlockError) -> Bool {
    guard let base = values.first, !values.allSatisfy({ $0 == base }) else { return false }
    var best: (rank: RankColumn, guess: [Int64], hits: Int)?
    for takesLast in [false, true] {
      var rank = rank
      rank.takesLast = takesLast
      let guess = rank.values(rosters, rows: rows) {
        Array(columns[$0.field..<$0.field + $0.count])
      }
      let hits = zip(guess, values).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) }
      if hits > best?.hits ?? -1 { best = (rank, guess, hits) }
    }
    // Below half, the last number is the better guess.
    guard let best, best.hits * 2 > rows else { return false }
    body.bytes.append(2)
    body.bytes.append(best.rank.code)
    let model = ColumnModel(
      follow: .exact, sources: [ColumnModel.Source(column: 0, gain: 65_536)], base: 0)
    let residuals = model.residuals(of: values, steady: model.steady([best.guess]))
    let tables = ContextTables([residuals])
    let bytes = tables.encode(residuals)
    tables.write(to: &body)
    body.count(bytes.count)
    try writer.add(stored: bytes)
    done += 1
    return true
  }

  // MARK: - Lists

  /// Columns of equals: around their mean, with what the current makes of each, or each alone.
  private mutating func list(
    _ range: Range<Int>, _ leading: [Int64]?, _ writer: inout PieceWriter, _ body: inout ByteSink
  ) throws(BlockError) {
    let members = Array(columns[range])
    let varying = members.filter { column in !column.allSatisfy { $0 == column[0] } }
    // Quarters: finer costs more bits in the mean than it saves in the members.
    let means = Self.means(of: varying)
    let sample = varying.enumerated().filter { $0.offset % 7 == 0 }.map(\.element)
    let mean = ColumnModel.Source(column: done, gain: 65_536 / 4)
    let leader = leading.map { _ in 0 }
    var best = (mode: UInt8(0), follow: ColumnModel.Follow.running(0), cost: Double.infinity)
    for mode: UInt8 in leading == nil ? [0, 1] : [0, 1, 2] {
      for follow: ColumnModel.Follow in [.running(0), .running(2), .running(4), .running(6)] {
        if mode == 2, best.mode == 0 || follow == .running(0) { continue }
        var cost = mode == 0 ? 0.0 : 6 * Double(rows) / Double(max(1, varying.count))
        for column in sample {
          let (model, steady) = model(
            column, mode, follow, mean, means, leader, leading)
          cost += chooser.cost(model, column, steady: steady)
        }
        if cost < best.cost { best = (mode, follow, cost) }
      }
    }
    let (mode, follow) = (varying.isEmpty ? 0 : best.mode, best.follow)
    body.bytes.append(mode)
    body.bytes.append(follow.code)
    if mode > 0 { try alone(means, &writer, &body) }
    var coded: [CodedResiduals] = []
    var records = ByteSink()
    var models: [ColumnModel?] = []
    var last: Int64 = 0
    for column in members {
      if column.allSatisfy({ $0 == column[0] }) {
        models.append(nil)
        continue
      }
      let (model, steady) = model(column, mode, follow, mean, means, leader, leading)
      models.append(model)
      coded.append(model.residuals(of: column, steady: steady))
    }
    let tables = ContextTables(coded)
    tables.write(to: &body)
    var place = 0
    for (column, model) in zip(members, models) {
      let base = column.first ?? 0
      records.bytes.append(model == nil ? 0 : 1)
      records.signed(base &- last)
      last = base
      guard let model else { continue }
      if mode == 2 { records.signed(model.sources[1].gain) }
      let bytes = tables.encode(coded[place])
      place += 1
      records.count(bytes.count)
      try writer.add(stored: bytes)
    }
    body.bytes += records.bytes
    done += members.count
  }

  private func model(
    _ column: [Int64], _ mode: UInt8, _ follow: ColumnModel.Follow, _ mean: ColumnModel.Source,
    _ means: [Int64], _ leader: Int?, _ leading: [Int64]?
  ) -> (ColumnModel, [Int64]) {
    var model = ColumnModel(follow: follow, base: column[0])
    if mode == 0 { return (model, []) }
    model.sources = [mean]
    if mode == 1 { return (model, model.steady([means])) }
    let apart = zip(column, means).map { $0 &* 4 &- $1 }
    let gain = chooser.gain(of: leading ?? [], for: apart).gain / 4
    model.sources.append(ColumnModel.Source(column: leader ?? 0, gain: gain))
    return (model, model.steady([means, leading ?? []]))
  }

  /// The mean of columns in each row, in quarters.
  private static func means(of columns: [[Int64]]) -> [Int64] {
    guard let first = columns.first else { return [] }
    var sums = [Int64](repeating: 0, count: first.count)
    for column in columns {
      for row in sums.indices { sums[row] &+= column[row] }
    }
    let count = Int64(columns.count)
    for row in sums.indices { sums[row] = (sums[row] &* 8 &+ count) / (2 &* count) }
    return sums
  }
}
