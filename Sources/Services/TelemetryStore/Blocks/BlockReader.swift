// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reads a column block: whole frames, or one column without the others.

/// Reads a column block: whole frames, or one column without the others.
///
/// Only the pieces that are asked for are read and unpacked, each after its check sum.
struct BlockReader {
  struct Piece {
    var offset: Int
    var packed: Int
    var count: Int
    var crc: UInt32
  }

  /// A column and where it lies.
  struct Column {
    /// How its bytes become numbers.
    enum Coding {
      /// As in the first version: digits behind zstd; the means that it is guessed around.
      case packed(ColumnRecord, mean: Int?)
      /// One number in all rows.
      case constant(Int64)
      /// By a model and a set of tables; `first` is the first column of its shape.
      case modelled(ColumnModel, tables: Int, first: Int)
      /// By which cell or probe is the highest; of a shape, with a set of tables.
      case rank(RankColumn, tables: Int, shape: Int)
    }

    var coding: Coding
    var piece: Int
    var offset: Int
    var length: Int
  }

  /// One shape of the block.
  struct Shape {
    var shape: FrameShape
    /// Its fields, then the check byte; for plain frames the lengths.
    var columns: [Int]
    /// Bytes of plain frames or stretches: piece, offset, length.
    var stretches: [(piece: Int, offset: Int, length: Int)]
    /// Where its cells and probes lie.
    var rosters: [Roster] = []
  }

  let vehicle: Int32
  let rowCount: Int
  let version: UInt16
  var shapes: [Shape] = []
  var pieces: [Piece] = []
  var columns: [Column] = []
  var tables: [ContextTables] = []
  private var decoding: [Int: DecodingTables] = [:]
  /// Columns that others lean on, or all of a shape while frames are put together.
  private var known: [Int: [Int64]] = [:]
  private var keepsColumns = false
  private var unpacked: [Int: [UInt8]] = [:]
  private let fetch: (Int, Int) throws(FileFault) -> [UInt8]
  private let zstandard: Zstandard

  /// Reads a block in memory.
  init(_ bytes: [UInt8], zstandard: Zstandard) throws(BlockError) {
    try self.init(length: bytes.count, zstandard: zstandard) { offset, count in
      Array(bytes[min(offset, bytes.count)..<min(offset + count, bytes.count)])
    }
  }

  /// Reads the header and the directory.
  ///
  /// - Parameters:
  ///   - length: Bytes of the block.
  ///   - zstandard: Unpacks.
  ///   - fetch: Bytes of the block by offset and count.
  /// - Throws: ``BlockError`` if a check sum does not fit.
  init(
    length: Int, zstandard: Zstandard,
    fetch: @escaping (Int, Int) throws(FileFault) -> [UInt8]
  ) throws(BlockError) {
    self.fetch = fetch
    self.zstandard = zstandard
    // Header and directory seldom need more, so that one read gets both.
    var start = try Self.read(fetch, 0, min(length, 4_096))
    var source = ByteSource(start)
    guard let magic = try? source.fixed(UInt32.self), magic == BlockFormat.magic,
      let version = try? source.fixed(UInt16.self), (try? source.fixed(UInt16.self)) != nil,
      let packed = try? source.fixed(UInt32.self), let count = try? source.fixed(UInt32.self),
      let rows = try? source.fixed(UInt32.self), let vehicle = try? source.fixed(Int32.self),
      let total = try? source.fixed(UInt32.self), let sum = try? source.fixed(UInt32.self),
      let own = try? source.fixed(UInt32.self), own == CRC32C.checksum(start, in: 0..<32)
    else { throw .checksum(part: "the header") }
    guard version <= BlockFormat.version else { throw .tooNew(version: version) }
    let directoryEnd = BlockFormat.headerSize + Int(packed)
    guard Int(total) == length, directoryEnd <= length, Int(rows) <= BlockFormat.mostRows else {
      throw .malformed("\(total) bytes where the index says \(length)")
    }
    self.version = version
    self.vehicle = vehicle
    rowCount = Int(rows)
    if directoryEnd > start.count { start = try Self.read(fetch, 0, directoryEnd) }
    let directory = Array(start[BlockFormat.headerSize..<directoryEnd])
    guard CRC32C.checksum(directory) == sum else { throw .checksum(part: "the directory") }
    let text = try zstandard.decompress(directory, count: Int(count))
    do {
      try parse(text, from: directoryEnd, length: length)
    } catch {
      throw .malformed("a directory that ends too early")
    }
  }

  /// Length of a block by its header; nil if that is not whole.
  static func length(ofHeader bytes: [UInt8]) -> Int? {
    var source = ByteSource(bytes)
    guard bytes.count >= BlockFormat.headerSize,
      let magic = try? source.fixed(UInt32.self), magic == BlockFormat.magic,
      (try? source.skip(20)) != nil, let total = try? source.fixed(UInt32.self),
      (try? source.skip(4)) != nil, let own = try? source.fixed(UInt32.self),
      own == CRC32C.checksum(bytes, in: 0..<32)
    else { return nil }
    return Int(total)
  }

  private static func read(
    _ fetch: (Int, Int) throws(FileFault) -> [UInt8], _ offset: Int, _ count: Int
  ) throws(BlockError) -> [UInt8] {
    do {
      let bytes = try fetch(offset, count)
      if bytes.count == count { return bytes }
    } catch {
      throw .file(error)
    }
    throw .malformed("more bytes than the file has")
  }

  // MARK: - Directory

  private mutating func parse(
    _ directory: [UInt8], from start: Int, length: Int
  ) throws(MalformedBytes) {
    var source = ByteSource(directory)
    var offset = start
    for _ in 0..<(try source.count(upTo: directory.count)) {
      let packed = try source.count(upTo: length)
      let count = try source.count(upTo: Zstandard.limit)
      pieces.append(Piece(offset: offset, packed: packed, count: count, crc: try source.fixed()))
      offset += packed
    }
    guard offset == length else { throw MalformedBytes() }
    var place = (piece: 0, offset: 0)
    for _ in 0..<4 {
      if version == 1 {
        try addColumn(&source, &place)
      } else {
        try addModelled(&source, &place, first: 0)
      }
    }
    for _ in 0..<(try source.count(upTo: BlockFormat.mostShapesWithPlain)) {
      try addShape(&source, &place)
    }
  }

  mutating func place(
    _ length: Int, _ place: inout (piece: Int, offset: Int)
  ) throws(MalformedBytes) -> (piece: Int, offset: Int) {
    let here = place
    if length == 0 { return here }
    guard pieces.indices.contains(here.piece),
      here.offset + length <= pieces[here.piece].count
    else { throw MalformedBytes() }
    place.offset += length
    if place.offset == pieces[here.piece].count { place = (here.piece + 1, 0) }
    return here
  }

  private mutating func addColumn(
    _ source: inout ByteSource, _ place: inout (piece: Int, offset: Int), mean: Int? = nil
  ) throws(MalformedBytes) {
    let record = try ColumnRecord(&source)
    let here = try self.place(record.length, &place)
    columns.append(
      Column(
        coding: .packed(record, mean: mean), piece: here.piece, offset: here.offset,
        length: record.length))
  }

  private mutating func addShape(
    _ source: inout ByteSource, _ place: inout (piece: Int, offset: Int)
  ) throws(MalformedBytes) {
    guard let kind = FrameShape.Kind(rawValue: try source.byte()) else { throw MalformedBytes() }
    if kind == .plain {
      let shape = FrameShape(plainOf: try source.byte())
      if version == 1 {
        try addColumn(&source, &place)
      } else {
        try addModelled(&source, &place, first: columns.count)
      }
      let length = try source.count(upTo: Zstandard.limit)
      let here = try self.place(length, &place)
      shapes.append(
        Shape(
          shape: shape, columns: [columns.count - 1],
          stretches: [(here.piece, here.offset, length)]))
      return
    }
    let template = try source.take(try source.count(upTo: LogFormat.longestFrame))
    var fields: [WireField] = []
    var end = 0
    for _ in 0..<(try source.count(upTo: template.count)) {
      let offset = end + (try source.count(upTo: template.count))
      let width = Int(try source.byte())
      let list = try source.count(upTo: template.count)
      end = offset + width
      guard [1, 2, 4].contains(width), end <= template.count else { throw MalformedBytes() }
      fields.append(WireField(offset: offset, width: width, list: list))
    }
    var plain: [Range<Int>] = []
    for _ in 0..<(try source.count(upTo: template.count)) {
      let start = try source.count(upTo: template.count)
      plain.append(start..<start + (try source.count(upTo: template.count - start)))
    }
    guard template.count >= 31 else { throw MalformedBytes() }
    let (members, rosters) =
      version == 1
      ? (try packedColumns(fields, &source, &place), [])
      : try modelledColumns(fields, &source, &place)
    var stretches: [(piece: Int, offset: Int, length: Int)] = []
    for range in plain {
      // The number of rows is known only with the column of shapes; the piece's end bounds it.
      stretches.append((place.piece, place.offset, range.count))
      let rows = try rowsOfShape(shapes.count)
      _ = try self.place(range.count * rows, &place)
    }
    shapes.append(
      Shape(
        shape: FrameShape(kind: kind, template: template, fields: fields, plain: plain),
        columns: members, stretches: stretches, rosters: rosters))
  }

  /// Columns of a shape in the first version: in the order of the fields, lists behind their means.
  private mutating func packedColumns(
    _ fields: [WireField], _ source: inout ByteSource, _ place: inout (piece: Int, offset: Int)
  ) throws(MalformedBytes) -> [Int] {
    var members: [Int] = []
    var start = 0
    while start < fields.count {
      let list = fields[start].list
      var next = start + 1
      while list > 0, next < fields.count, fields[next].list == list { next += 1 }
      var mean: Int?
      if list > 0, try source.byte() == 1 {
        try addColumn(&source, &place)
        mean = columns.count - 1
      }
      for _ in start..<next {
        try addColumn(&source, &place, mean: mean)
        members.append(columns.count - 1)
      }
      start = next
    }
    try addColumn(&source, &place)
    members.append(columns.count - 1)
    return members
  }

  private mutating func rowsOfShape(_ shape: Int) throws(MalformedBytes) -> Int {
    guard let places = try? values(3, count: rowCount) else { throw MalformedBytes() }
    return places.reduce(0) { $0 + ($1 == Int64(shape) ? 1 : 0) }
  }

  // MARK: - Columns

  private mutating func piece(_ number: Int) throws(BlockError) -> [UInt8] {
    if let known = unpacked[number] { return known }
    guard pieces.indices.contains(number) else { throw .malformed("piece \(number)") }
    let piece = pieces[number]
    let packed = try Self.read(fetch, piece.offset, piece.packed)
    guard CRC32C.checksum(packed) == piece.crc else { throw .checksum(part: "piece \(number)") }
    // From the second version on, what zstd cannot shorten is kept as it is.
    let bytes =
      version > 1 && piece.packed == piece.count
      ? packed : try zstandard.decompress(packed, count: piece.count)
    unpacked[number] = bytes
    return bytes
  }

  /// The numbers of a column that has `count` of them.
  mutating func values(_ number: Int, count: Int) throws(BlockError) -> [Int64] {
    if let values = known[number] { return values }
    let values = try fresh(columns[number], count: count)
    if keepsColumns { known[number] = values }
    return values
  }

  private mutating func fresh(_ column: Column, count: Int) throws(BlockError) -> [Int64] {
    switch column.coding {
    case .constant(let value): return Array(repeating: value, count: count)
    case .packed(let record, let mean): return try packed(column, record, mean, count)
    case .modelled(let model, let tables, let first):
      var sources: [[Int64]] = []
      for source in model.sources {
        // Columns lean only on those before them, so this ends.
        let values = try values(first + source.column, count: count)
        known[first + source.column] = values
        sources.append(values)
      }
      let bytes = try piece(column.piece)
      return try model.values(
        count: count, from: bytes, at: column.offset, length: column.length,
        decodingTables(tables), steady: model.steady(sources))
    case .rank(let rank, let tables, let shape):
      // All cells are needed: keep them for the other ranks.
      let guess = try rank.values(shapes[shape].rosters, rows: count) {
        (roster) throws(BlockError) in
        var members: [[Int64]] = []
        for field in roster.field..<roster.field + roster.count {
          let member = shapes[shape].columns[field]
          if case .rank = columns[member].coding { throw .malformed("a rank of ranks") }
          members.append(try values(member, count: count))
        }
        return members
      }
      let bytes = try piece(column.piece)
      let model = RankColumn.model
      return try model.values(
        count: count, from: bytes, at: column.offset, length: column.length,
        decodingTables(tables), steady: model.steady([guess]))
    }
  }

  private mutating func decodingTables(_ number: Int) -> DecodingTables {
    if let made = decoding[number] { return made }
    let made = DecodingTables(tables[number])
    decoding[number] = made
    return made
  }

  private mutating func packed(
    _ column: Column, _ record: ColumnRecord, _ mean: Int?, _ count: Int
  ) throws(BlockError) -> [Int64] {
    if record.predictor == .constant { return Array(repeating: record.base, count: count) }
    let bytes = try piece(column.piece)
    let residuals = try ResidualPacking.unpack(
      bytes, from: column.offset, length: record.length, radix: Int(record.radix), count: count)
    var means: [Int64] = []
    if let mean { means = try values(mean, count: count) }
    if case .aroundMean = record.predictor, means.count != count {
      throw .malformed("a column without its means")
    }
    return record.predictor.values(from: residuals, base: record.base, means: means)
  }

  /// Whether its frames are kept as they are, whatever their layout.
  var isHasty: Bool { version > 1 && shapes.allSatisfy { $0.shape.kind == .plain } }

  /// Ids of the rows.
  mutating func ids() throws(BlockError) -> [Int64] { try values(0, count: rowCount) }

  /// Collection times of the rows.
  mutating func times() throws(BlockError) -> [Int64] { try values(1, count: rowCount) }

  /// The shape of each row.
  mutating func places() throws(BlockError) -> [Int64] { try values(3, count: rowCount) }

  /// Commands of the rows.
  mutating func commands() throws(BlockError) -> [UInt8] {
    let commands = shapes.map(\.shape.command)
    var result: [UInt8] = []
    for place in try places() {
      guard place >= 0, place < commands.count else { throw .malformed("shape \(place)") }
      result.append(commands[Int(place)])
    }
    return result
  }

  /// Raw numbers of a field of a shape, one for each row of the shape.
  mutating func field(
    _ field: Int, ofShape shape: Int, count: Int
  ) throws(BlockError) -> [Int64] {
    try values(shapes[shape].columns[field], count: count)
  }

  /// All frames, byte for byte.
  ///
  /// - Complexity: O(n) in the number of bytes.
  mutating func rows() throws(BlockError) -> [BlockRow] {
    let (ids, times) = (try ids(), try times())
    let delays = try values(2, count: rowCount)
    let places = try places()
    var rows: [BlockRow] = []
    rows.reserveCapacity(rowCount)
    for index in 0..<rowCount {
      rows.append(
        BlockRow(
          id: ids[index], time: times[index],
          receiveMilliseconds: delays[index] &+ times[index] &* 1_000, command: 0, bytes: []))
    }
    keepsColumns = true
    defer {
      keepsColumns = false
      known = [:]
    }
    for number in shapes.indices {
      let members = places.indices.filter { places[$0] == Int64(number) }
      known = [:]
      try fill(&rows, members, shapes[number])
    }
    return rows
  }

  private mutating func fill(
    _ rows: inout [BlockRow], _ members: [Int], _ shape: Shape
  ) throws(BlockError) {
    if shape.shape.kind == .plain { return try fillPlain(&rows, members, shape) }
    let template = shape.shape.template
    let size = template.count
    // All frames of the shape behind each other: columns go down through them.
    var flat = [UInt8](repeating: 0, count: size * members.count)
    for place in members.indices {
      flat.replaceSubrange(place * size..<(place + 1) * size, with: template)
    }
    if shape.shape.kind == .timed {
      for (place, row) in members.enumerated() {
        try FrameShape.write(time: rows[row].time, into: &flat, at: place * size)
      }
    }
    for (field, column) in zip(shape.shape.fields, shape.columns) {
      let numbers = try values(column, count: members.count)
      Self.put(numbers, field, into: &flat, size: size)
    }
    for (range, stretch) in zip(shape.shape.plain, shape.stretches) {
      let bytes = try piece(stretch.piece)
      var offset = stretch.offset
      for place in members.indices {
        guard offset + range.count <= bytes.count else { throw .malformed("a short stretch") }
        flat.replaceSubrange(
          place * size + range.lowerBound..<place * size + range.upperBound,
          with: bytes[offset..<offset + range.count])
        offset += range.count
      }
    }
    let checks = try values(shape.columns[shape.columns.count - 1], count: members.count)
    let command = shape.shape.command
    flat.withUnsafeMutableBufferPointer { flat in
      for (place, row) in members.enumerated() {
        let frame = UnsafeMutableBufferPointer(rebasing: flat[place * size..<(place + 1) * size])
        var check = UInt8(truncatingIfNeeded: checks[place])
        for index in 2..<size - 1 { check ^= frame[index] }
        frame[size - 1] = check
        rows[row].command = command
        rows[row].bytes = Array(frame)
      }
    }
  }

  private mutating func fillPlain(
    _ rows: inout [BlockRow], _ members: [Int], _ shape: Shape
  ) throws(BlockError) {
    let lengths = try values(shape.columns[0], count: members.count)
    let stretch = shape.stretches[0]
    let bytes = stretch.length > 0 ? try piece(stretch.piece) : []
    var offset = stretch.length > 0 ? stretch.offset : 0
    let end = offset + stretch.length
    for (row, length) in zip(members, lengths) {
      guard length >= 0, length <= Int64(end - offset), end <= bytes.count else {
        throw .malformed("a frame of \(length) bytes")
      }
      rows[row].command = shape.shape.command
      rows[row].bytes = Array(bytes[offset..<offset + Int(length)])
      offset += Int(length)
    }
  }

  private static func put(
    _ numbers: [Int64], _ field: WireField, into flat: inout [UInt8], size: Int
  ) {
    flat.withUnsafeMutableBufferPointer { flat in
      numbers.withUnsafeBufferPointer { numbers in
        var place = field.offset
        switch field.width {
        case 1:
          for number in numbers {
            flat[place] = UInt8(truncatingIfNeeded: number)
            place += size
          }
        case 2:
          for number in numbers {
            flat[place] = UInt8(truncatingIfNeeded: number >> 8)
            flat[place + 1] = UInt8(truncatingIfNeeded: number)
            place += size
          }
        default:
          for number in numbers {
            flat[place] = UInt8(truncatingIfNeeded: number >> 24)
            flat[place + 1] = UInt8(truncatingIfNeeded: number >> 16)
            flat[place + 2] = UInt8(truncatingIfNeeded: number >> 8)
            flat[place + 3] = UInt8(truncatingIfNeeded: number)
            place += size
          }
        }
      }
    }
  }

  /// Checks every piece and decodes every frame.
  mutating func verify() throws(BlockError) {
    for number in pieces.indices { _ = try piece(number) }
    _ = try rows()
  }
}
