// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne fleet check: a manifest of what was acknowledged against the store.

import ArgumentParser
import FleetSimulator
import Foundation
import PostgresStore
import TelemetryStore

/// `anodyne fleet check`: a manifest of what was acknowledged against the store.
struct FleetCheck: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Prove that a store holds every acknowledged report exactly once.",
    discussion: """
      Example:
        anodyne fleet simulate --vehicles 50 --manifest sent.jsonl --to 127.0.0.1:32960
        anodyne fleet check sent.jsonl --data anodyne-data

      The store must not be open in another process. Reports of the manifest's vehicles that the \
      manifest does not name are counted but are no fault: they may have been stored while their \
      acknowledgement was lost.

      Exit codes: 0 every report is there once, 64 wrong usage, 65 reports are missing or doubled, \
      or the manifest is damaged, 66 the manifest or the store cannot be read.
      """)

  @Argument(help: ArgumentHelp("File that fleet simulate --manifest wrote.", valueName: "manifest"))
  var manifest: String

  @Option(help: ArgumentHelp("Folder of the store, or postgres://….", valueName: "store"))
  var data = "anodyne-data"

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    guard let bytes = FileManager.default.contents(atPath: manifest) else {
      StandardError.write("anodyne: \(manifest) cannot be read\n")
      throw ExitStatus.unreadableInput.exitCode
    }
    let location = StoreLocation(data)
    var isFolder: ObjCBool = false
    let isMissing =
      location.folder.map {
        !FileManager.default.fileExists(atPath: $0.path, isDirectory: &isFolder)
          || !isFolder.boolValue
      } ?? false
    if isMissing {
      StandardError.write("anodyne: there is no folder \(data); name that of the store\n")
      throw ExitStatus.unreadableInput.exitCode
    }
    let check: ManifestCheck
    do {
      let store = try TelemetryStore(at: location)
      check = try await ManifestCheck(
        manifest: String(decoding: bytes, as: UTF8.self), store: store)
      try await store.close()
    } catch let error as SimulationError {
      StandardError.write("anodyne: \(manifest), \(error)\n")
      throw ExitStatus.badData.exitCode
    } catch let error as StoreError {
      StandardError.write("anodyne: \(error)\n")
      throw ExitStatus.unreadableInput.exitCode
    }
    try tell(check)
    if !check.isClean { throw ExitStatus.badData.exitCode }
  }

  private func tell(_ check: ManifestCheck) throws {
    guard json else {
      print(
        """
        \(check.reports) reports acknowledged (\(check.repeated) of them more than once): \
        \(check.missing) missing, \(check.doubled) stored more than once, \(check.unnamed) stored \
        but not named
        """)
      for line in check.examples { print("  missing: \(line)") }
      return
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    print(String(decoding: try encoder.encode(check), as: UTF8.self))
  }
}
