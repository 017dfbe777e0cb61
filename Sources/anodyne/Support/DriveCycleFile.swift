// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Drive cycles from files: small tables by their headings, everything else by the file readers.

import BatteryDomain
import BatteryFiles
import CellModels
import Foundation

/// Drive cycles from files.
///
/// A table of text whose headings name a time and a current or power with their units is read as
/// it stands, discharge positive. Any other file goes through the readers of measured files, which
/// know the units and signs of cyclers; its first table with a current or power is taken.
enum DriveCycleFile {
  /// Largest file that is read as a plain table.
  private static let longestTable = 64_000_000

  private static let missing = "cannot be read"

  /// What a drive-cycle file is.
  private static let allowed =
    "a table whose headings name time and current or power with units (time_s,current_A; "
    + "discharge positive), or a measured file that anodyne inspect knows"

  /// Whether an error says that the file cannot be read.
  static func isUnreadable(_ error: ExperimentError) -> Bool { error.reason == missing }

  /// Reads a drive cycle.
  static func read(_ path: String) throws(ExperimentError) -> DriveProfile {
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
    } catch {
      throw ExperimentError(
        text: "Follow \(path)", word: path, allowed: "the path of a file", reason: missing)
    }
    do throws(DriveProfileError) {
      if data.count <= longestTable, let text = String(data: data, encoding: .utf8),
        let profile = try DriveProfile(table: text)
      {
        return profile
      }
    } catch {
      throw ExperimentError(
        text: "Follow \(path)", word: path, allowed: allowed, reason: error.reason)
    }
    return try measured(path)
  }

  private static func measured(_ path: String) throws(ExperimentError) -> DriveProfile {
    let reason: String
    do throws(FileError) {
      if let (kind, times, values) = try points(path) {
        do throws(DriveProfileError) {
          return try DriveProfile(kind: kind, times: times, values: values)
        } catch {
          reason = error.reason
        }
      } else {
        reason = "has no time with a current or power"
      }
    } catch {
      reason = error.message
    }
    throw ExperimentError(
      text: "Follow \(path)", word: path, allowed: allowed, reason: reason)
  }

  /// The good rows of the first table with a time and a current or power; nil without such a table.
  private static func points(
    _ path: String
  ) throws(FileError) -> (kind: DriveProfile.Kind, times: [Double], values: [Double])? {
    for table in try DataFile.open(path).tables {
      let current = table.schema.column(of: .current)
      guard let time = table.schema.column(of: .time),
        let value = current ?? table.schema.column(of: .power)
      else { continue }
      var reader = table
      var times: [Double] = []
      var values: [Double] = []
      while let batch = try reader.next() {
        for row in 0..<batch.rowCount {
          let (t, v) = (batch.columns[time][row], batch.columns[value][row])
          // Rows that a reader marks, and steps back in time, are no points of a profile.
          guard t.isFinite, v.isFinite, batch.flags(column: value, row: row).isEmpty,
            times.last.map({ t > $0 }) ?? true
          else { continue }
          times.append(t)
          values.append(v)
        }
      }
      return (current == nil ? .power : .current, times, values)
    }
    return nil
  }
}
