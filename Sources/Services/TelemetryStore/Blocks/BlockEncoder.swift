// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Turns frames of one vehicle into a column block.

/// A block as bytes, with what the index says about it.
struct EncodedBlock {
  var bytes: [UInt8]
  var rows: Int
  var firstID: Int64
  var lastID: Int64
  var firstTime: Int64
  var lastTime: Int64
  /// Bytes of the frames.
  var frameBytes: Int
  /// Whether it was made in haste.
  var isHasty = false
  /// Times of the first and the last report.
  var reports: ClosedRange<Int64>?
}

/// Turns frames of one vehicle into a column block.
struct BlockEncoder {
  /// What counts more.
  enum Aim {
    /// Few bytes.
    case size
    /// Little work: frames as they are, behind zstd. For blocks that are merged soon.
    case haste
  }

  let zstandard = Zstandard()
  var aim = Aim.size
  /// Compression level of zstd.
  private var level: Int32 { aim == .size ? 6 : 1 }

  /// Makes an encoder.
  init(aim: Aim = .size) { self.aim = aim }

  /// Encodes frames and proves that they come back byte for byte.
  ///
  /// - Parameters:
  ///   - rows: Frames in the order of their ids; at least one, at most ``BlockFormat/mostRows``.
  ///   - vehicle: Key of the vehicle.
  /// - Returns: The block.
  /// - Throws: ``BlockError/notReversible(id:)`` if decoding would not give the frames back.
  /// - Complexity: O(n) in the number of bytes.
  func encode(_ rows: [BlockRow], vehicle: Int32) throws(BlockError) -> EncodedBlock {
    let bytes = try layOut(rows, vehicle: vehicle)
    var reader = try BlockReader(bytes, zstandard: zstandard)
    let back = try reader.rows()
    for (row, copy) in zip(rows, back) where row != copy { throw .notReversible(id: row.id) }
    let frameBytes = rows.reduce(0) { $0 + $1.bytes.count }
    guard rows.count == back.count, let first = rows.first, let last = rows.last else {
      throw .malformed("\(back.count) rows for \(rows.count)")
    }
    var (low, high) = (first.time, first.time)
    var reports: ClosedRange<Int64>?
    for row in rows {
      low = min(low, row.time)
      high = max(high, row.time)
      if row.isReport {
        let known = reports ?? row.time...row.time
        reports = min(known.lowerBound, row.time)...max(known.upperBound, row.time)
      }
    }
    return EncodedBlock(
      bytes: bytes, rows: rows.count, firstID: first.id, lastID: last.id, firstTime: low,
      lastTime: high, frameBytes: frameBytes,
      isHasty: aim == .haste, reports: reports)
  }

  private func layOut(_ rows: [BlockRow], vehicle: Int32) throws(BlockError) -> [UInt8] {
    precondition(!rows.isEmpty && rows.count <= BlockFormat.mostRows, "rows of a block")
    let isModelled = aim == .size && rows.count >= BlockFormat.fewestModelledRows
    let version: UInt16 = isModelled || aim == .haste ? 2 : 1
    var writer = PieceWriter(zstandard: zstandard, level: level, version: version)
    let (shapes, places) = aim == .haste ? Self.plain(rows) : sort(rows)
    var body = ByteSink()
    let delays = rows.map { $0.receiveMilliseconds &- $0.time &* 1_000 }
    for column in [rows.map(\.id), rows.map(\.time), delays, places.map { Int64($0) }] {
      try writeAlone(column, version, &writer, &body)
    }
    body.count(shapes.count)
    for (number, shape) in shapes.enumerated() {
      let members = rows.indices.filter { places[$0] == number }.map { rows[$0] }
      if shape.kind == .plain {
        try writePlain(shape, members, version, &writer, &body)
      } else {
        try writeFields(shape, members, version, &writer, &body)
      }
    }
    try writer.close()

    var directory = ByteSink()
    directory.count(writer.pieces.count)
    for piece in writer.pieces {
      directory.count(piece.packed.count)
      directory.count(piece.count)
      directory.fixed(CRC32C.checksum(piece.packed))
    }
    directory.bytes += body.bytes
    let packed = try zstandard.compress(directory.bytes, level: level)
    var block = ByteSink()
    block.fixed(BlockFormat.magic)
    block.fixed(version)
    block.fixed(UInt16(0))
    block.fixed(UInt32(packed.count))
    block.fixed(UInt32(directory.bytes.count))
    block.fixed(UInt32(rows.count))
    block.fixed(vehicle)
    let total = writer.pieces.reduce(BlockFormat.headerSize + packed.count) {
      $0 + $1.packed.count
    }
    block.fixed(UInt32(total))
    block.fixed(CRC32C.checksum(packed))
    block.fixed(CRC32C.checksum(block.bytes))
    block.bytes += packed
    for piece in writer.pieces { block.bytes += piece.packed }
    return block.bytes
  }

  /// A column without others beside it.
  private func writeAlone(
    _ values: [Int64], _ version: UInt16, _ writer: inout PieceWriter, _ body: inout ByteSink
  ) throws(BlockError) {
    if version == 1 {
      try writer.column(values).write(to: &body)
    } else {
      _ = try ModelledShape.alone(
        values, chooser: ModelChooser(rows: values.count), others: [], &writer, &body)
    }
  }

  /// One shape a command, and the shape of each row.
  private static func plain(_ rows: [BlockRow]) -> (shapes: [FrameShape], places: [Int]) {
    var shapes: [FrameShape] = []
    let places = rows.map { row in
      if let known = shapes.firstIndex(where: { $0.command == row.command }) { return known }
      shapes.append(FrameShape(plainOf: row.command))
      return shapes.count - 1
    }
    return (shapes, places)
  }

  /// The shapes of some rows and the shape of each.
  private func sort(_ rows: [BlockRow]) -> (shapes: [FrameShape], places: [Int]) {
    var shapes: [FrameShape] = []
    var places: [Int] = []
    places.reserveCapacity(rows.count)
    var last = 0
    for row in rows {
      if shapes.indices.contains(last), shapes[last].fits(row) {
        places.append(last)
        continue
      }
      if let known = shapes.firstIndex(where: { $0.fits(row) }) {
        last = known
      } else {
        var shape = FrameShape(of: row)
        if shapes.count >= BlockFormat.mostShapes - 1 { shape = FrameShape(plainOf: row.command) }
        if shape.kind == .plain,
          let known = shapes.firstIndex(where: { $0.kind == .plain && $0.command == row.command })
        {
          last = known
        } else {
          shapes.append(shape)
          last = shapes.count - 1
        }
      }
      places.append(last)
    }
    return (shapes, places)
  }

  private func writePlain(
    _ shape: FrameShape, _ rows: [BlockRow], _ version: UInt16, _ writer: inout PieceWriter,
    _ body: inout ByteSink
  ) throws(BlockError) {
    body.bytes.append(shape.kind.rawValue)
    body.bytes.append(shape.command)
    try writeAlone(rows.map { Int64($0.bytes.count) }, version, &writer, &body)
    let all = rows.flatMap(\.bytes)
    body.count(all.count)
    if !all.isEmpty { try writer.add(all) }
  }

  private func writeFields(
    _ shape: FrameShape, _ rows: [BlockRow], _ version: UInt16, _ writer: inout PieceWriter,
    _ body: inout ByteSink
  ) throws(BlockError) {
    body.bytes.append(shape.kind.rawValue)
    body.count(shape.template.count)
    body.bytes += shape.template
    body.count(shape.fields.count)
    var end = 0
    for field in shape.fields {
      body.count(field.offset - end)
      body.bytes.append(UInt8(field.width))
      body.count(field.list)
      end = field.offset + field.width
    }
    body.count(shape.plain.count)
    for range in shape.plain {
      body.count(range.lowerBound)
      body.count(range.count)
    }

    let columns = Self.columns(shape.fields, rows)
    let checks = rows.map { row in
      Int64(row.bytes[row.bytes.count - 1] ^ FrameShape.check(row.bytes))
    }
    if version == 1 {
      try writePacked(shape.fields, columns, checks, &writer, &body)
    } else {
      var modelled = ModelledShape(columns: columns, fields: shape.fields, rows: rows.count)
      try modelled.write(
        FrameWalker(shape.template), shift: shape.kind == .untimed ? 6 : 0, checks: checks,
        &writer, &body)
    }
    for range in shape.plain { try writer.add(rows.flatMap { $0.bytes[range] }) }
  }

  /// The fields of a shape in the first version.
  private func writePacked(
    _ fields: [WireField], _ columns: [[Int64]], _ checks: [Int64], _ writer: inout PieceWriter,
    _ body: inout ByteSink
  ) throws(BlockError) {
    var start = 0
    while start < fields.count {
      let list = fields[start].list
      var next = start + 1
      while list > 0, next < fields.count, fields[next].list == list { next += 1 }
      if list > 0 {
        try writeList(Array(columns[start..<next]), &writer, &body)
      } else {
        try writer.column(columns[start]).write(to: &body)
      }
      start = next
    }
    try writer.column(checks, among: [.previous]).write(to: &body)
  }

  /// Columns of equals: each alone, or around their mean with one weight for all.
  private func writeList(
    _ columns: [[Int64]], _ writer: inout PieceWriter, _ body: inout ByteSink
  ) throws(BlockError) {
    let means = ListMean.means(of: columns)
    var best: (predictor: ColumnPredictor, cost: Int) = (.previous, 0)
    // A sample decides: the lists of a vehicle are alike.
    let sample = columns.enumerated().filter { $0.offset % 7 == 0 }.map(\.element)
    for predictor in [ColumnPredictor.previous] + [0, 2, 4, 6].map({ .aroundMean($0) }) {
      var cost = 0
      for column in sample {
        cost += ColumnPredictor.cost(
          predictor.residuals(of: column, base: column[0], means: means))
      }
      if best.cost == 0 || cost < best.cost { best = (predictor, max(1, cost)) }
    }
    if case .aroundMean = best.predictor {
      body.bytes.append(1)
      try writer.column(means).write(to: &body)
    } else {
      body.bytes.append(0)
    }
    for column in columns {
      try writer.column(column, among: [best.predictor], means: means).write(to: &body)
    }
  }

  private static func columns(_ fields: [WireField], _ rows: [BlockRow]) -> [[Int64]] {
    let size = rows.first?.bytes.count ?? 0
    // All frames behind each other: columns go down through them.
    var flat: [UInt8] = []
    flat.reserveCapacity(size * rows.count)
    for row in rows { flat += row.bytes }
    return flat.withUnsafeBufferPointer { flat in
      fields.map { field in
        [Int64](unsafeUninitializedCapacity: rows.count) { column, count in
          var place = field.offset
          for row in 0..<rows.count {
            switch field.width {
            case 1: column[row] = Int64(flat[place])
            case 2: column[row] = Int64(flat[place]) << 8 | Int64(flat[place + 1])
            default:
              let high = Int64(flat[place]) << 24 | Int64(flat[place + 1]) << 16
              column[row] = high | Int64(flat[place + 2]) << 8 | Int64(flat[place + 3])
            }
            place += size
          }
          count = rows.count
        }
      }
    }
  }
}

/// The mean of a list in each row.
enum ListMean {
  /// Means in sixteenths, rounded down.
  static func means(of columns: [[Int64]]) -> [Int64] {
    guard let first = columns.first else { return [] }
    var sums = [Int64](repeating: 0, count: first.count)
    for column in columns {
      for row in sums.indices { sums[row] &+= column[row] }
    }
    for row in sums.indices { sums[row] = sums[row] &* 16 / Int64(columns.count) }
    return sums
  }
}
