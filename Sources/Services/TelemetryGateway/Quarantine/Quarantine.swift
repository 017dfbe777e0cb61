// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Frames that were refused, with the reason: kept for people who look for the cause.

public import Foundation
public import FrameCryptography
import Synchronization
import TelemetryCodec

/// One refused frame or piece of noise.
public struct QuarantineRecord: Hashable, Sendable {
  /// When it arrived, Unix seconds.
  public var time: Double
  /// Address of the peer.
  public var address: String
  /// Machine name of the reason.
  public var reason: String
  /// What exactly was wrong; may be empty.
  public var detail: String
  /// The bytes, or the beginning of them; never those of a platform login.
  public var bytes: [UInt8]

  /// Creates a record.
  public init(
    time: Double, address: String, reason: String, detail: String = "", bytes: [UInt8]
  ) {
    self.time = time
    self.address = address
    self.reason = reason
    self.detail = detail
    self.bytes = bytes
  }
}

/// Where refused frames go. Adding must not block and must not fail.
public protocol Quarantine: Sendable {
  /// Takes a record.
  func add(_ record: QuarantineRecord)
}

/// Keeps nothing.
public struct NoQuarantine: Quarantine {
  /// Creates it.
  public init() {}
  /// Drops the record.
  public func add(_ record: QuarantineRecord) {}
}

/// A file of JSON lines in a folder, started anew when it is full; the oldest files are removed.
///
/// With a seal the bytes are sealed like stored frames, since they hold VINs and positions. When
/// the disk fails or records come faster than the limit, they are counted as dropped: refused data
/// must not hinder good data.
public final class FileQuarantine: Quarantine {
  private struct State {
    var handle: FileHandle?
    var size = 0
    var pace: TokenBucket
    var kept = 0
    var dropped = 0
  }

  private struct Line: Encodable {
    var time: String
    var address: String
    var reason: String
    var detail: String?
    var hex: String?
    var sealed: String?
  }

  private let folder: URL
  private let fileLimit: Int
  private let fileCount: Int
  private let seal: FrameSeal?
  private let state: Mutex<State>
  private static let name = "quarantine.jsonl"

  /// Opens the quarantine in a folder.
  ///
  /// - Parameters:
  ///   - folder: Where the files are; made if absent.
  ///   - fileLimit: Bytes of one file.
  ///   - fileCount: Files kept, the current one included; at least 1.
  ///   - recordsPerSecond: Records kept each second; a burst of ten times as many.
  ///   - seal: Hides personal data.
  public init(
    folder: URL, fileLimit: Int = 8 << 20, fileCount: Int = 4, recordsPerSecond: Double = 200,
    seal: FrameSeal? = nil
  ) {
    self.folder = folder
    self.fileLimit = max(1, fileLimit)
    self.fileCount = max(1, fileCount)
    self.seal = seal
    state = Mutex(
      State(pace: TokenBucket(rate: recordsPerSecond, burst: 10 * recordsPerSecond, at: 0)))
  }

  /// The current file.
  public var file: URL { folder.appending(path: Self.name) }

  /// Records written and records dropped, since the start.
  public var counts: (kept: Int, dropped: Int) { state.withLock { ($0.kept, $0.dropped) } }

  /// Writes a record.
  public func add(_ record: QuarantineRecord) {
    state.withLock { state in
      if state.pace.take(1, at: record.time) > 0 {
        state.pace.giveBack(1)
        state.dropped += 1
        return
      }
      do {
        let line = try encoded(record)
        if state.handle == nil || state.size + line.count > fileLimit { try rotate(&state) }
        try state.handle?.write(contentsOf: line)
        state.size += line.count
        state.kept += 1
      } catch {
        state.handle = nil
        state.dropped += 1
      }
    }
  }

  private func encoded(_ record: QuarantineRecord) throws -> Data {
    var line = Line(
      time: Date(timeIntervalSince1970: record.time).ISO8601Format(), address: record.address,
      reason: record.reason, detail: record.detail.isEmpty ? nil : record.detail)
    if let seal {
      // The bytes need not be a frame: they travel as the unit of a made-up one.
      let carrier = Frame(
        edition: .edition2016, command: .realTimeReport, identifier: .blank,
        unit: Array(record.bytes.prefix(32_768)))
      line.sealed = seal.seal(carrier).map { Digest.hexadecimal($0.bytes) }
    } else {
      line.hex = Digest.hexadecimal(record.bytes)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(line) + Data("\n".utf8)
  }

  /// Moves the files one number up, when there is a full one, and opens a new one.
  private func rotate(_ state: inout State) throws {
    let files = FileManager.default
    try files.createDirectory(at: folder, withIntermediateDirectories: true)
    try state.handle?.close()
    state.handle = nil
    let known = try? files.attributesOfItem(atPath: file.path)[.size] as? Int
    if let size = known, size > 0 {
      if size < fileLimit, state.size == 0 {
        // A restart goes on in the file of before.
        state.handle = try FileHandle(forWritingTo: file)
        state.size = Int(try state.handle?.seekToEnd() ?? 0)
        return
      }
      for number in stride(from: fileCount - 1, through: 1, by: -1) {
        let from = number == 1 ? file : numbered(number - 1)
        let to = numbered(number)
        try? files.removeItem(at: to)
        try? files.moveItem(at: from, to: to)
      }
      if fileCount == 1 { try files.removeItem(at: file) }
    }
    guard files.createFile(atPath: file.path, contents: nil, attributes: [.posixPermissions: 0o600])
    else { throw CocoaError(.fileWriteUnknown) }
    state.handle = try FileHandle(forWritingTo: file)
    state.size = 0
  }

  private func numbered(_ number: Int) -> URL {
    folder.appending(path: "quarantine.\(number).jsonl")
  }
}
