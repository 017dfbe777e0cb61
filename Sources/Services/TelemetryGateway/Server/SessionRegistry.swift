// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Which vehicle talks over which connection; the newest login wins.

import NIOCore
import Synchronization

/// Which vehicle talks over which connection; the newest login wins.
///
/// A vehicle that lost its link logs in again long before the old connection is known to be dead,
/// so an old connection gives way.
public final class SessionRegistry: Sendable {
  private struct Entry {
    var connection: ObjectIdentifier
    var channel: any Channel
  }

  private let entries = Mutex<[String: Entry]>([:])

  /// Creates an empty registry.
  public init() {}

  /// The vehicles that are logged in.
  public var identities: Set<String> { entries.withLock { Set($0.keys) } }

  /// Enters a login.
  ///
  /// - Returns: The channel of an earlier connection of the vehicle, which has to be closed.
  func enter(_ identity: String, _ channel: any Channel) -> (any Channel)? {
    entries.withLock { entries in
      let old = entries.updateValue(
        Entry(connection: ObjectIdentifier(channel), channel: channel), forKey: identity)
      return old?.connection == ObjectIdentifier(channel) ? nil : old?.channel
    }
  }

  /// Removes a vehicle, if it still talks over this connection.
  func leave(_ identity: String, _ channel: any Channel) {
    entries.withLock { entries in
      if entries[identity]?.connection == ObjectIdentifier(channel) { entries[identity] = nil }
    }
  }
}
