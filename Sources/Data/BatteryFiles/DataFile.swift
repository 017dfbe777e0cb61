// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The one door to files: recognises the content and gives readers for its tables.

import BatteryDomain
import Foundation

/// A recognised file with a reader for each of its tables.
///
/// The content decides, never the name: compressed streams and archives are looked into, text is
/// matched against the table of known exports, and anything else is refused with a hint.
public struct DataFile {
  /// What a file is about.
  public enum Kind: String, Codable, Hashable, Sendable {
    /// Samples of one cell on a tester.
    case cellTest = "cell_test"
    /// Telemetry of one vehicle.
    case vehicle
    /// Impedance spectra.
    case impedance
    /// One row per cycle.
    case cycleTable = "cycle_table"
  }

  /// Path as the caller gave it.
  public let path: String
  /// Machine name of the recognised format, for example `arbin`.
  public let format: String
  /// Name of the format for people.
  public let formatTitle: String
  /// What the file is about.
  public let kind: Kind
  /// Wrappings that were taken off, outermost first, for example `["zip"]`.
  public let wrappings: [String]
  /// What a reader of the data should know, for example an assumed sign.
  public let notes: [String]
  /// Titles of text columns that are not read.
  public let ignoredColumns: [String]
  /// One reader per table; use each from one place at a time.
  public var tables: [any RecordReader]

  init(
    path: String, format: String, formatTitle: String, kind: Kind, wrappings: [String] = [],
    notes: [String], ignoredColumns: [String], tables: [any RecordReader]
  ) {
    self.path = path
    self.format = format
    self.formatTitle = formatTitle
    self.kind = kind
    self.wrappings = wrappings
    self.notes = notes
    self.ignoredColumns = ignoredColumns
    self.tables = tables
  }

  /// Opens a file and recognises its content.
  ///
  /// - Parameters:
  ///   - path: Path of the file.
  ///   - options: What the caller knows that the content does not say.
  /// - Returns: The file with a reader per table, standing before the first row.
  /// - Throws: ``FileError`` that says what is wrong and what to do next.
  /// - Complexity: Reads the first block; compressed members of an archive are listed.
  public static func open(
    _ path: String, options: ReadOptions = .init()
  ) throws(FileError) -> DataFile {
    try FileOpener(path: path, options: options).open()
  }

  /// The base name of a path without the endings of data and compression.
  static func identity(of path: String) -> String {
    var name = Substring(path.split(separator: "/").last ?? Substring(path))
    let endings = [
      ".gz", ".xz", ".zst", ".zip", ".bz2", ".csv", ".txt", ".mpt", ".tsv", ".xlsx",
      ".mat", ".bdf", ".dat",
    ]
    while let ending = endings.first(where: { name.lowercased().hasSuffix($0) }),
      name.count > ending.count
    {
      name = name.dropLast(ending.count)
    }
    return String(name)
  }
}
