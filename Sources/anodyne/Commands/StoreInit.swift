// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// `anodyne store init`: the tables of a store in PostgreSQL, on one server or spread over several.

import ArgumentParser
import PostgresStore
import TelemetryStore

/// Makes the tables of a store in a database.
struct StoreInitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Make the tables of a store in a PostgreSQL database, or bring them up to date.",
    discussion: """
      Examples:
        anodyne store init postgres://fleet@db1/fleet
        anodyne store init postgres://fleet@db1/fleet --shard postgres://fleet@db2/fleet

      Also checks that the server keeps what it confirms: fsync, full_page_writes and \
      synchronous_commit. Servers and gateways do this themselves when they start. Passwords come \
      from PGPASSFILE or PGPASSWORD. Each --shard names another server that takes its share of the \
      vehicles, as foreign tables of the first; only for a store without frames.

      \(StoreCommand.exitCodes)
      """)

  @Argument(help: "postgres://user@host:port/database; several hosts with commas.")
  var address: String

  @Option(
    name: .customLong("shard"),
    help: ArgumentHelp(
      "Another server, as the first reaches it; user and password in it are kept there.",
      valueName: "address"))
  var shards: [String] = []

  func validate() throws {
    for text in [address] + shards where StoreLocation(text).folder != nil {
      throw ValidationError("An address must begin with postgres://; a folder needs no init.")
    }
    if shards.count > 15 {
      throw ValidationError("There are sixteen partitions: at most fifteen --shard.")
    }
  }

  func run() async throws {
    do throws(StoreError) {
      let store = try TelemetryStore(at: StoreLocation(address))
      let count = try await store.vehicles().count
      try await store.close()
      if !shards.isEmpty { try PostgresShards.spread(address, over: shards) }
      let spread = shards.isEmpty ? "" : ", spread over \(shards.count + 1) servers"
      try? StandardOutput.write("\(store.path): ready, \(count) vehicles\(spread)\n")
    } catch {
      throw StoreCommand.fail(error)
    }
  }
}
