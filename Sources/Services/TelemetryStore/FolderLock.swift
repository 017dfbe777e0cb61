// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Keeps a second process from opening the same store.

import Foundation

/// An exclusive lock on a file, held until it is released or the process ends in any way.
final class FolderLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock without waiting.
  ///
  /// - Throws: ``StoreError/inUse(path:)`` if another process holds it,
  ///   ``StoreError/cannotOpen(path:reason:)`` if the file cannot be made.
  init(path: String) throws(StoreError) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw .cannotOpen(path: path, reason: String(cString: strerror(errno)))
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw .inUse(path: path)
    }
  }

  /// Takes the lock of a store that is only read; nil where nothing can be written, as on a medium
  /// that is mounted read-only: nobody else writes there either.
  static func forReading(_ path: String) throws(StoreError) -> FolderLock? {
    let probe = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    if probe < 0, errno == EROFS { return nil }
    if probe >= 0 { close(probe) }
    return try FolderLock(path: path)
  }

  /// Gives the lock up before the value goes away.
  func release() { flock(descriptor, LOCK_UN) }

  deinit { close(descriptor) }
}
