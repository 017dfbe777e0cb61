// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Compressed streams and archives through libarchive, one member at a time.

import CArchive
import Foundation

/// The bytes of one member of an archive, or of a compressed file, as a stream.
///
/// - Note: A class because it owns libarchive's handle, which is freed when the reader goes.
final class ArchiveSource: ByteSource {
  /// One member of an archive.
  struct Member: Hashable, Sendable {
    /// Path in the archive; the file's own name for a bare compressed stream.
    let name: String
    /// Position among all entries.
    let index: Int
    /// Size in bytes, or nil where the archive does not say.
    let size: Int?
  }

  let path: String
  private let handle: OpaquePointer
  private let fileBytes: Int
  /// Where in the path the member is, for errors.
  private let place: String
  private var done = false

  private static let blockBytes = 1 << 18
  /// File type bits of a mode and their value for a regular file (POSIX `S_IFMT`, `S_IFREG`).
  private static let typeMask: mode_t = 0o170000
  private static let regularFile: mode_t = 0o100000

  /// Opens a file and stands before the content of a member.
  ///
  /// - Parameters:
  ///   - path: Path of the archive or compressed file.
  ///   - member: The member to read; nil for the only content of a compressed file.
  /// - Throws: ``FileError`` when it is no archive or the member is not there.
  init(path: String, member: Member?) throws(FileError) {
    self.path = path
    place = member.map { "\(path) (\($0.name))" } ?? path
    fileBytes = try PlainFile(path: path).byteCount
    handle = try Self.openHandle(path)
    do throws(FileError) {
      var index = 0
      while let entry = try Self.nextEntry(handle, path) {
        guard let member else { return }
        if index == member.index {
          if archive_entry_is_data_encrypted(entry) != 0 {
            throw .unrecognised(file: place, hint: "it is encrypted; extract it first")
          }
          return
        }
        index += 1
      }
      throw .empty(file: place)
    } catch {
      archive_read_free(handle)
      throw error
    }
  }

  deinit { archive_read_free(handle) }

  var progress: Double {
    guard fileBytes > 0 else { return 1 }
    return min(1, max(0, Double(archive_filter_bytes(handle, -1)) / Double(fileBytes)))
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    guard !done else { return 0 }
    let count = archive_read_data(handle, buffer.baseAddress, buffer.count)
    guard count >= 0 else {
      done = true
      throw Self.failure(handle, place)
    }
    if count == 0 { done = true }
    return count
  }

  /// The regular members of an archive.
  ///
  /// - Throws: ``FileError`` when the archive is damaged or has too many members.
  static func members(of path: String) throws(FileError) -> [Member] {
    let handle = try openHandle(path)
    defer { archive_read_free(handle) }
    var members: [Member] = []
    var index = 0
    while let entry = try nextEntry(handle, path) {
      let name = archive_entry_pathname(entry).map { String(cString: $0) } ?? "member \(index + 1)"
      let size = archive_entry_size_is_set(entry) != 0 ? Int(archive_entry_size(entry)) : nil
      if archive_entry_filetype(entry) & Self.typeMask == Self.regularFile {
        members.append(Member(name: name, index: index, size: size))
      }
      index += 1
      guard index <= ReadLimits.archiveMembers else {
        throw .tooLarge(
          file: path, what: "archive members", value: index, limit: ReadLimits.archiveMembers)
      }
    }
    return members
  }

  private static func openHandle(_ path: String) throws(FileError) -> OpaquePointer {
    guard let handle = archive_read_new() else {
      throw .library(file: path, name: "libarchive", code: -1, message: "out of memory")
    }
    archive_read_support_filter_all(handle)
    archive_read_support_format_zip(handle)
    archive_read_support_format_tar(handle)
    archive_read_support_format_raw(handle)
    guard archive_read_open_filename(handle, path, blockBytes) == ARCHIVE_OK else {
      let error = failure(handle, path)
      archive_read_free(handle)
      throw error
    }
    return handle
  }

  private static func nextEntry(
    _ handle: OpaquePointer, _ path: String
  ) throws(FileError) -> OpaquePointer? {
    var entry: OpaquePointer?
    switch archive_read_next_header(handle, &entry) {
    case ARCHIVE_OK, ARCHIVE_WARN: return entry
    case ARCHIVE_EOF: return nil
    default: throw failure(handle, path)
    }
  }

  /// What libarchive's last error means: a cut stream, or damage.
  private static func failure(_ handle: OpaquePointer, _ path: String) -> FileError {
    let message = archive_error_string(handle).map { String(cString: $0) } ?? "damaged archive"
    let lower = message.lowercased()
    if lower.contains("truncated") || lower.contains("unexpected end")
      || lower.contains("end of file") || lower.contains("end-of-file")
      // liblzma and zlib (Z_BUF_ERROR) say so when the input ends inside a block.
      || lower.contains("no progress is possible") || lower.contains("decompression failed (-5)")
    {
      return .truncated(
        file: path, row: 0, expected: "the rest of the compressed data (\(message))")
    }
    return .library(
      file: path, name: "libarchive", code: Int(archive_errno(handle)), message: message)
  }
}
