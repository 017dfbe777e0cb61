// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Services that run until a signal ends them, and what their errors mean for the exit code.

import ArgumentParser
import FleetServer
import Logging
import ServiceLifecycle
import TelemetryGateway
import TelemetryStore
import UnixSignals

/// Services that run until a signal ends them.
enum RunningServices {
  /// Runs services until SIGINT, SIGTERM or the failure of one, then shuts all down in reverse order.
  ///
  /// - Parameters:
  ///   - services: In the order of starting.
  ///   - limit: Longest time for the shutdown.
  ///   - logger: For the group.
  /// - Throws: What a service throws.
  static func run(
    _ services: [any Service], shutdownWithin limit: Duration, logger: Logger
  ) async throws {
    var group = ServiceGroupConfiguration(
      services: services.map {
        .init(
          service: $0, successTerminationBehavior: .ignore,
          failureTerminationBehavior: .gracefullyShutdownGroup)
      }, gracefulShutdownSignals: [.sigint, .sigterm], logger: logger)
    group.maximumGracefulShutdownDuration = limit
    try await ServiceGroup(configuration: group).run()
  }

  /// Runs what starts and runs services, and turns their errors into a line and an exit code: 69 for
  /// a store, port or certificate that cannot be had, 74 for a store that cannot be read or written.
  ///
  /// - Throws: `ExitCode`, or any other error as it is.
  static func reporting(_ body: () async throws -> Void) async throws {
    do {
      try await body()
    } catch let error as StoreError {
      StandardError.write("anodyne: \(error)\n")
      switch error {
      case .inUse, .server: throw ExitStatus.unavailable.exitCode
      default: throw ExitStatus.ioError.exitCode
      }
    } catch let error as GatewayError {
      StandardError.write("anodyne: \(error)\n")
      throw ExitStatus.unavailable.exitCode
    } catch let error as FleetError {
      StandardError.write("anodyne: \(error)\n")
      throw ExitStatus.unavailable.exitCode
    }
  }
}

/// Closes the store once everything that uses it has stopped: it starts first, so it ends last.
struct ClosingService: Service {
  let store: TelemetryStore

  func run() async throws {
    // Ends on a graceful shutdown and on cancellation alike: the store is closed in both cases.
    try? await gracefulShutdown()
    try await store.close()
  }
}
