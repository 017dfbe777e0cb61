// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Who commanded what, when, and what was answered: appended, chained, on disk before it counts.

public import Foundation
import FrameCryptography

/// One step of a remote command.
public struct AuditRecord: Codable, Hashable, Sendable {
  /// What happened.
  public enum Step: String, Codable, Hashable, Sendable {
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
  public func append(_ record: AuditRecord) async throws(GatewayError) {
    do {
      let handle = try open()
      let hash = try Self.hash(record, after: last)
      let line = Line(record: record, previous: last, hash: hash)
      try handle.write(contentsOf: try Self.encode(line) + Data("\n".utf8))
      try handle.synchronize()
      last = hash
    } catch {
      throw .auditFailed(reason: error.localizedDescription)
    }
  }

  /// Reads a file and checks its chain.
  ///
  /// - Returns: The records, and the number of the first line that does not fit; nil if all do.
  /// - Throws: An error of Foundation if the file cannot be read.
  public static func verify(_ file: URL) throws -> (records: [AuditRecord], broken: Int?) {
    var records: [AuditRecord] = []
    var last = start
    let text = try String(contentsOf: file, encoding: .utf8)
    for (number, line) in text.split(separator: "\n").enumerated() {
      guard let entry = try? JSONDecoder().decode(Line.self, from: Data(line.utf8)),
        entry.previous == last, (try? hash(entry.record, after: last)) == entry.hash
      else { return (records, number + 1) }
      records.append(entry.record)
      last = entry.hash
    }
    return (records, nil)
  }

  private func open() throws -> FileHandle {
    if let handle { return handle }
    let files = FileManager.default
    try files.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    if files.fileExists(atPath: file.path) {
      let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      if let line = lines.last {
        last = try JSONDecoder().decode(Line.self, from: Data(line.utf8)).hash
      }
    } else {
      guard
        files.createFile(
          atPath: file.path, contents: nil, attributes: [.posixPermissions: 0o600])
      else { throw CocoaError(.fileWriteUnknown) }
    }
    let opened = try FileHandle(forWritingTo: file)
    try opened.seekToEnd()
    handle = opened
    return opened
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
