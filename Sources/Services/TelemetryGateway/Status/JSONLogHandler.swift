// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Log lines as JSON, one object a line, for machines that read logs.

public import Foundation
public import Logging

/// Log lines as JSON on standard error: `time`, `level`, `message`, `label` and the metadata.
public struct JSONLogHandler: LogHandler {
  /// Level from which on lines are written.
  public var logLevel = Logger.Level.info
  /// Metadata of every line.
  public var metadata: Logger.Metadata = [:]
  /// Gives metadata of the task.
  public var metadataProvider: Logger.MetadataProvider?
  private let label: String
  private let write: @Sendable (Data) -> Void

  /// Creates a handler.
  ///
  /// - Parameters:
  ///   - label: Name of the logger.
  ///   - write: Takes a line with its newline; by default standard error.
  public init(
    label: String,
    write: @escaping @Sendable (Data) -> Void = {
      try? FileHandle.standardError.write(contentsOf: $0)
    }
  ) {
    self.label = label
    self.write = write
  }

  /// One entry of the handler's metadata.
  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// Writes a line.
  public func log(event: LogEvent) {
    var fields: [String: String] = [:]
    for (key, value) in metadataProvider?.get() ?? [:] { fields[key] = "\(value)" }
    for (key, value) in metadata { fields[key] = "\(value)" }
    for (key, value) in event.metadata ?? [:] { fields[key] = "\(value)" }
    // The style leaves the zone out; it is UTC.
    let time = Date().ISO8601Format(.iso8601(timeZone: .gmt, includingFractionalSeconds: true))
    fields["time"] = time.hasSuffix("Z") ? time : time + "Z"
    fields["level"] = event.level.rawValue
    fields["message"] = "\(event.message)"
    fields["label"] = label
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if let line = try? encoder.encode(fields) { write(line + Data("\n".utf8)) }
  }
}
