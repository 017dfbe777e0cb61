// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A running `anodyne serve`, asked over HTTP and ended in several ways.

import Foundation
import TestSupport

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// A running `anodyne serve` with its own folder; killed when the value goes away.
final class LiveProgram {
  let process = Process()
  let url: URL
  let gatewayPort: Int

  /// Starts the program and waits until it listens.
  ///
  /// - Parameters:
  ///   - data: Folder of the store.
  ///   - gatewayPort: Port of the gateway; 0 lets the system choose.
  /// - Throws: An error of Foundation if the program does not start or ends at once.
  init(data: URL, gatewayPort: Int = 0) throws {
    process.executableURL = Program.executable
    process.arguments = [
      "serve", "--data", data.path, "--http-port", "0", "--gateway-port", "\(gatewayPort)",
      "--json",
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    var line = Data()
    while !line.contains(UInt8(ascii: "\n")) {
      let more = pipe.fileHandleForReading.availableData
      if more.isEmpty { throw CocoaError(.fileReadUnknown) }
      line += more
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let addresses = try decoder.decode(Addresses.self, from: line)
    guard let url = URL(string: addresses.url) else { throw CocoaError(.coderInvalidValue) }
    self.url = url
    self.gatewayPort = addresses.gatewayPort
  }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  private struct Addresses: Decodable {
    var url: String
    var gatewayPort: Int
  }

  /// Asks for a path and gives the answer as a JSON object.
  func ask(_ path: String) async throws -> [String: Any] {
    let (data, _) = try await URLSession.shared.data(from: url.appending(path: path))
    return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }

  /// Number of frames in the store, asked without giving up the thread: beside long tests a
  /// suspended one may not come back before what it watches is over.
  func framesNow() throws -> Int {
    let data = try Data(contentsOf: url.appending(path: "healthz"))
    let answer = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    return answer?["frames"] as? Int ?? 0
  }

  /// Ends the program and gives its exit code; negative for the number of the signal.
  func end(_ signal: Int32) -> Int32 {
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    return process.terminationReason == .exit
      ? process.terminationStatus : -process.terminationStatus
  }
}

/// Writes a small made-up vehicle table in the form that `fleet replay` reads.
func writeVehicleTable(rows: Int, cells: Int, to file: URL) throws {
  var text = "tboxTime,vehSpeed,BMSBatteryVoltage,BMSBatteryCurrent,vehBMSPackSOC,"
  text += (1...cells).map { "V_\($0)" }.joined(separator: ",") + ",T_1,T_2\n"
  for row in 0..<rows {
    let (day, second) = (1 + row / 2_880, row % 2_880 * 30)
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let clock = "\(two(second / 3_600)):\(two(second / 60 % 60)):\(two(second % 60))"
    text += "2019-05-\(two(day)) \(clock),0,88.4,0.\(row % 10),\(90 - row % 50)"
    for cell in 1...cells { text += ",3.\(600 + (row * 7 + cell * 13) % 90)" }
    text += ",65,66\n"
  }
  try text.write(to: file, atomically: false, encoding: .utf8)
}
