// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The record of who did what: append-only, each entry bound to all before it.

import CCrypto

/// Something that was done, on its way into the record.
public struct NewAuditEntry: Hashable, Sendable {
  /// When, in seconds since the Unix epoch.
  public var time: Double
  /// Who: a person, or the part of the program.
  public var actor: String
  /// What: `alarm.raise`, `alarm.acknowledge`, `rule.add`, …
  public var action: String
  /// To which vehicle, alarm or rule.
  public var subject: String
  /// The particulars, as text or JSON.
  public var detail: String

  /// States what was done.
  public init(time: Double, actor: String, action: String, subject: String, detail: String = "") {
    self.time = time
    self.actor = actor
    self.action = action
    self.subject = subject
    self.detail = detail
  }
}

/// An entry of the record of who did what.
///
/// Entries are numbered without gaps, and the digest of each covers the one before: whoever knows
/// the newest digest can tell that nothing in front of it was changed, removed or put in.
public struct AuditEntry: Hashable, Sendable {
  /// Its number, from 1 without gaps.
  public var number: Int64
  /// What was done.
  public var entry: NewAuditEntry
  /// SHA-256 over the digest of the entry before and this entry, in lower-case hex.
  public var digest: String

  /// Restates a stored entry.
  public init(number: Int64, entry: NewAuditEntry, digest: String) {
    self.number = number
    self.entry = entry
    self.digest = digest
  }

  /// The entry that follows another.
  ///
  /// - Parameters:
  ///   - entry: What was done.
  ///   - previous: The newest entry so far; nil if there is none.
  public init(_ entry: NewAuditEntry, after previous: AuditEntry?) {
    number = (previous?.number ?? 0) + 1
    self.entry = entry
    digest = Self.digest(of: entry, number: number, after: previous?.digest ?? "")
  }

  /// Whether it follows another unchanged.
  ///
  /// - Parameter previous: The entry before it; nil for the first.
  /// - Returns: Whether number and digest are those of this entry behind that one.
  public func follows(_ previous: AuditEntry?) -> Bool {
    self == AuditEntry(entry, after: previous)
  }

  private static func digest(
    of entry: NewAuditEntry, number: Int64, after previous: String
  ) -> String {
    var sink = ByteSink()
    sink.fixed(number)
    sink.fixed(entry.time.bitPattern)
    for text in [previous, entry.actor, entry.action, entry.subject, entry.detail] {
      let bytes = Array(text.utf8)
      sink.fixed(UInt32(bytes.count))
      sink.bytes += bytes
    }
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    let isDone = EVP_Digest(sink.bytes, sink.bytes.count, &digest, &count, EVP_sha256(), nil)
    // Fails only without memory; the entry then proves nothing and is found out by `verify`.
    guard isDone == 1 else { return "" }
    let hex = Array("0123456789abcdef".utf8)
    return String(
      decoding: digest.prefix(Int(count)).flatMap { [hex[Int($0 >> 4)], hex[Int($0 & 15)]] },
      as: UTF8.self)
  }
}
