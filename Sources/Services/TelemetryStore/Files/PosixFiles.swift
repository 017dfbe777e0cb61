// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The real file system behind the store.

import Foundation

/// The real file system behind the store.
package struct PosixFiles: StoreFiles {
  /// Whether `sync` reaches the disk. Off only to show what is lost without it.
  let syncs: Bool

  /// Creates the layer.
  ///
  /// - Parameter syncs: False makes every `sync` do nothing: for tests that must then fail.
  package init(syncs: Bool = true) { self.syncs = syncs }

  /// Which way out a failure has.
  enum Kind { case full, readOnly, other }

  static func kind(of code: Int32) -> Kind {
    switch code {
    case ENOSPC, EDQUOT: .full
    case EROFS, EACCES, EPERM: .readOnly
    default: .other
    }
  }

  static func message(_ code: Int32) -> String { String(cString: strerror(code)) }

  package func open(_ path: String, create: Bool) throws(FileFault) -> any StoreFile {
    try PosixFile(path: path, create: create, syncs: syncs)
  }

  package func names(in folder: String) throws(FileFault) -> [String] {
    guard let directory = opendir(folder) else {
      if errno == ENOENT { return [] }
      throw FileFault(operation: "open folder", path: folder, code: errno)
    }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
        String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  package func makeFolder(_ path: String) throws(FileFault) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw FileFault(operation: "make folder", path: path, code: errno == 0 ? EIO : errno)
    }
  }

  package func rename(_ path: String, to target: String) throws(FileFault) {
    guard Foundation.rename(path, target) == 0 else {
      throw FileFault(operation: "rename", path: path, code: errno)
    }
  }

  package func remove(_ path: String) throws(FileFault) {
    guard unlink(path) == 0 || errno == ENOENT else {
      throw FileFault(operation: "remove", path: path, code: errno)
    }
  }

  package func syncFolder(_ path: String) throws(FileFault) {
    guard syncs else { return }
    let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw FileFault(operation: "open folder", path: path, code: errno)
    }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw FileFault(operation: "sync folder", path: path, code: errno)
    }
  }
}

/// A file of the real file system, closed when the last reference goes.
final class PosixFile: StoreFile {
  let path: String
  private let descriptor: Int32
  private let syncs: Bool

  init(path: String, create: Bool, syncs: Bool) throws(FileFault) {
    self.path = path
    self.syncs = syncs
    var descriptor = open(path, O_RDWR | O_CLOEXEC | (create ? O_CREAT | O_TRUNC : 0), 0o644)
    // On a medium that is mounted read-only a file can still be read.
    if descriptor < 0, !create, errno == EROFS || errno == EACCES {
      descriptor = open(path, O_RDONLY | O_CLOEXEC)
    }
    self.descriptor = descriptor
    guard descriptor >= 0 else { throw FileFault(operation: "open", path: path, code: errno) }
  }

  deinit { close(descriptor) }

  private func fault(_ operation: String) -> FileFault {
    FileFault(operation: operation, path: path, code: errno)
  }

  func size() throws(FileFault) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw fault("stat") }
    return Int(status.st_size)
  }

  func write(_ bytes: [UInt8], from start: Int, at offset: Int) throws(FileFault) -> Int {
    while true {
      let count = bytes.withUnsafeBytes { raw in
        pwrite(descriptor, raw.baseAddress.map { $0 + start }, raw.count - start, off_t(offset))
      }
      if count > 0 { return count }
      if count == 0 { throw FileFault(operation: "write", path: path, code: ENOSPC) }
      if errno != EINTR { throw fault("write") }
    }
  }

  func read(_ count: Int, at offset: Int) throws(FileFault) -> [UInt8] {
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
      while done < count {
        let got = pread(
          descriptor, buffer.baseAddress.map { $0 + done }, count - done, off_t(offset + done))
        if got > 0 {
          done += got
        } else if got == 0 {
          return
        } else if errno != EINTR {
          failed = true
          return
        }
      }
    }
    if failed { throw fault("read") }
    return bytes
  }

  func truncate(to size: Int) throws(FileFault) {
    guard ftruncate(descriptor, off_t(size)) == 0 else { throw fault("truncate") }
  }

  func sync() throws(FileFault) {
    guard syncs else { return }
    #if canImport(Darwin)
      let result = fcntl(descriptor, F_FULLFSYNC)
    #else
      let result = fdatasync(descriptor)
    #endif
    guard result == 0 else { throw fault("sync") }
  }
}
