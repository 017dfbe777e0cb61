// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A connected vehicle that answers commands, for the tests of remote commands.

import TelemetryCodec
import TelemetryGateway
import Testing

/// A vehicle that answers commands as told, until the body is done.
func withVehicle(
  _ gateway: GatewayServer, answers: @Sendable @escaping (Frame) throws -> Frame?,
  _ body: () async throws -> Void
) async throws {
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask {
      try await RawPeer.with(port: gateway.port) { (peer: inout RawPeer) async throws in
        try await peer.send(try login())
        while let frame = try await peer.next() {
          if frame.isAnswer { continue }
          if let answer = try answers(frame) { try await peer.send(answer) }
        }
      }
    }
    while gateway.registry.identities.isEmpty { try await Task.sleep(for: .milliseconds(2)) }
    try await body()
    group.cancelAll()
    do { try await group.waitForAll() } catch is CancellationError {}
  }
}

func told(_ frame: Frame) throws -> Frame {
  guard frame.command == .parameterQuery else { return frame.answer(.success) }
  var answer = frame
  answer.acknowledgement = .success
  answer.unit = try DataUnit.parameters(
    ParameterList(
      time: try #require(frame.time),
      parameters: [
        Parameter(identifier: 0x09, value: .byte(60)),
        Parameter(identifier: 0x06, value: .word(32_960)),
      ])
  ).encoded(for: .edition2016)
  return answer
}
