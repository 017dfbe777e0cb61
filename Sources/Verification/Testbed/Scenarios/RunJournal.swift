// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Finished runs of a long suite on disk, so that a suite that was stopped goes on where it was.

public import Foundation

/// Why a journal cannot be used.
public enum RunJournalError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file is there but cannot be read or written.
  case unusable(path: String, reason: String)
  /// The journal belongs to another suite or other detectors.
  case otherSuite(path: String)

  /// What to do next.
  public var description: String {
    switch self {
    case .unusable(let path, let reason):
      "\(path): the journal cannot be used: \(reason); name another file"
    case .otherSuite(let path):
      "\(path): the journal is of another suite, other detectors or another version of them; "
        + "name another file or delete it"
    }
  }
}

/// Finished runs, one a line of JSON behind a first line that says what they are runs of.
///
/// Each record is written when its run is done. A line cut short by a stop is dropped, and its run is
/// run again; the same seed gives the same record, so a resumed suite ends as one that was never stopped.
public struct RunJournal: Sendable {
  private struct Header: Codable, Hashable {
    var journal = 1
    var suite: String
    var detectors: [String]
    var fingerprint: String
  }

  private let url: URL
  /// Runs found in the file, by scenario and seed.
  public private(set) var known: [String: RunRecord] = [:]

  /// Opens a journal or begins one.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - suite: Name of the suite.
  ///   - text: The scenario file; another text is another suite.
  ///   - detectors: Names of the detectors, in order.
  /// - Throws: ``RunJournalError``.
  public init(
    _ url: URL, suite: String, text: String, detectors: [String]
  ) throws(RunJournalError) {
    self.url = url
    var print: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { print = (print ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let header = Header(
      suite: suite, detectors: detectors, fingerprint: String(print, radix: 16))
    do {
      guard FileManager.default.fileExists(atPath: url.path) else {
        try (Self.encoder().encode(header) + Data("\n".utf8)).write(to: url)
        return
      }
      let data = try Data(contentsOf: url)
      let end = data.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
      let lines = data[..<end].split(separator: UInt8(ascii: "\n"))
      let decoder = JSONDecoder()
      decoder.nonConformingFloatDecodingStrategy = .convertFromString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      guard let first = lines.first, let found = try? decoder.decode(Header.self, from: first),
        found == header
      else { throw RunJournalError.otherSuite(path: url.path) }
      for line in lines.dropFirst() {
        let record = try decoder.decode(RunRecord.self, from: line)
        known[Self.key(record.scenario, record.seed)] = record
      }
      if end < data.count { try data[..<end].write(to: url) }
    } catch let error as RunJournalError {
      throw error
    } catch {
      throw .unusable(path: url.path, reason: "\(error)")
    }
  }

  /// Name of a run.
  public static func key(_ scenario: String, _ seed: UInt64) -> String { "\(scenario)#\(seed)" }

  /// Adds a finished run at the end of the file.
  ///
  /// - Throws: ``RunJournalError/unusable(path:reason:)``.
  public func append(_ record: RunRecord) throws(RunJournalError) {
    do {
      let line = try Self.encoder().encode(record) + Data("\n".utf8)
      let handle = try FileHandle(forWritingTo: url)
      defer { try? handle.close() }
      try handle.seekToEnd()
      try handle.write(contentsOf: line)
    } catch {
      throw .unusable(path: url.path, reason: "\(error)")
    }
  }

  private static func encoder() -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return encoder
  }
}
