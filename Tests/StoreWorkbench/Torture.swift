// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Kills a writing process at random points, again and again, and judges what is left.

import Foundation
import NumericalMethods
import TelemetryStore

/// Kills a writing process at random points, again and again, and judges what is left.
struct Torture {
  /// What a run was asked for.
  struct Options {
    var rounds = 200
    var seed: UInt64 = 1
    /// Longest life of the process in milliseconds.
    var longest = 400
    /// Preloaded library that keeps only what was flushed; nil for plain kills.
    var powerLoss: String?
    /// Whether sectors that were not flushed survive at random, as on a real disk.
    var isTorn = false
    /// Preloaded library that makes the disk fail, and how.
    var faultyDisk: String?
    var fault = ""
    var index = "FULL"
    var syncs = true
  }

  let options: Options
  private let folder = FileManager.default.temporaryDirectory
    .appending(path: "anodyne-torture-\(UUID().uuidString)")
  private var store: URL { folder.appending(path: "store") }
  private var shadow: URL { folder.appending(path: "shadow") }

  private static let roundsPerStore = 20

  init(_ options: Options) { self.options = options }

  /// Runs all rounds, stopping at the first fault.
  ///
  /// - Returns: Whether everything acknowledged was there after every round.
  func run() async throws -> Bool {
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: store, withIntermediateDirectories: true)
    var random = SplitMix64(seed: options.seed)
    var judge = Judge(seed: options.seed)
    var (longest, next, kills) = (Duration.zero, 0, 0)
    var (acknowledged, stored) = (0, 0)
    for round in 1...options.rounds {
      if round > 1, round % Self.roundsPerStore == 1 {
        // A new store: the judge reads everything each time, and that must not take ever longer.
        acknowledged += judge.acknowledged.values.reduce(0) { $0 + $1.count }
        stored += judge.frames
        (judge, next) = (Judge(seed: options.seed), 0)
        try FileManager.default.removeItem(at: store)
        try FileManager.default.createDirectory(at: store, withIntermediateDirectories: true)
      }
      let life = Int.random(in: 5...options.longest, using: &random)
      // Every fifth dies at any moment, also while it opens the store; the others once they write.
      let at = Int.random(in: 5...400, using: &random)
      judge.read(
        try live(from: next, milliseconds: life, waits: round % 5 != 0, faultAt: at))
      if judge.opened { kills += 1 }
      if options.powerLoss != nil { try cutPower(&random) }
      let (faults, restart, following) = try await judge.judge {
        try TelemetryStore(folder: store, settings: Writing.settings)
      }
      longest = max(longest, restart)
      next = following
      guard faults.isEmpty else {
        print("round \(round): FAULTS")
        for fault in faults.prefix(10) { print("  \(fault)") }
        return false
      }
    }
    acknowledged += judge.acknowledged.values.reduce(0) { $0 + $1.count }
    stored += judge.frames
    print(
      """
      \(options.rounds) rounds, \(kills) of them ended while writing: \(acknowledged) frames \
      acknowledged, \(stored) stored, none lost, none twice, none invented; \
      longest restart \(longest)
      """)
    return true
  }

  /// Lets the process live for some time, by request only from when it writes, then kills it.
  private func live(
    from first: Int, milliseconds: Int, waits: Bool, faultAt: Int
  ) throws -> String {
    let log = folder.appending(path: "acknowledged")
    guard FileManager.default.createFile(atPath: log.path, contents: nil) else {
      throw CocoaError(.fileWriteUnknown)
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
    process.arguments = [
      "write", store.path, String(options.seed), String(first), options.index,
      options.syncs ? "sync" : "nosync",
    ]
    var environment = ProcessInfo.processInfo.environment
    if let library = options.faultyDisk {
      environment["LD_PRELOAD"] = library
      environment["FAULTY_WATCH"] = store.path
      environment["FAULTY_KIND"] = options.fault
      environment["FAULTY_AT"] = String(faultAt)
    }
    if let library = options.powerLoss {
      for name in ["contents", "names"] {
        try FileManager.default.createDirectory(
          at: shadow.appending(path: name), withIntermediateDirectories: true)
      }
      // The failing disk first: what it refuses is not kept.
      environment["LD_PRELOAD"] = (options.faultyDisk.map { $0 + ":" } ?? "") + library
      environment["POWERLOSS_WATCH"] = store.path
      environment["POWERLOSS_SHADOW"] = shadow.path
    }
    process.environment = environment
    process.standardOutput = try FileHandle(forWritingTo: log)
    try process.run()
    var patience = waits ? 1_000 : 0
    while patience > 0, try Data(contentsOf: log).isEmpty {
      usleep(5_000)
      patience -= 1
    }
    usleep(UInt32(milliseconds) * 1_000)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    return String(decoding: try Data(contentsOf: log), as: UTF8.self)
  }

  /// Replaces the folder by what would have survived.
  private func cutPower(_ random: inout SplitMix64) throws {
    let manager = FileManager.default
    let live = options.isTorn ? try liveFiles() : [:]
    defer { try? manager.removeItem(at: shadow) }
    // A process that was killed while it still took stock of the folder has written nothing to it.
    guard manager.fileExists(atPath: shadow.appending(path: "seeded").path) else { return }
    for name in ["log", "blocks", ""] {
      let place = store.appending(path: name)
      for file in (try? manager.contentsOfDirectory(atPath: place.path)) ?? []
      where file != "log" && file != "blocks" {
        try manager.removeItem(at: place.appending(path: file))
      }
    }
    let lists =
      (try? manager.contentsOfDirectory(atPath: shadow.appending(path: "names").path)) ?? []
    for list in lists where !list.hasSuffix(".tmp") {
      let place = store.appending(path: list.dropFirst().replacing(",", with: "/"))
      try manager.createDirectory(at: place, withIntermediateDirectories: true)
      let text = try String(
        contentsOf: shadow.appending(path: "names").appending(path: list), encoding: .utf8)
      // A name listed again replaces the one before.
      var names: [String: String] = [:]
      for line in text.split(separator: "\n") {
        let parts = line.split(separator: " ", maxSplits: 1)
        if parts.count == 2 { names[String(parts[1])] = String(parts[0]) }
      }
      for (name, content) in names {
        let kept = shadow.appending(path: "contents").appending(path: content)
        var bytes = (try? Data(contentsOf: kept)) ?? Data()
        if let found = live[place.appending(path: name).path], content.hasPrefix(found.inode) {
          bytes = Self.torn(bytes, found.bytes, &random)
        }
        try bytes.write(to: place.appending(path: name))
      }
    }
  }

  /// Files as the process left them, with the beginning of what the library calls them.
  private func liveFiles() throws -> [String: (inode: String, bytes: Data)] {
    var files: [String: (inode: String, bytes: Data)] = [:]
    let all = FileManager.default.enumerator(at: store, includingPropertiesForKeys: nil)
    for case let file as URL in all ?? .init() {
      let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
      guard attributes[.type] as? FileAttributeType == .typeRegular,
        let inode = attributes[.systemFileNumber] as? NSNumber
      else { continue }
      files[file.path] = ("\(inode)-", try Data(contentsOf: file))
    }
    return files
  }

  /// What a disk keeps of writes that were not flushed: each sector old or new, the length likewise.
  private static func torn(_ kept: Data, _ live: Data, _ random: inout SplitMix64) -> Data {
    var bytes = Array(kept)
    let live = Array(live)
    if Bool.random(using: &random) {
      bytes = Array(bytes.prefix(live.count))
      bytes += [UInt8](repeating: 0, count: live.count - bytes.count)
    }
    for start in stride(from: 0, to: min(bytes.count, live.count), by: 512)
    where Bool.random(using: &random) {
      let end = min(start + 512, bytes.count, live.count)
      bytes.replaceSubrange(start..<end, with: live[start..<end])
    }
    return Data(bytes)
  }
}
