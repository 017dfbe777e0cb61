// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne fleet simulate: a simulated fleet that really connects.

import ArgumentParser
import FleetSimulator
import Foundation
import StructuredInput
import Synchronization
import TelemetryCodec
import TelemetryGateway
import Testbed

/// `anodyne fleet simulate`: a simulated fleet that really connects.
struct FleetSimulate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Send a simulated fleet to a gateway as GB/T 32960 reports over real connections.",
    discussion: """
      Examples:
        anodyne fleet simulate --vehicles 100 --days 1 --to 127.0.0.1:32960
        anodyne fleet simulate --vehicles 20 --rate 1 --speed 1 --edition 2025 --to 127.0.0.1:32960
        anodyne fleet simulate --vehicles 500 --days 30 --scenario Examples/fleet/winter.yaml \\
          --manifest sent.jsonl --to gateway.example:32961 --tls-ca ca.pem

      Each vehicle is a pack of equivalent circuits with spread, climate, trips and charging, and \
      connects by itself. Without --speed reports go out as fast as they are acknowledged; \
      --speed 1 keeps the clock's pace. A scenario says what the vehicles are and do, which of them \
      get which fault, and what their radio does: tunnels (reports wait and come as reissued \
      ones), breaks, duplicates, wrong clocks. The same seed gives the same fleet.

      --manifest lists every acknowledged report with its SHA-256, as JSON lines: what is in it and \
      not in the store was lost. --truth writes which vehicle has which fault from when on.

      Exit codes: 0 every report was acknowledged, 64 wrong usage, 65 the scenario is wrong, 66 a \
      file cannot be read, 69 vehicles could not reach the gateway, 73 a file cannot be written, 74 \
      reports were refused.
      """)

  @Option(help: ArgumentHelp("Address of the gateway.", valueName: "host:port"))
  var to: HostAddress

  @Option(help: "Number of vehicles.")
  var vehicles = 8

  @Option(help: "Simulated days.")
  var days = 1.0

  @Option(help: ArgumentHelp("Reports a second while driving and charging.", valueName: "Hz"))
  var rate: Double?

  @Option(help: ArgumentHelp("Keep this many times the clock's pace.", valueName: "factor"))
  var speed: Double?

  @Option(help: "Edition of the reports: 2016 or 2025.")
  var edition = 2016

  @Option(help: ArgumentHelp("YAML file with the scenario.", valueName: "file"))
  var scenario: String?

  @Option(help: "Seed of everything random.")
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "Start of the simulated time, such as 2026-01-10T00:00:00Z; without it, so that it ends now.",
      valueName: "time"))
  var start: String?

  @Option(help: ArgumentHelp("List of every acknowledged report.", valueName: "file"))
  var manifest: String?

  @Option(help: ArgumentHelp("JSON file with the faults put in.", valueName: "file"))
  var truth: String?

  @Flag(help: "Speak TLS.")
  var tls = false

  @Option(help: ArgumentHelp("Authorities to trust, PEM; implies --tls.", valueName: "file"))
  var tlsCa: String?

  @Option(help: ArgumentHelp("Own certificate, PEM; implies --tls.", valueName: "file"))
  var tlsCertificate: String?

  @Option(help: ArgumentHelp("Own private key, PEM.", valueName: "file"))
  var tlsKey: String?

  @Flag(help: "Print the summary as JSON.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print nothing but errors.")
  var quiet = false

  func validate() throws {
    _ = try to.withPort("--to")
    _ = try startTime()
    guard (1...1_000_000).contains(vehicles) else {
      throw ValidationError("--vehicles must be from 1 to 1000000.")
    }
    guard days > 0, days <= 36_500 else {
      throw ValidationError("--days must be above 0 and at most 36500.")
    }
    if let rate, !(rate > 0 && rate <= 1) {
      throw ValidationError("--rate must be above 0 and at most 1 report a second.")
    }
    if let speed, !(speed > 0 && speed.isFinite) {
      throw ValidationError("--speed must be a positive number.")
    }
    guard edition == 2016 || edition == 2025 else {
      throw ValidationError("--edition must be 2016 or 2025.")
    }
    if (tlsCertificate == nil) != (tlsKey == nil) {
      throw ValidationError("--tls-certificate and --tls-key go together.")
    }
  }

  private func startTime() throws -> Double {
    guard let start else {
      return (Date().timeIntervalSince1970 - (speed == nil ? days * 86_400 : 0)).rounded()
    }
    guard let date = try? Date.ISO8601FormatStyle().parse(start) else {
      throw ValidationError("--start must be a time such as 2026-01-10T00:00:00Z.")
    }
    return date.timeIntervalSince1970
  }

  func run() async throws {
    var scenario = try readScenario()
    if let rate {
      let active = max(1, Int((1 / rate).rounded()))
      scenario.sampling = SimulatedVehicle.Sampling(
        active: active, parked: max(active, scenario.sampling.parked))
    }
    let (host, port) = try to.withPort("--to")
    let security =
      tls || tlsCa != nil || tlsCertificate != nil
      ? TLSClient(authority: tlsCa, certificate: tlsCertificate, privateKey: tlsKey) : nil
    let fleet = FleetSimulation(
      scenario: scenario, count: vehicles, start: try startTime(), duration: days * 86_400,
      seed: seed, edition: edition == 2016 ? .edition2016 : .edition2025, speed: speed,
      link: LinkSettings(host: host, port: port, tls: security))
    if let truth { try write(fleet.faultyVehicles(), to: truth) }
    let list = try openManifest()
    let began = ContinuousClock.now
    let bar = Mutex(ProgressBar(title: scenario.name, quiet: quiet || json))
    do {
      let summary = try await fleet.run(manifest: list) { summary in
        bar.withLock { $0.update(Double(summary.finished) / Double(summary.vehicles)) }
      }
      bar.withLock { $0.finish() }
      try list?.finish()
      try tell(summary, after: ContinuousClock.now - began)
    } catch let error as SimulationError {
      bar.withLock { $0.finish() }
      StandardError.write("anodyne: \(error)\n")
      try? list?.finish()
      if case .manifestFailed = error { throw ExitStatus.cannotCreate.exitCode }
      throw ExitStatus.unavailable.exitCode
    }
  }

  private func tell(_ summary: FleetSimulation.Summary, after time: Duration) throws {
    let seconds = time / .seconds(1)
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      print(String(decoding: try encoder.encode(summary), as: UTF8.self))
    } else if !quiet {
      print(
        """
        \(summary.vehicles) vehicles, \(summary.acknowledged) of \(summary.sent) reports \
        acknowledged in \(String(format: "%.1f", seconds)) s \
        (\(Int(Double(summary.acknowledged) / max(seconds, 1e-3))) a second)
        \(summary.connections) connections, \(summary.reissued) reissued after tunnels, \
        \(summary.duplicates) duplicates, \(summary.interruptions) breaks, \
        \(summary.refused) refused
        """)
    }
    if !summary.isComplete { throw ExitStatus.ioError.exitCode }
  }

  private func openManifest() throws -> Manifest? {
    guard let manifest else { return nil }
    do {
      return try Manifest(path: manifest)
    } catch {
      StandardError.write(
        "anodyne: \(manifest) cannot be written: \(error.localizedDescription)\n")
      throw ExitStatus.cannotCreate.exitCode
    }
  }

  private struct Truth: Encodable {
    var asset: String
    var faults: [InjectedFault]
  }

  private func write(_ vehicles: [SimulatedVehicle], to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    let data = try encoder.encode(vehicles.map { Truth(asset: $0.identity, faults: $0.faults) })
    do {
      try data.write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      StandardError.write("anodyne: \(path) cannot be written: \(error.localizedDescription)\n")
      throw ExitStatus.cannotCreate.exitCode
    }
  }

  private func readScenario() throws -> FleetScenario {
    guard let scenario else { return FleetScenario() }
    guard let data = FileManager.default.contents(atPath: scenario) else {
      StandardError.write("anodyne: \(scenario) cannot be read\n")
      throw ExitStatus.unreadableInput.exitCode
    }
    do throws(InputFaults) {
      return try FleetScenario(String(decoding: data, as: UTF8.self), file: scenario)
    } catch {
      StandardError.write("\(error.description)\n")
      throw ExitStatus.badData.exitCode
    }
  }
}
