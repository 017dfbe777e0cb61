// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Remote commands to connected vehicles over real sockets, with policy and audit.

import Foundation
import TelemetryCodec
import TelemetryGateway
import Testing

@Suite(.timeLimit(.minutes(2))) struct RemoteCommandTests {
  private let author = CommandAuthor(name: "chen", reason: "drill")

  /// A vehicle that answers commands as told, until the body is done.
  private func withVehicle(
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

  private func told(_ frame: Frame) throws -> Frame {
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

  @Test func `queries, settings and controls are answered and in the audit log`() async throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "audit.jsonl")
    try await withGateway(store: BrittleSink()) { gateway in
      var policy = CommandPolicy()
      policy.allowsSettings = true
      let commands = RemoteCommands(
        gateway: gateway, policy: policy, audit: FileAuditLog(file: file), timeout: 20,
        now: { Double(start) })
      try await withVehicle(gateway, answers: { try told($0) }) {
        let list = try await commands.query(vin, parameters: [0x09, 0x06], by: author)
        #expect(list.parameters.map(\.identifier) == [9, 6])
        #expect(list.parameters.first?.value == .byte(60))
        var approved = author
        approved.approvedBy = "li"
        let set = try await commands.set(
          vin, [Parameter(identifier: 0x09, value: .byte(30))], by: approved)
        #expect(set.acknowledgement == .success)
        #expect(set.time?.unixSeconds == start)
        let control = try await commands.control(
          vin, 6, .warning(level: 3, text: Array("stop".utf8)), by: author)
        #expect(control.acknowledgement == .success)
      }
    }
    let (records, broken) = try FileAuditLog.verify(file)
    #expect(broken == nil)
    #expect(
      records.map(\.step) == [.requested, .answered, .requested, .answered, .requested, .answered])
    #expect(records.map(\.command) == [1, 1, 2, 2, 3, 3])
    #expect(records[1].outcome == "9=60 6=32960")
    #expect(records[2].action == "set 9=30")
    #expect(records[2].approvedBy == "li")
    #expect(records[4].action == "control 6")
    #expect(records.allSatisfy { $0.by == "chen" && $0.reason == "drill" && $0.vehicle != vin })
  }

  @Test func `dangerous controls are off, and need a second person when they are on`() async throws
  {
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "audit.jsonl")
    try await withGateway(store: BrittleSink()) { gateway in
      let usual = RemoteCommands(gateway: gateway, audit: FileAuditLog(file: file))
      for number: UInt8 in [1, 2, 3, 4, 5, 0x80] {
        await #expect(throws: GatewayError.self) {
          try await usual.control(vin, number, by: author)
        }
      }
      await #expect(throws: GatewayError.self) {
        try await usual.set(vin, [Parameter(identifier: 9, value: .byte(1))], by: author)
      }
      var policy = CommandPolicy()
      policy.controls = [3]
      let audit = FileAuditLog(file: folder.url.appending(path: "second.jsonl"))
      let open = RemoteCommands(gateway: gateway, policy: policy, audit: audit, timeout: 20)
      try await withVehicle(gateway, answers: { $0.answer(.success) }) {
        var same = author
        same.approvedBy = author.name
        for single in [author, same] {
          await #expect(throws: GatewayError.self) { try await open.control(vin, 3, by: single) }
        }
        var both = author
        both.approvedBy = "li"
        let answer = try await open.control(vin, 3, by: both)
        #expect(answer.acknowledgement == .success)
      }
      #expect(value("commands_total", "forbidden", in: gateway.metrics) == 9)
    }
    let (records, broken) = try FileAuditLog.verify(file)
    #expect(broken == nil)
    #expect(records.count == 7)
    #expect(records.allSatisfy { $0.step == .forbidden })
  }

  @Test func `silence, absence and an audit log that cannot be written are errors`() async throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "audit.jsonl")
    try await withGateway(store: BrittleSink()) { gateway in
      let commands = RemoteCommands(
        gateway: gateway, audit: FileAuditLog(file: file), timeout: 0.1)
      await #expect(throws: GatewayError.notConnected) {
        try await commands.control(vin, 7, by: author)
      }
      let sent = LockedCount()
      try await withVehicle(
        gateway,
        answers: { _ in
          sent.add()
          return nil
        }
      ) {
        await #expect(throws: GatewayError.noAnswer(seconds: 0.1)) {
          try await commands.control(vin, 7, by: author)
        }
        // The vehicle did get it.
        while sent.count == 0 { try await Task.sleep(for: .milliseconds(2)) }
        #expect(sent.count == 1)
        // What cannot be recorded is not sent.
        let nowhere = RemoteCommands(
          gateway: gateway, audit: FileAuditLog(file: file.appending(path: "below")))
        await #expect(throws: GatewayError.self) { try await nowhere.control(vin, 7, by: author) }
        #expect(sent.count == 1)
      }
    }
    #expect(
      try FileAuditLog.verify(file).records.map(\.step) == [
        .requested, .failed, .requested, .failed,
      ])
  }

  @Test func `an audit log that was changed or shortened in the middle is found out`() async throws
  {
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "audit.jsonl")
    for _ in 0..<2 {
      // The second log goes on with the chain of the first.
      let log = FileAuditLog(file: file)
      for number in 1...3 {
        try await log.append(
          AuditRecord(
            command: number, step: .requested, time: "t", by: "chen", approvedBy: nil,
            reason: "drill", vehicle: "v", action: "query 1", outcome: nil))
      }
    }
    #expect(try FileAuditLog.verify(file).records.count == 6)
    #expect(try FileAuditLog.verify(file).broken == nil)
    let text = try String(contentsOf: file, encoding: .utf8)
    let lines = text.split(separator: "\n")
    try Data(text.replacing("query 1", with: "query 2", maxReplacements: 1).utf8).write(to: file)
    #expect(try FileAuditLog.verify(file).broken == 1)
    let without = (lines[..<2] + lines[3...]).joined(separator: "\n")
    try Data(without.utf8).write(to: file)
    #expect(try FileAuditLog.verify(file).broken == 3)
  }
}
