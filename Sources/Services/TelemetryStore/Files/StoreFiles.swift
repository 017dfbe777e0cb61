// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the store asks of a file system; the tests put a failing one in its place.

/// What went wrong with a file, in the words of the system.
package struct FileFault: Error, Hashable, Sendable {
  /// What was tried: `write`, `sync`, …
  package var operation: String
  /// The file or folder.
  package var path: String
  /// The system's `errno`.
  package var code: Int32

  /// Describes a failure.
  package init(operation: String, path: String, code: Int32) {
    self.operation = operation
    self.path = path
    self.code = code
  }
}

/// An open file; any thread may read, one writes.
package protocol StoreFile: AnyObject, Sendable {
  /// Where it was opened.
  var path: String { get }
  /// Its length in bytes.
  func size() throws(FileFault) -> Int
  /// Writes at an offset and returns how many bytes were taken, at least one: fewer than given is
  /// no error, as with `pwrite`.
  func write(_ bytes: [UInt8], from start: Int, at offset: Int) throws(FileFault) -> Int
  /// Reads up to `count` bytes; fewer only at the end of the file.
  func read(_ count: Int, at offset: Int) throws(FileFault) -> [UInt8]
  /// Cuts or extends the file.
  func truncate(to size: Int) throws(FileFault)
  /// Returns once everything written is on the disk, with the length.
  func sync() throws(FileFault)
}

extension StoreFile {
  /// Writes everything, going on after short writes.
  package func writeAll(_ bytes: [UInt8], at offset: Int) throws(FileFault) {
    var done = 0
    while done < bytes.count {
      done += try write(bytes, from: done, at: offset + done)
    }
  }
}

/// What the store asks of a file system.
///
/// A name that was made, changed or removed is sure only after ``syncFolder(_:)``, the bytes of a
/// file only after ``StoreFile/sync()``: the store relies on nothing more.
package protocol StoreFiles: Sendable {
  /// Opens a file for reading and writing.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - create: Make an empty one, dropping what is there.
  /// - Returns: The open file.
  /// - Throws: ``FileFault`` with the system's code.
  func open(_ path: String, create: Bool) throws(FileFault) -> any StoreFile
  /// Names in a folder, sorted; empty if there is no such folder.
  func names(in folder: String) throws(FileFault) -> [String]
  /// Makes a folder and those above it.
  func makeFolder(_ path: String) throws(FileFault)
  /// Gives a file a new name in one step.
  func rename(_ path: String, to target: String) throws(FileFault)
  /// Takes a name away.
  func remove(_ path: String) throws(FileFault)
  /// Returns once the names in a folder are on the disk.
  func syncFolder(_ path: String) throws(FileFault)
}

extension StoreError {
  /// Maps a fault of the file layer.
  init(_ fault: FileFault) {
    let reason = "\(fault.operation): \(PosixFiles.message(fault.code))"
    switch PosixFiles.kind(of: fault.code) {
    case .full: self = .diskFull(path: fault.path)
    case .readOnly: self = .readOnly(path: fault.path)
    case .other: self = .inputOutput(path: fault.path, reason: reason)
    }
  }
}
