// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A file that appears whole or not at all, compressed by its name's ending.

import CArchive
import Foundation

/// A file that appears whole or not at all, compressed by its name's ending.
///
/// Bytes go to a temporary file beside the target, through libarchive's filter for `.gz`, `.zst`
/// or `.xz`; ``commit()`` flushes it to the disk and renames it over the target. Without a commit
/// the temporary file is removed.
///
/// - Note: A class because it owns a descriptor and libarchive's handle.
final class OutputFile {
  private let path: String
  private let temporary: String
  private var descriptor: Int32
  private var handle: OpaquePointer?
  private var buffer: [UInt8] = []
  private static let flushBytes = 1 << 20

  /// Creates the temporary file.
  ///
  /// - Throws: ``FileError/unwritable(file:reason:)`` with the system's reason.
  init(path: String) throws(FileError) {
    self.path = path
    var isFolder = stat()
    if stat(path, &isFolder) == 0, isFolder.st_mode & S_IFMT == S_IFDIR {
      throw .unwritable(file: path, reason: "it is a directory")
    }
    let folder =
      path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) : "."
    let name = path.split(separator: "/").last.map(String.init) ?? "out"
    var template = Array("\(folder.isEmpty ? "/" : folder)/.\(name).XXXXXX".utf8CString)
    descriptor = mkstemp(&template)
    temporary = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard descriptor >= 0 else {
      throw .unwritable(file: path, reason: String(cString: strerror(errno)))
    }
    // mkstemp makes private files; give the rights that a new file would have.
    let mask = umask(0)
    umask(mask)
    fchmod(descriptor, 0o666 & ~mask)
    buffer.reserveCapacity(Self.flushBytes + 4096)
    try openArchive()
  }

  deinit {
    if let handle { archive_write_free(handle) }
    if descriptor >= 0 {
      close(descriptor)
      unlink(temporary)
    }
  }

  private func openArchive() throws(FileError) {
    guard let handle = archive_write_new() else {
      throw .unwritable(file: path, reason: "out of memory")
    }
    self.handle = handle
    archive_write_set_format_raw(handle)
    let lower = path.lowercased()
    var status = ARCHIVE_OK
    if lower.hasSuffix(".gz") { status = archive_write_add_filter_gzip(handle) }
    if lower.hasSuffix(".zst") { status = archive_write_add_filter_zstd(handle) }
    if lower.hasSuffix(".xz") { status = archive_write_add_filter_xz(handle) }
    try check(status)
    // Without this the last block is filled up with zeros.
    try check(archive_write_set_bytes_in_last_block(handle, 1))
    try check(archive_write_open_fd(handle, descriptor))
    let entry = archive_entry_new()
    defer { archive_entry_free(entry) }
    archive_entry_set_filetype(entry, 0o100000)
    archive_entry_set_pathname(entry, "data")
    try check(archive_write_header(handle, entry))
  }

  private func check(_ status: Int32) throws(FileError) {
    guard status < ARCHIVE_WARN else { return }
    let message = archive_error_string(handle).map { String(cString: $0) } ?? "unknown failure"
    throw .unwritable(file: path, reason: message)
  }

  /// Appends text.
  func write(_ bytes: [UInt8]) throws(FileError) {
    buffer += bytes
    if buffer.count >= Self.flushBytes { try flush() }
  }

  private func flush() throws(FileError) {
    guard !buffer.isEmpty, let handle else { return }
    let written = archive_write_data(handle, buffer, buffer.count)
    guard written == buffer.count else {
      throw .unwritable(
        file: path,
        reason: archive_error_string(handle).map { String(cString: $0) } ?? "write failed")
    }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Finishes the file and puts it in its place.
  ///
  /// - Throws: ``FileError/unwritable(file:reason:)``; the target is untouched then.
  func commit() throws(FileError) {
    try flush()
    if let handle {
      let status = archive_write_close(handle)
      let message = archive_error_string(handle).map { String(cString: $0) } ?? "close failed"
      archive_write_free(handle)
      self.handle = nil
      guard status >= ARCHIVE_WARN else { throw .unwritable(file: path, reason: message) }
    }
    guard fsync(descriptor) == 0, close(descriptor) == 0, rename(temporary, path) == 0 else {
      throw .unwritable(file: path, reason: String(cString: strerror(errno)))
    }
    descriptor = -1
  }
}
