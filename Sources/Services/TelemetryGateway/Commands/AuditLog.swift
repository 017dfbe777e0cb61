// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Who commanded what, when, and what was answered: appended, chained, on disk before it counts.

public import Foundation
import FrameCryptography

/// One step of a remote command.
public struct AuditRecord: Codable, Hashable, Sendable {
  /// What happened.
  public enum Step: String, Codable, Hashable, Sendable {
    /// The command waits for a second person.
    case proposed
    /// The command is about to be sent.
    case requested
    /// The policy forbids it; nothing is sent.
    case forbidden
    /// The vehicle answered.
    case answered
    /// No answer came, or the vehicle was gone.
    case failed
  }

  /// Number of the command within the run of the program.
  public var command: Int
  /// What happened.
  public var step: Step
  /// When, in UTC (ISO 8601).
  public var time: String
  /// Who asked for it.
  public var by: String
  /// Who approved it; nil where nobody has to.
  public var approvedBy: String?
  /// Why it was asked for.
  public var reason: String
  /// The vehicle, under the name that logs use.
  public var vehicle: String
  /// What was asked, in words without secrets.
  public var action: String
  /// The answer flag, the values told, or the error.
  public var outcome: String?

  /// Creates a record.
  public init(
    command: Int, step: Step, time: String, by: String, approvedBy: String? = nil, reason: String,
    vehicle: String, action: String, outcome: String? = nil
  ) {
    self.command = command
    self.step = step
    self.time = time
    self.by = by
    self.approvedBy = approvedBy
    self.reason = reason
    self.vehicle = vehicle
    self.action = action
    self.outcome = outcome
  }
}

/// Where audit records go. What cannot be recorded must not be done.
public protocol AuditLog: Sendable {
  /// Takes a record and returns once it is durable.
  func append(_ record: AuditRecord) async throws(GatewayError)
}

/// A file of JSON lines, each with the hash of the one before: a record that was changed or
/// taken out later breaks the chain.
public actor FileAuditLog: AuditLog {
  private struct Line: Codable {
    var record: AuditRecord
    var previous: String
    var hash: String
  }

  private let file: URL
  private var handle: FileHandle?
  private var last = FileAuditLog.start

  /// What the first record names as the one before.
  private static let start = String(repeating: "0", count: 64)

  /// Names the file; it is made when the first record comes.
  public init(file: URL) { self.file = file }

  /// Writes a record and flushes it to the disk.
  ///
  /// - Throws: ``GatewayError/auditFailed(reason:)``; the next record tries again from what the file
  ///   then holds.
  public func append(_ record: AuditRecord) async throws(GatewayError) {
    do {
      let handle = try open()
      let hash = try Self.hash(record, after: last)
      let line = Line(record: record, previous: last, hash: hash)
      try handle.write(contentsOf: try Self.encode(line) + Data("\n".utf8))
      try handle.synchronize()
      last = hash
    } catch {
      // A part of the line may be in the file: it is looked at again before the next record.
      try? handle?.close()
      handle = nil
      if let error = error as? GatewayError { throw error }
      throw .auditFailed(reason: error.localizedDescription)
    }
  }

  /// What the file of an audit log holds.
  public struct Check: Hashable, Sendable {
    /// The records up to the first line that does not fit.
    public var records: [AuditRecord]
    /// Number of the first whole line that does not fit; nil if all do.
    public var broken: Int?
    /// Bytes of a last line without an end: a record whose writing was cut off. Its command
    /// was not sent unless an earlier record requests it.
    public var tornBytes: Int
  }

  /// Reads a file and checks its chain.
  ///
  /// - Throws: An error of Foundation if the file cannot be read.
  public static func verify(_ file: URL) throws -> Check {
    var check = Check(records: [], broken: nil, tornBytes: 0)
    var last = start
    let (lines, torn) = split(try Data(contentsOf: file))
    check.tornBytes = torn.count
    for (number, line) in lines.enumerated() {
      guard let entry = try? JSONDecoder().decode(Line.self, from: line),
        entry.previous == last, (try? hash(entry.record, after: last)) == entry.hash
      else {
        check.broken = number + 1
        return check
      }
      check.records.append(entry.record)
      last = entry.hash
    }
    return check
  }

  /// The lines that end, and what follows the last end.
  private static func split(_ data: Data) -> (lines: [Data], torn: Data) {
    let end = data.lastIndex(of: 0x0A).map { $0 + 1 } ?? data.startIndex
    let lines = data[..<end].split(separator: 0x0A).map { Data($0) }
    return (lines, data[end...])
  }

  private func open() throws -> FileHandle {
    if let handle { return handle }
    let files = FileManager.default
    try files.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    let isThere = files.fileExists(atPath: file.path)
    if !isThere { try create(file) }
    let opened = try FileHandle(forUpdating: file)
    last = Self.start
    if isThere, let data = try opened.readToEnd() {
      let (lines, torn) = Self.split(data)
      if let line = lines.last {
        guard let entry = try? JSONDecoder().decode(Line.self, from: line) else {
          throw GatewayError.auditFailed(
            reason: "line \(lines.count) of \(file.path) is no record of this log: check it with "
              + "`anodyne gateway audit`, keep it, and move it away")
        }
        last = entry.hash
      }
      if !torn.isEmpty {
        try keep(torn)
        try opened.truncate(atOffset: UInt64(data.count - torn.count))
        try opened.synchronize()
      }
    }
    try opened.seekToEnd()
    handle = opened
    return opened
  }

  /// Keeps a line that was cut off, beside the log: it is evidence.
  private func keep(_ torn: Data) throws {
    let aside = file.appendingPathExtension("torn")
    if !FileManager.default.fileExists(atPath: aside.path) { try create(aside) }
    let handle = try FileHandle(forWritingTo: aside)
    defer { try? handle.close() }
    try handle.seekToEnd()
    try handle.write(contentsOf: torn + Data("\n".utf8))
    try handle.synchronize()
  }

  private func create(_ file: URL) throws {
    guard
      FileManager.default.createFile(
        atPath: file.path, contents: nil, attributes: [.posixPermissions: 0o600])
    else { throw CocoaError(.fileWriteUnknown) }
  }

  private static func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value)
  }

  private static func hash(_ record: AuditRecord, after previous: String) throws -> String {
    Digest.hexadecimal(Digest.sha256(Array(previous.utf8) + Array(try encode(record))))
  }
}
