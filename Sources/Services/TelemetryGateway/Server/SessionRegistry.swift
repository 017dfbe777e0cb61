// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Which vehicle talks over which connection.

import NIOCore
import Synchronization
import TelemetryCodec

/// Which vehicle talks over which connection.
///
/// A vehicle that lost its link logs in again long before the old connection is known to be dead,
/// so by default an old connection gives way.
public final class SessionRegistry: Sendable {
  struct Entry: Sendable {
    var channel: any Channel
    var edition: Edition
    /// How its login was encrypted.
    var encryption: Encryption
  }

  private let entries = Mutex<[String: Entry]>([:])
  private let platformEntries = Mutex<[ObjectIdentifier: String]>([:])

  /// Creates an empty registry.
  public init() {}

  /// The vehicles that are logged in.
  public var identities: Set<String> { entries.withLock { Set($0.keys) } }
  /// The platforms that are logged in.
  public var platforms: Set<String> { platformEntries.withLock { Set($0.values) } }

  /// The connection of a vehicle; nil while it is not logged in.
  func entry(of identity: String) -> Entry? { entries.withLock { $0[identity] } }

  /// Whether a vehicle is logged in over another connection.
  func isElsewhere(_ identity: String, _ channel: any Channel) -> Bool {
    entries.withLock { entries in
      entries[identity].map { $0.channel !== channel } ?? false
    }
  }

  /// Enters a vehicle with its login.
  ///
  /// - Returns: The channel of an earlier connection of the vehicle, which has to be closed.
  func enter(_ identity: String, _ channel: any Channel, _ login: Frame) -> (any Channel)? {
    entries.withLock { entries in
      let entry = Entry(channel: channel, edition: login.edition, encryption: login.encryption)
      let old = entries.updateValue(entry, forKey: identity)
      return old.flatMap { $0.channel === channel ? nil : $0.channel }
    }
  }

  /// Removes a vehicle, if it still talks over this connection.
  func leave(_ identity: String, _ channel: any Channel) {
    entries.withLock { entries in
      if entries[identity]?.channel === channel { entries[identity] = nil }
    }
  }

  /// Enters or, with nil, removes the platform of a connection.
  func setPlatform(_ user: String?, _ channel: any Channel) {
    platformEntries.withLock { $0[ObjectIdentifier(channel)] = user }
  }
}
