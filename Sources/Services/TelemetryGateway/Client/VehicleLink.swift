// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The vehicle's side: log in, send reports in windows, reconnect, resume.

import Foundation
import NIOCore
public import TelemetryCodec

/// The vehicle's side of the link: logs in, sends reports in windows and, when the connection is
/// lost, comes back and goes on from the first report that was not acknowledged.
public struct VehicleLink: Sendable {
  private typealias Connection = NIOAsyncChannel<[Frame], ByteBuffer>

  /// Gives the next reports, nil at the end; it may wait to keep a pace. At most
  /// ``LinkSettings/window`` are sent before answers are awaited.
  public typealias Source = () async throws -> [Frame]?

  private let settings: LinkSettings
  private let identity: UniqueIdentifier
  private let simCard: [UInt8]
  private let edition: Edition

  /// Creates a link of one vehicle.
  ///
  /// - Parameters:
  ///   - identity: VIN.
  ///   - settings: Where to and how patient.
  ///   - edition: Edition of login and logout; that of the reports.
  public init(
    identity: UniqueIdentifier, settings: LinkSettings, edition: Edition = .edition2016
  ) {
    self.edition = edition
    self.identity = identity
    // The SIM card's number is not known to a replay; zero digits keep its twenty places.
    simCard = Array(repeating: UInt8(ascii: "0"), count: VehicleLogin.simCardLength)
    self.settings = settings
  }

  /// Sends everything the source gives.
  ///
  /// - Parameters:
  ///   - source: The reports, in order.
  ///   - acknowledged: Told every report when it is acknowledged.
  ///   - progress: Told the summary so far after every window.
  /// - Returns: What became of the reports.
  /// - Throws: ``GatewayError`` once no attempt is left, `CancellationError`, or what the source
  ///   throws.
  public func send(
    from source: Source, acknowledged: (Frame) -> Void = { _ in },
    progress: (LinkSummary) -> Void = { _ in }
  ) async throws -> LinkSummary {
    var summary = LinkSummary()
    var outstanding = OutstandingFrames(attempts: 3)
    var isFinished = false
    var failures = 0
    var serial: UInt16 = 0
    while !isFinished {
      try Task.checkCancellation()
      let before = summary.acknowledged + summary.refused
      do {
        let connection = try await connect()
        summary.connections += 1
        serial = serial == 65_531 ? 1 : serial + 1
        let login = serial
        try await connection.executeThenClose { inbound, outbound in
          var exchange = Exchange(
            answers: inbound.makeAsyncIterator(), outbound: outbound,
            channel: connection.channel, timeout: TimeAmount(duration: settings.answerTimeout))
          try await logIn(&exchange, serial: login, time: outstanding.frames.first?.time)
          try await exchange.send(
            &outstanding, window: settings.window, &summary, acknowledged)
          while let reports = try await source() {
            summary.sent += reports.count
            // All of them are outstanding before the first is sent: a loss must not lose the rest.
            outstanding.add(reports)
            try await exchange.send(
              &outstanding, window: settings.window, &summary, acknowledged)
            progress(summary)
          }
          isFinished = true
          try? await logOut(&exchange, serial: login)
        }
      } catch let error as CancellationError {
        throw error
      } catch let error as GatewayError {
        if case .loginRefused = error { throw error }
        failures = summary.acknowledged + summary.refused > before ? 1 : failures + 1
        try await pause(after: failures, error)
      } catch  where LinkConnection.isLoss(error) {
        if isFinished { break }
        failures = summary.acknowledged + summary.refused > before ? 1 : failures + 1
        try await pause(after: failures, .connectionLost(String(describing: error)))
      }
    }
    return summary
  }

  private func pause(after failures: Int, _ error: GatewayError) async throws {
    guard failures < settings.attempts else {
      var reason = error.description
      if case .connectionLost(let why) = error { reason = why }
      throw GatewayError.unreachable(
        host: settings.host, port: settings.port, attempts: failures, reason: reason)
    }
    try await Task.sleep(for: settings.pause(before: failures))
  }

  private func connect() async throws -> Connection {
    try await LinkConnection.open(
      host: settings.host, port: settings.port, tls: settings.tls,
      timeout: TimeAmount(duration: settings.answerTimeout))
  }

  private func logIn(
    _ exchange: inout Exchange, serial: UInt16, time: WireTime?
  ) async throws {
    let login = try Frame(
      edition: edition, command: .vehicleLogin, identifier: identity,
      unit: .vehicleLogin(
        VehicleLogin(
          time: time ?? Self.now(), serial: serial, simCard: simCard,
          batteries: edition == .edition2016
            ? .subsystems(count: 1, codeLength: 0, codes: [])
            : .packs(Counted<Counted<[UInt8]>>([])))))
    guard try await exchange.ask(login).acknowledgement == .success else {
      throw GatewayError.loginRefused(identity: identity.text)
    }
  }

  private func logOut(_ exchange: inout Exchange, serial: UInt16) async throws {
    let logout = try Frame(
      edition: edition, command: .vehicleLogout, identifier: identity,
      unit: .logout(Logout(time: try Self.now(), serial: serial)))
    _ = try await exchange.ask(logout)
  }

  private static func now() throws(GatewayError) -> WireTime {
    guard let time = WireTime(unixSeconds: Int64(Date().timeIntervalSince1970)) else {
      throw .protocolViolation("the clock of this machine is not between the years 2000 and 2099")
    }
    return time
  }
}
