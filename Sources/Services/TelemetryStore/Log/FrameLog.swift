// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The log being written: append, flush, roll over to the next segment.

/// One file of the log.
final class LogSegment: Sendable {
  let number: Int64
  let firstID: Int64
  let file: any StoreFile

  init(number: Int64, firstID: Int64, file: any StoreFile) {
    self.number = number
    self.firstID = firstID
    self.file = file
  }

  static func name(_ number: Int64) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 10 - digits.count)) + digits + ".log"
  }

  static func number(ofName name: String) -> Int64? {
    guard name.hasSuffix(".log") else { return nil }
    return Int64(name.dropLast(4))
  }
}

/// The end of the log, where batches are added.
struct FrameLog {
  let files: any StoreFiles
  let folder: String
  private(set) var active: LogSegment
  /// Where the next batch goes; everything before is on the disk.
  private(set) var end: Int
  /// A flush that failed: what the disk holds is unknown, and nothing may be acknowledged.
  var failure: FileFault?
  /// Salt of the active segment; nil if an earlier version made it.
  private var salt: UInt32?
  /// Whether nothing was written since the last proof.
  var isProven = false

  /// Continues a segment that ends at `end`.
  init(
    files: any StoreFiles, folder: String, active: LogSegment, end: Int, salt: UInt32?
  ) {
    self.salt = salt
    isProven = true
    self.files = files
    self.folder = folder
    self.active = active
    self.end = end
  }

  /// Starts a new segment.
  init(
    files: any StoreFiles, folder: String, number: Int64, firstID: Int64
  ) throws(FileFault) {
    self.files = files
    self.folder = folder
    (active, salt) = try Self.make(files: files, folder: folder, number: number, firstID: firstID)
    end = LogFormat.segmentHeaderSize
  }

  /// Adds a batch and returns once it is on the disk.
  ///
  /// After a failed write the segment is cut back, so that the next batch can go to the same
  /// place; after a failed flush nothing is known about the disk.
  ///
  /// - Returns: Where each frame begins.
  mutating func append(_ batch: LogBatch) throws(LogFailure) -> [Int] {
    let start = end
    isProven = false
    do {
      try active.file.writeAll(batch.bytes, at: start)
    } catch {
      do {
        try active.file.truncate(to: start)
      } catch {
        failure = error
        throw .final(error)
      }
      throw .undone(error)
    }
    do {
      try active.file.sync()
    } catch {
      failure = error
      throw .final(error)
    }
    end = start + batch.bytes.count
    return batch.offsets.map { start + $0 }
  }

  /// Goes on in a new segment whose first frame will have this id.
  mutating func roll(firstID: Int64) throws(FileFault) {
    (active, salt) = try Self.make(
      files: files, folder: folder, number: active.number + 1, firstID: firstID)
    isProven = false
    end = LogFormat.segmentHeaderSize
  }

  /// Says that everything so far is on the disk, before the log is closed.
  ///
  /// A proof that does not get there is missed by nobody: it is cut off at the next opening.
  mutating func prove(nextID: Int64) {
    guard !isProven, failure == nil, let salt else { return }
    do {
      try active.file.writeAll(LogFormat.proof(nextID: nextID, salt: salt), at: end)
      try active.file.sync()
      end += LogFormat.batchHeaderSize
      isProven = true
    } catch {
      failure = error
    }
  }

  private static func make(
    files: any StoreFiles, folder: String, number: Int64, firstID: Int64
  ) throws(FileFault) -> (LogSegment, UInt32?) {
    let path = folder + "/" + LogSegment.name(number)
    let file = try files.open(path, create: true)
    let header = LogFormat.segmentHeader(number: number, firstID: firstID)
    do {
      try file.writeAll(header, at: 0)
      try file.sync()
      try files.syncFolder(folder)
    } catch {
      try? files.remove(path)
      throw error
    }
    return (
      LogSegment(number: number, firstID: firstID, file: file), LogFormat.salt(of: header)
    )
  }
}

/// How an append failed.
enum LogFailure: Error {
  /// Nothing of the batch is left; it may be tried again.
  case undone(FileFault)
  /// What the disk holds is unknown; nothing may be acknowledged again before a restart.
  case final(FileFault)
}
