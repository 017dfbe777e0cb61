// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A mosquitto broker of the test's own, in a folder of its own, on ports of its own.

import Foundation
import TestSupport

#if canImport(Glibc)
  import Glibc
#endif

/// A mosquitto broker, started and stopped by the test.
final class Broker {
  static let program = find("mosquitto")
  static let publisher = find("mosquitto_pub")
  static let isThere = program != nil && publisher != nil

  let folder: URL
  let port: Int
  private let settings: String
  private var process: Process?

  /// A broker in a folder; `%` in the settings stands for the folder.
  init(folder: URL, settings: String = "allow_anonymous true\n") throws {
    self.folder = folder
    port = try Self.freePort()
    self.settings = settings.replacingOccurrences(of: "%", with: folder.path)
  }

  /// Starts the broker and returns when it takes connections.
  func start() throws {
    let file = folder.appending(path: "mosquitto.conf")
    try """
    user root
    persistence true
    persistence_location \(folder.path)/
    autosave_on_changes true
    autosave_interval 1
    listener \(port) 127.0.0.1
    \(settings)
    """.write(to: file, atomically: true, encoding: .utf8)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.program ?? "")
    process.arguments = ["-c", file.path]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    self.process = process
    for _ in 0..<200 where !isListening() { usleep(25_000) }
  }

  /// Kills the broker: what it has not saved is lost, as in a power cut.
  func stop() {
    guard let process else { return }
    kill(process.processIdentifier, SIGKILL)
    // `waitUntilExit` may wait for ever on a thread other than the one that started the process.
    while process.isRunning { usleep(5_000) }
    self.process = nil
  }

  deinit { stop() }

  /// Publishes with the broker's own client.
  func publish(_ topic: String, _ text: String, quality: Int = 1, _ more: [String] = []) throws {
    let outcome = try Program.run(
      URL(fileURLWithPath: Self.publisher ?? ""),
      ["-h", "localhost", "-p", "\(port)", "-t", topic, "-m", text, "-q", "\(quality)"] + more)
    if outcome.status != 0 { throw BrokerError(text: outcome.errors) }
  }

  /// A program on the path, or in the `sbin` beside a folder of it, where Debian keeps servers.
  static func find(_ name: String) -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.flatMap { ["\($0)/\(name)", "\($0.dropLast(3))sbin/\(name)"] }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  private func isListening() -> Bool {
    let descriptor = socket(AF_INET, Self.stream, 0)
    defer { close(descriptor) }
    var address = Self.address(port: port)
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }

  private static func freePort() throws -> Int {
    let descriptor = socket(AF_INET, stream, 0)
    defer { close(descriptor) }
    var address = address(port: 0)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
      }
    }
    guard isBound else { throw BrokerError(text: "no free port") }
    return Int(UInt16(bigEndian: address.sin_port))
  }

  private static func address(port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }

  #if canImport(Glibc)
    private static let stream = CInt(SOCK_STREAM.rawValue)
  #else
    private static let stream = SOCK_STREAM
  #endif
}

/// What went wrong around a broker.
struct BrokerError: Error {
  let text: String
}
