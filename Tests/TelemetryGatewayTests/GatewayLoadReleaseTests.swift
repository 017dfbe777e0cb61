// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Numbers of the gateway under load, generator on the same machine; release builds alone.

import Foundation
import NIOCore
import NIOPosix
import TelemetryCodec
import TelemetryGateway
import TelemetryStore
import Testing

@Suite(
  .serialized,
  .enabled(if: ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1"))
struct GatewayLoadReleaseTests {
  private func settings() -> GatewaySettings {
    var settings = GatewaySettings(port: 0)
    settings.admission.connections = 20_000
    settings.admission.connectionsPerAddress = 20_000
    settings.admission.acceptsPerSecond = 1e6
    settings.admission.acceptBurst = 1e6
    settings.framesPerSecond = 1e6
    settings.frameBurst = 1e6
    return settings
  }

  /// Resident memory of this process in bytes, and the highest so far.
  private func memory() -> (now: Int, peak: Int) {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    func bytes(_ key: String) -> Int {
      text.split(separator: "\n").first { $0.hasPrefix(key) }
        .flatMap { Int($0.split(whereSeparator: { !$0.isNumber }).first ?? "") }.map { $0 * 1_024 }
        ?? 0
    }
    return (bytes("VmRSS:"), bytes("VmHWM:"))
  }

  @Test(.timeLimit(.minutes(10)), arguments: [(200, 2_000, 32), (2_000, 200, 4)])
  func `frames are stored and acknowledged at a rate, soon after they came`(
    vehicles: Int, reports: Int, window: Int
  ) async throws {
    let folder = try TemporaryFolder()
    let store = try TelemetryStore(folder: folder.url)
    let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    try await withGateway(store: store, settings: settings()) { gateway in
      let tally = LoadGenerator.Tally()
      let channels = try await LoadGenerator.connect(
        vehicles, to: gateway.port, on: loops, tally)
      #expect(tally.online == vehicles)
      let total = vehicles * reports
      let began = ContinuousClock.now
      for channel in channels {
        channel.pipeline.fireUserInboundEventTriggered(LoadOrder(reports: reports, window: window))
      }
      while tally.acknowledged + tally.failed < total {
        try await Task.sleep(for: .milliseconds(2))
      }
      let seconds = (ContinuousClock.now - began) / .seconds(1)
      #expect(tally.acknowledged == total)
      let rate = Double(total) / seconds
      let latency = gateway.metrics.latency
      let p99 = latency.bound(of: 0.99) ?? .infinity
      print(
        "gateway: \(vehicles) vehicles, window \(window): \(Int(rate)) frames/s durable,"
          + " socket to disk mean \(Int(latency.sum / Double(latency.count) * 1e3)) ms,"
          + " p99 <= \(p99) s")
      for channel in channels { try? await channel.close().get() }
    }
    #expect(try await store.frameCount() == vehicles * (reports + 1))
    try await store.close()
    try await loops.shutdownGracefully()
  }

  /// Whether this process may open as many files as ten thousand connections take.
  static var mayOpenFiles: Bool {
    let limits = (try? String(contentsOfFile: "/proc/self/limits", encoding: .utf8)) ?? ""
    let line = limits.split(separator: "\n").first { $0.hasPrefix("Max open files") }
    let number = line?.split(separator: " ").dropFirst(3).first.flatMap { Int($0) }
    return (number ?? 0) >= 10_500
  }

  @Test(
    .timeLimit(.minutes(5)),
    .enabled(if: GatewayLoadReleaseTests.mayOpenFiles, "raise the limit of open files: ulimit -n"))
  func `ten thousand connections fit into a gigabyte`() async throws {
    let folder = try TemporaryFolder()
    let store = try TelemetryStore(folder: folder.url)
    let before = memory().now
    try await withGateway(store: store, settings: settings()) { gateway in
      let count = 10_000
      try ManyConnections.run(
        count, reports: 5, port: gateway.port, login: try login(at: start).encoded(),
        report: try LoadGenerator.template(vin, at: start)
      ) { lines in
        #expect(lines == ["online \(count) 0", "acknowledged \(5 * count) 0"])
        #expect(gateway.metrics.openConnections == count)
        let used = memory()
        let mebibyte = 1_048_576
        print(
          "gateway: \(count) connections: \(used.now / mebibyte) MiB resident,"
            + " \(used.peak / mebibyte) MiB at most, \(before / mebibyte) MiB before")
        #expect(used.peak < 1_000_000_000)
      }
    }
    #expect(try await store.frameCount() == 60_000)
    try await store.close()
  }
}
