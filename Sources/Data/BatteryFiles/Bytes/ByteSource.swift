// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Where bytes come from: plain files and compressed or archived streams, in blocks.

import Foundation

/// A stream of bytes that is read once, in blocks.
///
/// Implementations are classes because they own a descriptor or a C handle that is closed when
/// the last reader goes. They are used by one reader at a time.
protocol ByteSource: AnyObject {
  /// The path shown in errors.
  var path: String { get }

  /// Share of the source consumed, from 0 to 1.
  var progress: Double { get }

  /// Fills a buffer from its start.
  ///
  /// - Parameter buffer: Room for the bytes; must not be empty.
  /// - Returns: The number of bytes read; 0 at the end of the stream.
  /// - Throws: ``FileError`` when the system or the decoder reports a failure.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int
}

/// A file read with `read(2)`.
///
/// Blocks are read instead of mapping the file, so that the resident memory stays bounded by the
/// buffer and a file that shrinks while it is read is a short read and not a bus error.
final class PlainFile: ByteSource {
  let path: String
  private let descriptor: Int32
  private let size: Int
  private var consumed = 0

  /// Opens a file.
  ///
  /// - Throws: ``FileError/unreadable(file:reason:)`` with the system's reason; directories and
  ///   other non-files count as unreadable.
  init(path: String) throws(FileError) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw .unreadable(file: path, reason: String(cString: strerror(errno)))
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let reason = String(cString: strerror(errno))
      close(descriptor)
      throw .unreadable(file: path, reason: reason)
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR:
      close(descriptor)
      throw .unreadable(file: path, reason: "it is a directory; name the files in it")
    default:
      close(descriptor)
      throw .unreadable(file: path, reason: "it is not a regular file")
    }
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Size of the file in bytes.
  var byteCount: Int { size }

  var progress: Double { size == 0 ? 1 : min(1, Double(consumed) / Double(size)) }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    while true {
      let count = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 {
        consumed += count
        return count
      }
      guard errno == EINTR else {
        throw .unreadable(file: path, reason: String(cString: strerror(errno)))
      }
    }
  }

  /// Goes back to the first byte.
  func rewind() throws(FileError) {
    guard lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw .unreadable(file: path, reason: String(cString: strerror(errno)))
    }
    consumed = 0
  }
}

/// A source that first gives bytes already read from another source, then the rest of it.
final class PrefixedSource: ByteSource {
  private var prefix: [UInt8]
  private var offset = 0
  private let rest: any ByteSource

  init(prefix: [UInt8], rest: any ByteSource) {
    self.prefix = prefix
    self.rest = rest
  }

  var path: String { rest.path }
  var progress: Double { offset < prefix.count ? 0 : rest.progress }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    guard offset < prefix.count else { return try rest.read(into: buffer) }
    let count = min(buffer.count, prefix.count - offset)
    prefix.withUnsafeBytes { bytes in
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + count)]))
    }
    offset += count
    if offset == prefix.count {
      prefix = []
      offset = 0
    }
    return count
  }
}

/// Bytes that are already in memory.
final class MemorySource: ByteSource {
  let path: String
  private let bytes: [UInt8]
  private var offset = 0

  init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }

  var progress: Double { bytes.isEmpty ? 1 : Double(offset) / Double(bytes.count) }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    let count = min(buffer.count, bytes.count - offset)
    guard count > 0 else { return 0 }
    bytes.withUnsafeBytes { all in
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: all[offset..<(offset + count)]))
    }
    offset += count
    return count
  }
}
