// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Everything that a gateway process is told by its file.

import Foundation
public import FrameCryptography
public import Logging
import StructuredInput

/// Everything that a gateway process is told by its configuration file.
public struct GatewayConfiguration: Sendable {
  /// Where health and metrics are served.
  public struct Status: Hashable, Sendable {
    /// Address.
    public var host = "127.0.0.1"
    /// Port; 0 lets the system choose.
    public var port = 8_081
  }

  /// How the log is written.
  public struct Log: Hashable, Sendable {
    /// Form of a line.
    public enum Format: String, CaseIterable, Hashable, Sendable {
      /// For people.
      case text
      /// For machines.
      case json
    }

    /// Level from which on lines are written.
    public var level = Logger.Level.notice
    /// Form of a line.
    public var format = Format.text
    /// Whether VINs stand in it as they are; otherwise pseudonyms do.
    public var showsIdentities = false
  }

  /// Size of the quarantine.
  public struct QuarantineSize: Hashable, Sendable {
    /// Bytes of one file.
    public var fileBytes = 8 << 20
    /// Files kept.
    public var files = 4
    /// Records kept each second.
    public var recordsPerSecond = 200.0
  }

  /// Addresses, limits and who may log in.
  public var settings = GatewaySettings()
  /// File of the registry; nil where every vehicle may log in.
  public var registryFile: String?
  /// Folder of the store, the quarantine, the cursors and the audit log.
  public var dataFolder = "anodyne-data"
  /// Where the frames are kept if not in the data folder: a folder, or `postgres://…`.
  public var store: String?
  /// Health and metrics; nil for none.
  public var status: Status? = Status()
  /// Upstream platforms.
  public var forwards: [ForwardSettings] = []
  /// Which remote commands are allowed.
  public var commands = CommandPolicy()
  /// Who may ask for remote commands over HTTP; nobody without users.
  public var commandUsers: [CommandUser] = []
  /// Longest wait for the answer to a command, in seconds.
  public var commandTimeout = 30.0
  /// How the log is written.
  public var log = Log()
  /// Size of the quarantine.
  public var quarantine = QuarantineSize()
  /// Hides personal data at rest; nil where it is stored as it comes.
  public var seal: FrameSeal?
  /// Where secrets were taken from, by key; never the secrets.
  var references: [String: String] = [:]

  /// The configuration without a file: every vehicle of this machine, in plain text.
  public init() {}

  /// Reads the registry file again.
  ///
  /// - Returns: The registry, or the one of the configuration where there is no file.
  /// - Throws: `InputFaults` with every fault; also when the file cannot be read.
  public func registry() throws -> AccessRegistry {
    guard let registryFile else { return settings.access }
    guard let data = FileManager.default.contents(atPath: registryFile) else {
      throw InputFaults([
        InputFault(file: registryFile, line: nil, key: "", problem: "the file cannot be read")
      ])
    }
    return try RegistryFile.read(String(decoding: data, as: UTF8.self), file: registryFile)
  }
}
