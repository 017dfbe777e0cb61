// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne abuse: reads the cell and writes the outputs.

import ArgumentParser
import BatteryFiles
import Foundation
import RunawayModels
import StructuredInput

extension AbuseCommand {
  /// The cell by its name or out of its file.
  func readCell() throws -> AbuseCell {
    if let known = AbuseCell.named(cell) { return known }
    guard cell.contains(".") || cell.contains("/") else {
      throw ValidationError(
        "There is no cell '\(cell)'; there are "
          + AbuseCell.all.map(\.name).joined(separator: ", ") + " and YAML or JSON files.")
    }
    guard
      let data = FileManager.default.contents(atPath: cell),
      let text = String(data: data, encoding: .utf8)
    else {
      StandardError.write("anodyne: \(cell): cannot be read as text\n")
      throw ExitStatus.unreadableInput.exitCode
    }
    do {
      let read = try AbuseCell.read(text, file: cell)
      guard read.faults.isEmpty else {
        StandardError.write("anodyne: \(cell): \(read.faults.joined(separator: "; "))\n")
        throw ExitStatus.badData.exitCode
      }
      return read
    } catch let error as InputFaults {
      StandardError.write("anodyne: \(error)\n")
      throw ExitStatus.badData.exitCode
    }
  }

  /// Sees to it that all outputs can be created, each at a place of its own.
  func check(_ paths: [String?]) throws {
    var seen: Set<String> = []
    for path in paths.compactMap({ $0 }) where path != "-" {
      guard seen.insert(URL(filePath: path).standardizedFileURL.path).inserted else {
        throw ValidationError("\(path) would be written twice; give each output its own file.")
      }
    }
    do throws(FileError) {
      for path in paths.compactMap({ $0 }) where path != "-" { try OutputFile.check(path) }
    } catch {
      StandardError.write("anodyne: \(error.message)\n")
      throw ExitStatus(error).exitCode
    }
  }

  /// Writes a file, or ends with the exit code that fits.
  func write(_ data: Data, to path: String) throws {
    do throws(FileError) { try OutputFile.write(data, to: path) } catch {
      StandardError.write("anodyne: \(error.message)\n")
      throw ExitStatus(error).exitCode
    }
  }
}
