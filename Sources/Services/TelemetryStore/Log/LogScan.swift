// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reading a segment of the log: what is whole, where it ends, and what is damaged.

/// A frame found in the log, without its bytes.
struct LogEntry {
  var id: Int64
  var vehicle: Int32
  var time: Int64
  var receiveMilliseconds: Int64
  var hash: Int64
  var command: UInt8
  /// Where the frame begins in its segment.
  var offset: Int
  var length: Int
}

/// What a segment of the log holds.
struct LogScan {
  /// Something that is not whole.
  enum Fault: Hashable {
    /// The end was never finished: `bytes` behind `offset` belong to no whole batch.
    case torn(offset: Int, bytes: Int)
    /// Bytes that a whole batch follows: acknowledged frames are lost.
    case damaged(offset: Int, bytes: Int, frames: Int)
  }

  /// Frames of all whole batches, in order.
  private(set) var entries: [LogEntry] = []
  /// Where the last whole batch ends.
  private(set) var end = LogFormat.segmentHeaderSize
  /// Everything that is not whole, in order.
  private(set) var faults: [Fault] = []
  /// Number of whole batches.
  private(set) var batchCount = 0
  /// Where the last whole batch begins; nil without one.
  private(set) var lastBatch: Int?
  /// Whether nothing stands behind the last proof.
  private(set) var isProven = false

  /// Reads the batches of a segment.
  ///
  /// - Parameters:
  ///   - bytes: The segment from its first byte.
  ///   - firstID: Id that its header states; nil if it has no whole header.
  ///   - salvages: Take whole records out of a damaged batch.
  /// - Complexity: O(n); O(n) more for each damaged place.
  init(_ bytes: [UInt8], firstID: Int64?, salvages: Bool = false) {
    var expected = firstID ?? 0
    var isKnown = firstID != nil
    var place = LogFormat.segmentHeaderSize
    let salt = LogFormat.salt(of: bytes)
    while place < bytes.count {
      if let salt, isKnown,
        Self.matches(LogFormat.proof(nextID: expected, salt: salt), bytes, at: place)
      {
        place += LogFormat.batchHeaderSize
        end = place
        isProven = true
        continue
      }
      isProven = false
      let before = entries.count
      if let next = batch(bytes, at: place, expected: expected, exact: true) {
        batchCount += 1
        isKnown = true
        lastBatch = place
        expected = (entries.last?.id ?? expected - 1) + 1
        place = next
        end = next
        continue
      }
      entries.removeSubrange(before...)
      guard let resumed = nextBatch(bytes, from: place, expected: expected, isKnown: isKnown)
      else {
        faults.append(.torn(offset: place, bytes: bytes.count - place))
        break
      }
      if salvages { salvage(bytes, in: place..<resumed.offset, expected: expected) }
      let kept = entries.count - before
      faults.append(
        .damaged(
          offset: place, bytes: resumed.offset - place,
          frames: Int(clamping: resumed.firstID - expected) - kept))
      expected = resumed.firstID
      isKnown = true
      place = resumed.offset
    }
  }

  /// Whether there is not one whole batch.
  var isEmpty: Bool {
    batchCount == 0 && faults.allSatisfy { if case .torn = $0 { true } else { false } }
  }

  private static func header(
    _ bytes: [UInt8], at place: Int
  ) -> (payload: Int, firstID: Int64, count: Int)? {
    var source = ByteSource(bytes, from: place)
    guard let magic = try? source.fixed(UInt32.self), magic == LogFormat.batchMagic,
      let payload = try? source.fixed(UInt32.self), let first = try? source.fixed(Int64.self),
      let count = try? source.fixed(UInt32.self), let crc = try? source.fixed(UInt32.self),
      crc == CRC32C.checksum(bytes, in: place..<place + 20),
      // No commit is empty. The search for whole batches also sees what vehicles sent.
      count > 0, !first.addingReportingOverflow(Int64(count)).overflow,
      Int(payload) <= bytes.count - place - LogFormat.batchHeaderSize
    else { return nil }
    return (Int(payload), first, Int(count))
  }

  /// Reads one batch; nil, with entries to be taken back, if it is not whole.
  private mutating func batch(
    _ bytes: [UInt8], at place: Int, expected: Int64, exact: Bool
  ) -> Int? {
    guard let header = Self.header(bytes, at: place), header.firstID == expected else { return nil }
    var offset = place + LogFormat.batchHeaderSize
    let end = offset + header.payload
    for index in 0..<header.count {
      guard
        let entry = Self.record(bytes, at: offset, before: end, id: expected + Int64(index))
      else { return nil }
      entries.append(entry)
      offset = entry.offset + entry.length
    }
    return offset == end ? end : nil
  }

  private static func record(
    _ bytes: [UInt8], at offset: Int, before end: Int, id: Int64
  ) -> LogEntry? {
    var source = ByteSource(bytes, from: offset, to: end)
    guard let length = try? source.fixed(UInt32.self), let vehicle = try? source.fixed(Int32.self),
      let time = try? source.fixed(Int64.self), let receive = try? source.fixed(Int64.self),
      let hash = try? source.fixed(Int64.self), let command = try? source.fixed(UInt32.self),
      let crc = try? source.fixed(UInt32.self), Int(length) <= source.remaining
    else { return nil }
    let head = CRC32C.checksum(bytes, in: offset..<offset + 36)
    let start = offset + LogFormat.recordHeaderSize
    let sum = bytes.withUnsafeBytes {
      CRC32C.checksum(
        UnsafeRawBufferPointer(rebasing: $0[start..<start + Int(length)]), after: head)
    }
    guard sum == crc else { return nil }
    return LogEntry(
      id: id, vehicle: vehicle, time: time, receiveMilliseconds: receive, hash: hash,
      command: UInt8(truncatingIfNeeded: command), offset: start, length: Int(length))
  }

  /// The next place, this one included, that begins a whole batch with later ids.
  ///
  /// The bytes passed over must have had room for the frames between; what looks like a batch with
  /// ids beyond that is the contents of a frame.
  private func nextBatch(
    _ bytes: [UInt8], from place: Int, expected: Int64, isKnown: Bool
  ) -> (offset: Int, firstID: Int64)? {
    var offset = place
    let first = UInt8(truncatingIfNeeded: LogFormat.batchMagic)
    let salt = LogFormat.salt(of: bytes)
    while offset + LogFormat.batchHeaderSize <= bytes.count {
      if bytes[offset] == first, let salt, let id = Self.proven(bytes, at: offset, salt: salt),
        id > expected
      {
        return (offset, id)
      }
      if bytes[offset] == first, let header = Self.header(bytes, at: offset),
        header.firstID > expected,
        !isKnown || Self.fits(header.firstID, after: expected, in: offset - place)
      {
        var trial = self
        if trial.batch(bytes, at: offset, expected: header.firstID, exact: true) != nil {
          return (offset, header.firstID)
        }
      }
      offset += 1
    }
    return nil
  }

  private static func matches(_ part: [UInt8], _ bytes: [UInt8], at place: Int) -> Bool {
    guard place + part.count <= bytes.count else { return false }
    for index in part.indices where bytes[place + index] != part[index] { return false }
    return true
  }

  /// The next id that a proof at a place states; nil if there is none.
  private static func proven(_ bytes: [UInt8], at place: Int, salt: UInt32) -> Int64? {
    var source = ByteSource(bytes, from: place)
    guard let magic = try? source.fixed(UInt32.self), magic == LogFormat.proofMagic,
      (try? source.skip(4)) != nil, let id = try? source.fixed(Int64.self),
      matches(LogFormat.proof(nextID: id, salt: salt), bytes, at: place)
    else { return nil }
    return id
  }

  /// Whether some bytes can have held the frames from one id to before another.
  private static func fits(_ id: Int64, after expected: Int64, in bytes: Int) -> Bool {
    let (frames, overflow) = id.subtractingReportingOverflow(expected)
    return !overflow && frames <= Int64(bytes / LogFormat.recordHeaderSize)
  }

  /// Takes the whole records at the start of a damaged batch, as far as their places are known.
  private mutating func salvage(_ bytes: [UInt8], in range: Range<Int>, expected: Int64) {
    guard let header = Self.header(bytes, at: range.lowerBound), header.firstID == expected else {
      return
    }
    var offset = range.lowerBound + LogFormat.batchHeaderSize
    for index in 0..<header.count {
      guard
        let length = try? { () throws(MalformedBytes) -> UInt32 in
          var source = ByteSource(bytes, from: offset, to: range.upperBound)
          return try source.fixed(UInt32.self)
        }(), Int(length) <= LogFormat.longestFrame
      else { return }
      if let entry = Self.record(
        bytes, at: offset, before: range.upperBound, id: expected + Int64(index))
      {
        entries.append(entry)
      }
      offset += LogFormat.recordHeaderSize + Int(length)
    }
  }
}
