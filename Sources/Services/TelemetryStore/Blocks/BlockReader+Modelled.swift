// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reading the directory of modelled columns: blocks of the second version.

extension RankColumn {
  /// The rank is the guess.
  static var model: ColumnModel {
    ColumnModel(
      follow: .exact, sources: [ColumnModel.Source(column: 0, gain: 65_536)], base: 0)
  }
}

extension BlockReader {
  /// A column that stands alone.
  mutating func addModelled(
    _ source: inout ByteSource, _ place: inout (piece: Int, offset: Int), first: Int
  ) throws(MalformedBytes) {
    let kind = try source.byte()
    switch kind {
    case 0:
      add(.constant(try source.signed()))
    case 1:
      guard let follow = ColumnModel.Follow(code: try source.byte()) else { throw MalformedBytes() }
      var model = ColumnModel(follow: follow, base: try source.signed())
      for _ in 0..<(try source.count(upTo: 4)) {
        // Only columns before this one.
        let column = try source.count(upTo: columns.count)
        guard first + column < columns.count else { throw MalformedBytes() }
        model.sources.append(ColumnModel.Source(column: column, gain: try source.signed()))
      }
      tables.append(try ContextTables(&source))
      try add(.modelled(model, tables: tables.count - 1, first: first), &source, &place)
    case 2:
      guard let rank = RankColumn(code: try source.byte()) else { throw MalformedBytes() }
      tables.append(try ContextTables(&source))
      try add(.rank(rank, tables: tables.count - 1, shape: shapes.count), &source, &place)
    default: throw MalformedBytes()
    }
  }

  private mutating func add(_ coding: Column.Coding) {
    columns.append(Column(coding: coding, piece: 0, offset: 0, length: 0))
  }

  private mutating func add(
    _ coding: Column.Coding, _ source: inout ByteSource,
    _ place: inout (piece: Int, offset: Int)
  ) throws(MalformedBytes) {
    let length = try source.count(upTo: Zstandard.limit)
    let here = try self.place(length, &place)
    columns.append(
      Column(coding: coding, piece: here.piece, offset: here.offset, length: length))
  }

  /// Columns of a shape; see ``ModelledShape`` for their order.
  ///
  /// - Returns: The column of each field and of the check byte, and where cells and probes lie.
  mutating func modelledColumns(
    _ fields: [WireField], _ source: inout ByteSource, _ place: inout (piece: Int, offset: Int)
  ) throws(MalformedBytes) -> (members: [Int], rosters: [Roster]) {
    var rosters: [Roster] = []
    for _ in 0..<(try source.count(upTo: fields.count)) {
      let roster = Roster(
        isProbes: try source.byte() == 1, field: try source.count(upTo: fields.count),
        count: try source.count(upTo: fields.count), part: try source.count(upTo: 0xFFFF),
        first: try source.count(upTo: 0xFFFF))
      guard roster.field + roster.count <= fields.count else { throw MalformedBytes() }
      rosters.append(roster)
    }
    let first = columns.count
    var members = [Int](repeating: -1, count: fields.count)
    for _ in 0..<(try source.count(upTo: 1)) {
      let field = try source.count(upTo: fields.count)
      guard members.indices.contains(field), fields[field].list == 0 else {
        throw MalformedBytes()
      }
      members[field] = columns.count
      try addModelled(&source, &place, first: first)
    }
    var start = 0
    while start < fields.count {
      let list = fields[start].list
      var next = start + 1
      while list > 0, next < fields.count, fields[next].list == list { next += 1 }
      if list > 0 {
        try addList(start..<next, &members, &source, &place, first: first)
      }
      start = next
    }
    for field in fields.indices where members[field] < 0 {
      members[field] = columns.count
      try addModelled(&source, &place, first: first)
    }
    try addModelled(&source, &place, first: first)
    return (members + [columns.count - 1], rosters)
  }

  private mutating func addList(
    _ range: Range<Int>, _ members: inout [Int], _ source: inout ByteSource,
    _ place: inout (piece: Int, offset: Int), first: Int
  ) throws(MalformedBytes) {
    let mode = try source.byte()
    guard mode <= 2, let follow = ColumnModel.Follow(code: try source.byte()) else {
      throw MalformedBytes()
    }
    var sources: [ColumnModel.Source] = []
    if mode > 0 {
      sources.append(ColumnModel.Source(column: columns.count - first, gain: 65_536 / 4))
      try addModelled(&source, &place, first: first)
    }
    guard mode < 2 || columns.count > first + 1 else { throw MalformedBytes() }
    tables.append(try ContextTables(&source))
    let shared = tables.count - 1
    var base: Int64 = 0
    for field in range {
      members[field] = columns.count
      let kind = try source.byte()
      base &+= try source.signed()
      if kind == 0 {
        add(.constant(base))
        continue
      }
      var model = ColumnModel(follow: follow, sources: sources, base: base)
      if mode == 2 {
        model.sources.append(ColumnModel.Source(column: 0, gain: try source.signed()))
      }
      try add(.modelled(model, tables: shared, first: first), &source, &place)
    }
  }
}
