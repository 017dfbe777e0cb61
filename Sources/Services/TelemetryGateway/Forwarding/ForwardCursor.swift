// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How far an upstream platform has acknowledged, kept on disk.

import Foundation

/// How far an upstream platform has acknowledged, kept on disk.
///
/// Everything up to ``base`` is acknowledged, and for single vehicles what lies behind it up to their
/// own place. The file is replaced whole, so that a crash leaves the old one or the new one.
struct ForwardCursor: Codable, Hashable {
  /// Every frame up to this id is acknowledged.
  private(set) var base: Int64 = 0
  /// Vehicles that are further, by the name under which the store keeps them.
  private(set) var ahead: [String: Int64] = [:]

  /// Where a vehicle stands.
  func place(of identity: String) -> Int64 { max(base, ahead[identity] ?? 0) }

  /// Frames of a vehicle up to an id are acknowledged.
  mutating func advance(_ identity: String, to id: Int64) {
    if id > place(of: identity) { ahead[identity] = id }
  }

  /// Frames of all vehicles up to an id are acknowledged.
  mutating func complete(through id: Int64) {
    base = max(base, id)
    ahead = ahead.filter { $0.value > base }
  }

  /// Reads a file; a new cursor where there is none.
  ///
  /// - Throws: An error of Foundation if the file is there and cannot be read.
  static func load(_ file: URL) throws -> ForwardCursor {
    guard FileManager.default.fileExists(atPath: file.path) else { return ForwardCursor() }
    return try JSONDecoder().decode(ForwardCursor.self, from: Data(contentsOf: file))
  }

  /// Replaces the file and flushes it.
  ///
  /// - Throws: An error of Foundation.
  func save(_ file: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let fresh = file.appendingPathExtension("new")
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try encoder.encode(self).write(to: fresh)
    let handle = try FileHandle(forUpdating: fresh)
    try handle.synchronize()
    try handle.close()
    guard rename(fresh.path, file.path) == 0 else { throw CocoaError(.fileWriteUnknown) }
  }
}
