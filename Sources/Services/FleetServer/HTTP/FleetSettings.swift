// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Where the pages are served and what they need from outside.

public import Foundation
public import TelemetryStore

/// Where the pages are served and what they need from outside.
public struct FleetSettings: Sendable {
  /// Address to listen on.
  public var host: String
  /// Port to listen on; 0 lets the system choose.
  public var port: Int
  /// The chart library's file; nil serves the pages without charts.
  public var chartLibrary: URL?
  /// The vehicles that are logged in now.
  public var connected: @Sendable () -> Set<String>
  /// Metrics of other services, to be shown with the server's own.
  public var metrics: @Sendable () async -> [ServiceMetric]

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - host: Address; by default this machine alone.
  ///   - port: Port.
  ///   - chartLibrary: File of plotly.min.js.
  ///   - connected: Gives the vehicles that are logged in.
  ///   - metrics: Gives the metrics of other services.
  public init(
    host: String = "127.0.0.1", port: Int = 8_080, chartLibrary: URL? = nil,
    connected: @escaping @Sendable () -> Set<String> = { [] },
    metrics: @escaping @Sendable () async -> [ServiceMetric] = { [] }
  ) {
    self.host = host
    self.port = port
    self.chartLibrary = chartLibrary
    self.connected = connected
    self.metrics = metrics
  }
}
