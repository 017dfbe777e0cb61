// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Bytes of a column block: header, directory, pieces.

/// Bytes of a column block: the frames of one vehicle, field by field.
///
///     header: magic 4 · version 2 · 0 2 · bytes of directory 4 · the same unpacked 4 · rows 4 ·
///             vehicle 4 · bytes of the block 4 · crc of directory 4 · crc of these 32 4   (36)
///     directory (zstd): pieces · columns of the rows · shapes with their columns
///     pieces (zstd): the columns, some together in one piece
///
/// Each piece has its own check sum in the directory, the directory's is in the header: every byte
/// is covered, and reading one column checks what it reads.
enum BlockFormat {
  static let magic: UInt32 = 0x4B42_4E41
  /// Short blocks are of the first version, with digits behind zstd; long ones of the second, with
  /// modelled columns behind an entropy coder of our own.
  static let version: UInt16 = 2
  static let headerSize = 36
  /// Columns are put into one piece until it has this many bytes.
  static let pieceSize = 16_384
  /// The same for columns that are kept as they are.
  static let storedPieceSize = 8_192
  /// From so many rows on, tables of symbols cost less than they save.
  static let fewestModelledRows = 192
  /// Most rows of a block.
  static let mostRows = 1 << 16
  /// From so many shapes of a block on, further layouts are kept as plain bytes.
  static let mostShapes = 64
  /// Most shapes that a reader accepts: behind the layouts, plain bytes of each command.
  static let mostShapesWithPlain = mostShapes + 256
}

/// How a column lies in a block.
struct ColumnRecord: Hashable {
  var predictor: ColumnPredictor
  var base: Int64
  /// Bytes in its piece; 0 for a constant.
  var length: Int
  var radix: UInt8

  func write(to sink: inout ByteSink) {
    sink.bytes.append(predictor.code)
    sink.signed(base)
    if predictor == .constant { return }
    sink.count(length)
    sink.bytes.append(radix)
  }

  init(predictor: ColumnPredictor, base: Int64, length: Int = 0, radix: UInt8 = 0) {
    self.predictor = predictor
    self.base = base
    self.length = length
    self.radix = radix
  }

  init(_ source: inout ByteSource) throws(MalformedBytes) {
    guard let predictor = ColumnPredictor(code: try source.byte()) else { throw MalformedBytes() }
    self.predictor = predictor
    base = try source.signed()
    length = 0
    radix = 0
    if predictor == .constant { return }
    length = try source.count(upTo: Zstandard.limit)
    radix = try source.byte()
  }
}

/// Collects columns into pieces.
struct PieceWriter {
  struct Piece {
    var packed: [UInt8]
    var count: Int
  }

  let zstandard: Zstandard
  let level: Int32
  /// Version of the block.
  let version: UInt16
  private(set) var pieces: [Piece] = []
  private var open: [UInt8] = []
  private var isStored = false

  init(zstandard: Zstandard, level: Int32, version: UInt16) {
    self.zstandard = zstandard
    self.level = level
    self.version = version
  }

  mutating func add(_ bytes: [UInt8]) throws(BlockError) {
    if isStored { try close() }
    isStored = false
    open += bytes
    if open.count >= BlockFormat.pieceSize { try close() }
  }

  /// Adds bytes that nothing can shorten.
  mutating func add(stored bytes: [UInt8]) throws(BlockError) {
    if !isStored { try close() }
    isStored = true
    open += bytes
    if open.count >= BlockFormat.storedPieceSize { try close() }
  }

  mutating func close() throws(BlockError) {
    if open.isEmpty { return }
    var packed = isStored ? open : try zstandard.compress(open, level: level)
    // A piece that is as long as its contents is taken for them.
    if version > 1, packed.count >= open.count { packed = open }
    pieces.append(Piece(packed: packed, count: open.count))
    open = []
  }

  /// Adds a column with the cheapest of some predictors.
  mutating func column(
    _ values: [Int64], among predictors: [ColumnPredictor] = [.previous, .line, .smooth(3)],
    means: [Int64] = []
  ) throws(BlockError) -> ColumnRecord {
    guard let base = values.first else { return ColumnRecord(predictor: .constant, base: 0) }
    if values.allSatisfy({ $0 == base }) {
      return ColumnRecord(predictor: .constant, base: base)
    }
    var best: (predictor: ColumnPredictor, residuals: [UInt64], cost: Int)?
    for predictor in predictors {
      let residuals = predictor.residuals(of: values, base: base, means: means)
      let cost = ColumnPredictor.cost(residuals)
      if cost < best?.cost ?? .max { best = (predictor, residuals, cost) }
    }
    guard let best else { throw .malformed("a column without a predictor") }
    let (radix, bytes) = ResidualPacking.pack(best.residuals)
    try add(bytes)
    return ColumnRecord(
      predictor: best.predictor, base: base, length: bytes.count, radix: UInt8(radix))
  }
}
