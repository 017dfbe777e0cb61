// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// `anodyne store`: check, copy, bring back, compact and export what vehicles sent.

import ArgumentParser
import BatteryFiles
import Foundation
import PostgresStore
import TelemetryStore

/// What concerns the store of vehicle telemetry.
struct StoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "store",
    abstract: "Check, back up, restore, compact and export the store of vehicle telemetry.",
    subcommands: [
      StoreVerifyCommand.self, StoreBackupCommand.self, StoreRestoreCommand.self,
      StoreCompactCommand.self, StoreExportCommand.self, StoreInitCommand.self,
    ])

  /// The exit codes that all of them have, for their help.
  static let exitCodes = """
    Exit codes: 0 done and whole, 64 wrong usage, 65 the store is damaged, 66 there is no store or \
    no such vehicle, 69 another process has it open, 70 a fault of the program, 73 the copy or the \
    output cannot be made there, 74 the disk failed or is full, 76 a newer version wrote it, 77 the \
    store may not be written.
    """

  /// Tells an error and ends with its code.
  static func fail(_ error: StoreError) -> ExitCode {
    StandardError.write("anodyne: \(error)\n")
    let status: ExitStatus =
      switch error {
      case .cannotOpen, .unknownVehicle: .unreadableInput
      case .inUse, .server: .unavailable
      case .corrupt, .damaged: .badData
      case .tooNew: .newerVersion
      case .cannotCreate: .cannotCreate
      case .readOnly: .notPermitted
      case .diskFull, .inputOutput: .ioError
      case .closed, .conflict, .database: .softwareFault
      }
    return status.exitCode
  }

  /// Prints a value as one line of JSON.
  static func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let text = try? encoder.encode(value) else { throw ExitStatus.softwareFault.exitCode }
    try StandardOutput.write(String(decoding: text, as: UTF8.self) + "\n")
  }

  /// What a check found, for people.
  static func describe(_ result: StoreVerification) -> String {
    var text = """
      \(result.folder): \(result.frames) frames of \(result.vehicles) vehicles, \
      \(result.blocks) column blocks, \(result.loggedFrames) frames in the log, \
      \(result.bytes) bytes read
      """
    if result.unfinishedBytes > 0 {
      text += "\n\(result.unfinishedBytes) bytes of a commit that was never acknowledged"
    }
    for fault in result.faults { text += "\nDAMAGED \(fault.message)" }
    return text + (result.isWhole ? "\nwhole\n" : "\n")
  }
}

/// What every subcommand of `store` can be asked for.
struct StoreOutputOptions: ParsableArguments {
  @Flag(help: "Print one line of JSON.")
  var json = false

  @Flag(name: .shortAndLong, help: "Show no progress bar.")
  var quiet = false
}

/// Checks every byte of a store.
struct StoreVerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check every byte of a store, also while it is in use; change nothing.",
    discussion: """
      Example:
        anodyne store verify anodyne-data
        anodyne store verify postgres://fleet@db/fleet

      Unpacks and decodes every column block, checks every record of the log, compares both with \
      the index, and names file, place, vehicle and time of whatever is damaged or missing.

      \(StoreCommand.exitCodes)
      """)

  @OptionGroup var output: StoreOutputOptions
  @Argument(help: "Folder of the store, or postgres://….", completion: .directory)
  var folder: String

  func run() async throws {
    let location = StoreLocation(folder)
    var bar = ProgressBar(title: location.place, quiet: output.quiet || output.json)
    let result: StoreVerification
    do throws(StoreError) {
      switch location {
      case .folder(let path):
        var verifier = StoreVerifier(folder: URL(fileURLWithPath: path))
        result = try verifier.run { bar.update($0) }
      case .database(let address):
        let engine = try PostgresEngine(reading: address)
        result = try await engine.verify()
        try await engine.close()
      }
      bar.finish()
    } catch {
      bar.finish()
      throw StoreCommand.fail(error)
    }
    if output.json {
      try StoreCommand.printJSON(result)
    } else {
      try StandardOutput.write(StoreCommand.describe(result))
    }
    if !result.isWhole { throw ExitStatus.badData.exitCode }
  }
}

/// Copies a store while it is written.
struct StoreBackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Copy a store into an empty folder, also while it is written, and check the copy.",
    discussion: """
      Example:
        anodyne store backup anodyne-data /backup/2026-11-21

      The copy holds every frame acknowledged before the command began.

      \(StoreCommand.exitCodes)
      """)

  @OptionGroup var output: StoreOutputOptions
  @Argument(help: "Folder of the store.", completion: .directory) var folder: String
  @Argument(help: "Folder of the copy, empty or not there.", completion: .directory)
  var target: String

  func run() throws { try copyStore(from: folder, to: target, output) }
}

/// Brings a copy back, or saves what is left of a damaged store.
struct StoreRestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Make a store of a backup, or with --salvage of what is whole in a damaged one.",
    discussion: """
      Examples:
        anodyne store restore /backup/2026-11-21 anodyne-data
        anodyne store restore --salvage anodyne-data anodyne-data.saved

      A backup is checked byte by byte. With --salvage, what is damaged is left out and named; the \
      damaged store is not changed; the exit code is 65 if something was lost.

      \(StoreCommand.exitCodes)
      """)

  @Flag(help: "Take what is whole of a damaged store.") var salvage = false
  @OptionGroup var output: StoreOutputOptions
  @Argument(help: "Folder of the backup, or of the damaged store.", completion: .directory)
  var source: String
  @Argument(help: "Folder of the new store, empty or not there.", completion: .directory)
  var target: String

  func run() throws {
    guard salvage else { return try copyStore(from: source, to: target, output) }
    var bar = ProgressBar(title: source, quiet: output.quiet || output.json)
    var isWhole = true
    do throws(StoreError) {
      let (kept, lost) = try StoreBackup.salvage(
        URL(fileURLWithPath: source), to: URL(fileURLWithPath: target)
      ) { bar.update($0) }
      bar.finish()
      try? report(kept, lost)
      for fault in lost { StandardError.write("anodyne: left out: \(fault.message)\n") }
      isWhole = lost.isEmpty && kept.isWhole
    } catch {
      bar.finish()
      throw StoreCommand.fail(error)
    }
    if !isWhole { throw ExitStatus.badData.exitCode }
  }

  private func report(_ kept: StoreVerification, _ lost: [StoreFault]) throws {
    if output.json {
      try StoreCommand.printJSON(kept)
    } else {
      try StandardOutput.write(StoreCommand.describe(kept))
    }
  }
}

/// Copies a store and tells what the copy holds.
private func copyStore(
  from source: String, to target: String, _ output: StoreOutputOptions
) throws {
  for text in [source, target] where StoreLocation(text).folder == nil {
    throw ValidationError(
      "A database is copied by its own means: pg_basebackup for the whole server, or pg_dump "
        + "-n anodyne and pg_restore; then check the copy with anodyne store verify.")
  }
  var bar = ProgressBar(title: source, quiet: output.quiet || output.json)
  let result: StoreVerification
  do throws(StoreError) {
    result = try StoreBackup.copy(
      URL(fileURLWithPath: source), to: URL(fileURLWithPath: target)
    ) { bar.update($0) }
    bar.finish()
  } catch {
    bar.finish()
    throw StoreCommand.fail(error)
  }
  if output.json {
    try StoreCommand.printJSON(result)
  } else {
    try StandardOutput.write(StoreCommand.describe(result))
  }
}

/// Seals the log and merges short blocks.
struct StoreCompactCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compact",
    abstract: "Turn the log into column blocks, merge short blocks, remove old ones.",
    discussion: """
      Examples:
        anodyne store compact anodyne-data
        anodyne store compact anodyne-data --keep-days 365

      A running server seals its log by itself; this is for a folder that no process has open, \
      or for a database at any time. \
      --keep-days removes blocks whose newest frame was collected longer ago.

      \(StoreCommand.exitCodes)
      """)

  @Option(help: ArgumentHelp("Remove blocks that are older.", valueName: "days"))
  var keepDays: Int?
  @OptionGroup var output: StoreOutputOptions
  @Argument(help: "Folder of the store, or postgres://….", completion: .directory)
  var folder: String

  func validate() throws {
    if let keepDays, !(1...36_500).contains(keepDays) {
      throw ValidationError("--keep-days must be from 1 to 36500, not \(keepDays).")
    }
  }

  func run() async throws {
    let location = StoreLocation(folder)
    let index = location.folder?.appending(path: "telemetry.sqlite").path
    if let index, !FileManager.default.fileExists(atPath: index) {
      throw StoreCommand.fail(.cannotOpen(path: folder, reason: "there is no store"))
    }
    do throws(StoreError) {
      let store = try TelemetryStore(at: location)
      if let keepDays {
        let border = Int64(Date().timeIntervalSince1970) - Int64(keepDays) * 86_400
        let removed = try await store.removeFrames(collectedBefore: border)
        StandardError.write("anodyne: removed \(removed) frames\n")
      }
      let summary = try await store.compact()
      try await store.close()
      if output.json {
        try? StoreCommand.printJSON(summary)
      } else {
        let perFrame = summary.bytesPerFrame.formatted(.number.precision(.fractionLength(1)))
        try? StandardOutput.write(
          "\(location.place): \(summary.frames) frames in \(summary.blocks) column blocks, "
            + "\(summary.bytes) bytes, \(perFrame) bytes a frame\n")
      }
    } catch {
      throw StoreCommand.fail(error)
    }
  }
}

/// Writes a vehicle's table into a file.
struct StoreExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write what a vehicle sent as a table: BDF CSV or JSON lines, plain or compressed.",
    discussion: """
      Examples:
        anodyne store export anodyne-data --vehicle LTEST000000000001 car.csv
        anodyne store export anodyne-data --vehicle LTEST000000000001 --from 1700000000 car.csv.zst

      The ending of OUTPUT chooses: .csv and .bdf are Battery Data Format, .jsonl JSON lines; .gz, \
      .zst and .xz behind it compress. The store may be in use.

      \(StoreCommand.exitCodes)
      """)

  @Option(help: ArgumentHelp("Vehicle (VIN).", valueName: "vin")) var vehicle: String
  @Option(help: ArgumentHelp("First collection time, Unix seconds.", valueName: "time"))
  var from: Int64 = .min
  @Option(help: ArgumentHelp("Last collection time, Unix seconds.", valueName: "time"))
  var to: Int64 = .max
  @OptionGroup var output: StoreOutputOptions
  @Argument(help: "Folder of the store, or postgres://….", completion: .directory)
  var folder: String
  @Argument(help: "File to write.", completion: .file()) var file: String

  func validate() throws {
    if from > to { throw ValidationError("--from must not be later than --to.") }
    if ExportFormat(path: file) == nil {
      throw ValidationError(
        "OUTPUT must end in .csv, .bdf or .jsonl, with .gz, .zst or .xz behind it to compress.")
    }
  }

  func run() async throws {
    let format = ExportFormat(path: file) ?? .bdf
    var bar = ProgressBar(title: file, quiet: output.quiet || output.json)
    let reader: StoreRecordReader
    do throws(StoreError) {
      switch StoreLocation(folder) {
      case .folder(let path):
        reader = try StoreRecordReader(
          folder: URL(fileURLWithPath: path), identity: vehicle, in: from...to)
      case .database(let address):
        reader = try await PostgresEngine(reading: address)
          .recordReader(of: vehicle, in: from...to)
      }
    } catch {
      throw StoreCommand.fail(error)
    }
    var rows = 0
    do throws(FileError) {
      rows = try TableWriter.write(reader, to: file, format: format) { bar.update($0) }
      bar.finish()
    } catch {
      bar.finish()
      StandardError.write("anodyne: \(error.message)\n")
      throw ExitStatus(error).exitCode
    }
    if output.json {
      try StoreCommand.printJSON(["rows": rows])
    } else {
      try StandardOutput.write("\(file): \(rows) rows\n")
    }
  }
}
