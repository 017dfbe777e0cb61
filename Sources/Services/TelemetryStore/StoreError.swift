// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What can go wrong with the store, in words that say what to do.

import GRDB

/// What can go wrong with a telemetry store; every case names the place and the way out.
public enum StoreError: Error, Hashable, Sendable {
  /// The folder cannot be made or the database cannot be opened; `reason` is the system's word.
  case cannotOpen(path: String, reason: String)
  /// A copy or an output cannot be made there.
  case cannotCreate(path: String, reason: String)
  /// Another process holds the store open.
  case inUse(path: String)
  /// The file is not a database, or is damaged.
  case corrupt(path: String, reason: String)
  /// Bytes that were acknowledged are damaged; nothing was changed.
  case damaged(path: String, offset: Int, reason: String)
  /// The store was written by a newer version of this program.
  case tooNew(path: String)
  /// The file or its folder does not permit writing.
  case readOnly(path: String)
  /// The disk is full; nothing of the transaction was kept. Appending may be tried again.
  case diskFull(path: String)
  /// Reading, writing or flushing failed; after this the store refuses every append.
  case inputOutput(path: String, reason: String)
  /// The store has no report of this vehicle.
  case unknownVehicle(String)
  /// Something else was stored meanwhile that a change does not fit; nothing of it was kept.
  case conflict(what: String)
  /// The store is closed.
  case closed
  /// A database server did not do what was asked; `next` says what to do. Nothing of the commit is
  /// acknowledged; appending may be tried again.
  case server(place: String, reason: String, next: String)
  /// SQLite reported something else; `code` is its extended result code.
  case database(code: Int32, message: String)
}

extension StoreError: CustomStringConvertible {
  /// One line: what happened, where, and what to do.
  public var description: String {
    switch self {
    case .cannotOpen(let path, let reason):
      "cannot open the store at \(path): \(reason)"
    case .cannotCreate(let path, let reason):
      "cannot write \(path): \(reason)"
    case .inUse(let path):
      "the store at \(path) is open in another process: stop that one, or name another folder"
    case .corrupt(let path, let reason):
      "the store at \(path) is damaged or not a database (\(reason)): move it away to start afresh"
    case .damaged(let path, let offset, let reason):
      "\(path) is damaged at byte \(offset): \(reason); see what is whole with anodyne store verify, "
        + "then restore a backup, or keep the rest with anodyne store restore --salvage"
    case .tooNew(let path):
      "the store at \(path) was written by a newer version of anodyne: use that version"
    case .readOnly(let path):
      "the store at \(path) cannot be written: check the permissions of the file and its folder"
    case .diskFull(let path):
      "the disk of the store at \(path) is full: free some space; unacknowledged frames come again"
    case .inputOutput(let path, let reason):
      "the disk failed under the store at \(path) (\(reason)): check it, then start again"
    case .unknownVehicle(let identity):
      "the store has no report of vehicle \(identity)"
    case .conflict(let what):
      "the change was not made: \(what)"
    case .closed:
      "the store is closed"
    case .server(let place, let reason, let next):
      "\(place): \(reason); \(next)"
    case .database(let code, let message):
      "SQLite error \(code): \(message)"
    }
  }
}

extension StoreError {
  /// Maps an error of the database library.
  init(_ error: any Error, path: String) {
    switch error {
    case let error as StoreError:
      self = error
    case let fault as FileFault:
      self.init(fault)
    case let error as BlockError:
      if case .file(let fault) = error {
        self.init(fault)
      } else {
        self = .corrupt(path: path, reason: error.reason)
      }
    case let error as DatabaseError:
      let reason = error.message ?? "code \(error.extendedResultCode.rawValue)"
      switch error.resultCode {
      case .SQLITE_FULL: self = .diskFull(path: path)
      case .SQLITE_READONLY, .SQLITE_PERM: self = .readOnly(path: path)
      case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .corrupt(path: path, reason: reason)
      case .SQLITE_BUSY, .SQLITE_LOCKED: self = .inUse(path: path)
      case .SQLITE_CANTOPEN: self = .cannotOpen(path: path, reason: reason)
      case .SQLITE_IOERR: self = .inputOutput(path: path, reason: reason)
      default:
        self = .database(code: error.extendedResultCode.rawValue, message: reason)
      }
    default:
      self = .database(code: -1, message: String(describing: error))
    }
  }
}
