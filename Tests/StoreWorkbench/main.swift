// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Proofs and measurements of the store that need whole processes: killed writers, sizes, times.

import Foundation
import PostgresStore
import TelemetryStore

let usage = """
  storeworkbench torture [--rounds N] [--seed S] [--longest MS] [--power-loss LIBRARY] [--torn]
                         [--faulty-disk LIBRARY --fault full|flush|short|clock]
                         [--index FULL|NORMAL] [--no-sync]
                         ends with 0 if nothing was lost, with 3 if something was
  storeworkbench restart [--frames N] [--limit SECONDS]
  storeworkbench ingest [--vehicles N] [--frames N] [--rate FRAMES-A-SECOND]
  storeworkbench bench [--days N] [--rate SECONDS]
  storeworkbench codec [--rows N] [--blocks N] [--rate SECONDS]
  storeworkbench sizes FRAMES.tsv
  storeworkbench pgtorture [--rounds N] [--seed S] [--longest MS] [--failover] [--commit on|local|off]
                         [--restart-limit SECONDS]
  storeworkbench pgbench [--days N] [--rate SECONDS] [--address postgres://…]
  storeworkbench pgwrite ADDRESS SCHEMA SEED FIRST
  storeworkbench write FOLDER SEED FIRST INDEX sync|nosync

  """

/// The value behind a name on the command line.
func option(_ name: String) -> String? {
  guard let place = CommandLine.arguments.firstIndex(of: name) else { return nil }
  return CommandLine.arguments.dropFirst(place + 1).first
}

let arguments = CommandLine.arguments
switch arguments.dropFirst().first {
case "write" where arguments.count == 7:
  do {
    try await Writing.run(
      folder: URL(fileURLWithPath: arguments[2]), seed: UInt64(arguments[3]) ?? 1,
      from: Int(arguments[4]) ?? 0, files: PosixFiles(syncs: arguments[6] == "sync"),
      durability: arguments[5] == "NORMAL" ? .normal : .full)
  } catch {
    // A disk that fails ends the writer; what it acknowledged before is judged.
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(74)
  }
case "torture":
  var options = Torture.Options()
  options.rounds = option("--rounds").flatMap { Int($0) } ?? options.rounds
  options.seed = option("--seed").flatMap { UInt64($0) } ?? options.seed
  options.longest = option("--longest").flatMap { Int($0) } ?? options.longest
  options.powerLoss = option("--power-loss")
  options.isTorn = arguments.contains("--torn")
  options.faultyDisk = option("--faulty-disk")
  options.fault = option("--fault") ?? ""
  options.index = option("--index") ?? options.index
  options.syncs = !arguments.contains("--no-sync")
  exit(try await Torture(options).run() ? 0 : 3)
case "pgwrite" where arguments.count == 6:
  try await Writing.run(
    TelemetryStore(
      engine: try PostgresEngine(
        arguments[2], schema: arguments[3], settings: Writing.settings, durability: .unchecked),
      settings: Writing.settings), seed: UInt64(arguments[4]) ?? 1, from: Int(arguments[5]) ?? 0)
case "pgtorture":
  var options = PostgresTorture.Options()
  options.rounds = option("--rounds").flatMap { Int($0) } ?? options.rounds
  options.seed = option("--seed").flatMap { UInt64($0) } ?? options.seed
  options.longest = option("--longest").flatMap { Int($0) } ?? options.longest
  options.commit = option("--commit") ?? options.commit
  options.restartLimit = option("--restart-limit").flatMap { Double($0) } ?? options.restartLimit
  options.failover = arguments.contains("--failover")
  exit(try await PostgresTorture(options).run() ? 0 : 3)
case "pgbench":
  try await PostgresBench.run(
    days: option("--days").flatMap { Int($0) } ?? 30,
    rate: option("--rate").flatMap { Int64($0) } ?? 10, address: option("--address"))
case "bench":
  try await StoreBench.run(
    days: option("--days").flatMap { Int($0) } ?? 30,
    rate: option("--rate").flatMap { Int64($0) } ?? 1)
case "restart":
  let limit = option("--limit").flatMap { Double($0) } ?? 5
  exit(
    try await StoreLoad.restart(
      frames: option("--frames").flatMap { Int($0) } ?? 800_000, limit: limit) ? 0 : 3)
case "ingest":
  try await StoreLoad.ingest(
    vehicles: option("--vehicles").flatMap { Int($0) } ?? 10_000,
    frames: option("--frames").flatMap { Int($0) } ?? 2_000_000,
    rate: option("--rate").flatMap { Int($0) } ?? 40_000)
case "codec":
  try StoreBench.codec(
    rows: option("--rows").flatMap { Int($0) } ?? 4_096,
    blocks: option("--blocks").flatMap { Int($0) } ?? 16,
    rate: option("--rate").flatMap { Int64($0) } ?? 10)
case "sizes" where arguments.count == 3:
  try StoreBench.sizes(of: arguments[2])
default:
  FileHandle.standardError.write(Data(usage.utf8))
  exit(64)
}
