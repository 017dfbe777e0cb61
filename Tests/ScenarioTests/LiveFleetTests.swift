// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The built program: no acknowledged frame is lost by kill -9; clean stops; clear refusals.

import Foundation
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(3))) struct LiveFleetTests {
  private func folder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "anodyne-live-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  @Test func `kill -9 in the middle of a replay loses no acknowledged frame`() async throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let rows = 20_000
    let file = folder.appending(path: "vehicle.csv")
    try writeVehicleTable(rows: rows, cells: 6, to: file)
    let data = folder.appending(path: "data")

    var server = try LiveProgram(data: data)
    let port = server.gatewayPort
    let replay = Process()
    replay.executableURL = Program.executable
    replay.arguments = [
      "fleet", "replay", file.path, "--to", "127.0.0.1:\(port)", "--vin", "KILLTEST000000001",
      "--json",
    ]
    let output = Pipe()
    replay.standardOutput = output
    try replay.run()

    var kills = 0
    for share in [0.15, 0.4, 0.7] {
      while try server.framesNow() < Int(share * Double(rows)), replay.isRunning {
        usleep(2_000)
      }
      guard replay.isRunning else { break }
      #expect(server.end(SIGKILL) == -SIGKILL)
      kills += 1
      server = try LiveProgram(data: data, gatewayPort: port)
    }
    let summary = output.fileHandleForReading.readDataToEndOfFile()
    replay.waitUntilExit()
    #expect(replay.terminationStatus == 0)
    #expect(kills >= 1, "the replay ended before the server could be killed")

    struct Summary: Decodable {
      var acknowledged: Int
      var connections: Int
      var refused: Int
    }
    let told = try JSONDecoder().decode(Summary.self, from: summary)
    #expect(told.acknowledged == rows)
    #expect(told.refused == 0)
    #expect(told.connections == kills + 1)

    // Logins and the logout are stored beside the reports, each report once.
    let vehicle = try await vehicle("KILLTEST000000001", of: server, reports: rows)
    let counts = try #require(vehicle["rows"] as? [String: Any])
    #expect(counts["received"] as? Int == rows)
    #expect(counts["duplicate"] as? Int == 0)
    #expect(server.end(SIGTERM) == 0)

    let again = try LiveProgram(data: data)
    let restored = try await self.vehicle("KILLTEST000000001", of: again, reports: rows)
    #expect((restored["rows"] as? [String: Any])?["received"] as? Int == rows)
    #expect(again.end(SIGINT) == 0)
  }

  /// The assessment once the analysis has caught up with this many reports.
  private func vehicle(
    _ vin: String, of server: LiveProgram, reports: Int
  ) async throws -> [String: Any] {
    while true {
      let answer = try await server.ask("api/vehicles/\(vin)")
      if let assessment = answer["assessment"] as? [String: Any],
        let rows = assessment["rows"] as? [String: Any], let received = rows["received"] as? Int,
        received >= reports
      {
        return assessment
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  @Test func `a taken port or folder is one clear line and exit code 69`() async throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let data = folder.appending(path: "data")
    let server = try LiveProgram(data: data)
    let other = folder.appending(path: "other").path
    let web = try #require(server.url.port)
    let calls = [
      ["--data", data.path, "--http-port", "0", "--gateway-port", "0"],
      ["--data", other, "--http-port", "0", "--gateway-port", "\(server.gatewayPort)"],
      ["--data", other, "--http-port", "\(web)", "--gateway-port", "0"],
    ]
    for (call, word) in zip(calls, ["another process", "--gateway-port", "--http-port"]) {
      let outcome = try Program.run(["serve"] + call)
      #expect(outcome.status == 69)
      #expect(outcome.errors.contains(word), "\(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    }
    #expect(server.end(SIGTERM) == 0)
  }

  @Test func `a replay to nobody and of no vehicle table is refused clearly`() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "vehicle.csv")
    try writeVehicleTable(rows: 3, cells: 2, to: file)
    let absent = try Program.run([
      "fleet", "replay", folder.appending(path: "absent.csv").path, "--to", "127.0.0.1:1",
    ])
    #expect(absent.status == 66)
    let name = try Program.run([
      "fleet", "replay", file.path, "--to", "127.0.0.1:1", "--vin", "far too long for a VIN",
    ])
    #expect(name.status == 65)
    #expect(name.errors.contains("--vin"))
    let address = try Program.run(["fleet", "replay", file.path, "--to", "nowhere"])
    #expect(address.status == 64)
  }
}
