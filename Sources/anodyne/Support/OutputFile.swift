// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Files that a command writes: whole or not at all.

import BatteryFiles
import Foundation

/// Files that a command writes: whole or not at all.
enum OutputFile {
  /// Whether two paths lead to the same file.
  static func isSame(_ a: String, _ b: String) -> Bool { resolved(a) == resolved(b) }

  private static func resolved(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
  }

  /// Checks that a file can be written, before the work that fills it.
  ///
  /// - Throws: ``FileError/unwritable(file:reason:)``.
  static func check(_ path: String) throws(FileError) {
    var isFolder: ObjCBool = false
    let manager = FileManager.default
    if manager.fileExists(atPath: path, isDirectory: &isFolder) {
      if isFolder.boolValue { throw .unwritable(file: path, reason: "it is a folder") }
      guard manager.isWritableFile(atPath: path) else {
        throw .unwritable(file: path, reason: "permission denied")
      }
      return
    }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    guard manager.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      throw .unwritable(file: path, reason: "there is no folder \(folder)")
    }
    guard manager.isWritableFile(atPath: folder) else {
      throw .unwritable(file: path, reason: "permission denied in \(folder)")
    }
  }

  /// Writes a file.
  ///
  /// A regular file appears whole or not at all; a pipe or device is written into and never
  /// replaced.
  ///
  /// - Throws: ``FileError/unwritable(file:reason:)`` with the system's own word.
  static func write(_ data: Data, to path: String) throws(FileError) {
    let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    let type =
      (try? FileManager.default.attributesOfItem(atPath: url.path))?[.type] as? FileAttributeType
    do {
      if let type, type != .typeRegular {
        let handle = try FileHandle(forWritingTo: url)
        try handle.write(contentsOf: data)
        try handle.close()
      } else {
        try data.write(to: url, options: .atomic)
      }
    } catch {
      let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
      let reason =
        cause.map { String(cString: strerror(Int32(truncatingIfNeeded: $0.code))) }
        ?? error.localizedDescription
      throw .unwritable(file: path, reason: reason)
    }
  }
}
