// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A store by the text that names it: a folder, or the address of a database.

public import Foundation
public import TelemetryStore

/// A store by the text that names it: a folder, or the address of a database.
public enum StoreLocation: Hashable, Sendable {
  /// A folder of the embedded engine.
  case folder(String)
  /// A database of the scale-out engine, as `postgres://…` or `postgresql://…`.
  case database(String)

  /// Tells the two apart.
  public init(_ text: String) {
    self = PostgresAddress.isAddress(text) ? .database(text) : .folder(text)
  }

  /// How it may be shown: without user, password and options.
  public var place: String {
    switch self {
    case .folder(let path): return path
    case .database(let address):
      guard let parsed = try? PostgresAddress(address) else { return "a database" }
      return parsed.place
    }
  }

  /// The folder; nil for a database.
  public var folder: URL? {
    if case .folder(let path) = self { URL(fileURLWithPath: path) } else { nil }
  }
}

extension TelemetryStore {
  /// Opens or makes the store that a text names.
  ///
  /// - Parameters:
  ///   - location: A folder, or the address of a database.
  ///   - settings: Grouping and limits.
  /// - Throws: ``StoreError`` with the place and the way out; never with a password.
  public init(
    at location: StoreLocation, settings: StoreSettings = StoreSettings()
  ) throws(StoreError) {
    switch location {
    case .folder(let path):
      try self.init(folder: URL(fileURLWithPath: path), settings: settings)
    case .database(let address):
      self.init(engine: try PostgresEngine(address, settings: settings), settings: settings)
    }
  }
}
