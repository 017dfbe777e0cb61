// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Bytes of the frame log: segments of batches of records, each with its check sum.

/// Bytes of the frame log.
///
/// A segment is a header and batches; a batch is one commit. The next batch is written only after
/// the one before is on the disk, so a whole batch proves everything in front of it: damage before a
/// whole batch is loss, damage behind the last one is a commit that was never acknowledged.
///
///     segment: magic 4 · version 2 · 0 2 · number 8 · first id 8 · crc 4 · salt 4           (32)
///     batch:   magic 4 · bytes of records 4 · first id 8 · records 4 · crc of these 20 4    (24)
///     record:  bytes 4 · vehicle 4 · time 8 · receive ms 8 · hash 8 · command 1 · 0 3 · crc 4 (40)
///              and the frame; the crc covers the 36 bytes before it and the frame
///
///     proof:   magic 4 · 0 4 · next id 8 · 0 4 · crc of the salt and these 20 4             (24)
///
/// A proof is written after the last batch when the log is closed, and at opening when there is
/// none: it says that everything in front of it is on the disk, so that damage there is not taken
/// for a commit that was never finished. The salt is random: nothing a vehicle sends looks like a
/// proof.
///
/// All numbers are little-endian. Ids are consecutive.
enum LogFormat {
  static let segmentMagic: UInt32 = 0x474C_4E41
  static let batchMagic: UInt32 = 0x5442_4E41
  static let proofMagic: UInt32 = 0x4650_4E41
  static let version: UInt16 = 1
  static let segmentHeaderSize = 32
  static let batchHeaderSize = 24
  static let recordHeaderSize = 40
  /// Longest frame: a unit of 65,531 bytes, header and check byte.
  static let longestFrame = 65_556

  static func segmentHeader(number: Int64, firstID: Int64) -> [UInt8] {
    var sink = ByteSink()
    sink.fixed(segmentMagic)
    sink.fixed(version)
    sink.fixed(UInt16(0))
    sink.fixed(number)
    sink.fixed(firstID)
    sink.fixed(CRC32C.checksum(sink.bytes))
    sink.fixed(UInt32.random(in: 1...UInt32.max))
    return sink.bytes
  }

  /// The salt of a segment; nil if an earlier version made it.
  static func salt(of bytes: [UInt8]) -> UInt32? {
    guard bytes.count >= segmentHeaderSize else { return nil }
    var source = ByteSource(bytes, from: 28)
    guard let salt = try? source.fixed(UInt32.self), salt != 0 else { return nil }
    return salt
  }

  /// Bytes that prove everything in front of them.
  static func proof(nextID: Int64, salt: UInt32) -> [UInt8] {
    var sink = ByteSink()
    sink.fixed(salt)
    sink.fixed(proofMagic)
    sink.fixed(UInt32(0))
    sink.fixed(nextID)
    sink.fixed(UInt32(0))
    let crc = CRC32C.checksum(sink.bytes)
    sink.fixed(crc)
    return Array(sink.bytes.dropFirst(4))
  }

  /// Number and first id; nil when the header is not whole.
  static func readSegmentHeader(_ bytes: [UInt8]) -> (number: Int64, firstID: Int64)? {
    var source = ByteSource(bytes)
    guard bytes.count >= segmentHeaderSize,
      let magic = try? source.fixed(UInt32.self), magic == segmentMagic,
      let version = try? source.fixed(UInt16.self), version == self.version,
      (try? source.fixed(UInt16.self)) != nil,
      let number = try? source.fixed(Int64.self), let first = try? source.fixed(Int64.self),
      let crc = try? source.fixed(UInt32.self), crc == CRC32C.checksum(bytes, in: 0..<24)
    else { return nil }
    return (number, first)
  }
}

/// A frame that has its vehicle's key and its id, ready for the log.
struct LogRecord {
  var vehicle: Int32
  var time: Int64
  var receiveMilliseconds: Int64
  var hash: Int64
  var command: UInt8
  var bytes: [UInt8]
}

/// One commit on its way into the log.
struct LogBatch {
  private(set) var bytes: [UInt8]
  /// Where each frame begins in `bytes`.
  private(set) var offsets: [Int] = []

  /// Lays out a batch.
  ///
  /// - Complexity: O(n) in the number of bytes.
  init(_ records: [LogRecord], firstID: Int64) {
    let payload = records.reduce(0) { $0 + LogFormat.recordHeaderSize + $1.bytes.count }
    var sink = ByteSink()
    sink.bytes.reserveCapacity(LogFormat.batchHeaderSize + payload)
    sink.fixed(LogFormat.batchMagic)
    sink.fixed(UInt32(payload))
    sink.fixed(firstID)
    sink.fixed(UInt32(records.count))
    sink.fixed(CRC32C.checksum(sink.bytes))
    offsets.reserveCapacity(records.count)
    for record in records {
      let start = sink.bytes.count
      sink.fixed(UInt32(record.bytes.count))
      sink.fixed(record.vehicle)
      sink.fixed(record.time)
      sink.fixed(record.receiveMilliseconds)
      sink.fixed(record.hash)
      sink.fixed(UInt32(record.command))
      let header = CRC32C.checksum(sink.bytes, in: start..<start + 36)
      sink.fixed(record.bytes.withUnsafeBytes { CRC32C.checksum($0, after: header) })
      offsets.append(sink.bytes.count)
      sink.bytes.append(contentsOf: record.bytes)
    }
    bytes = sink.bytes
  }
}
