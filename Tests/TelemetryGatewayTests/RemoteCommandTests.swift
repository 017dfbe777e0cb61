// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Remote commands to connected vehicles over real sockets, with policy and audit.

import Foundation
import FrameCryptography
import TelemetryCodec
import TelemetryGateway
import Testing

@Suite(.timeLimit(.minutes(2))) struct RemoteCommandTests {
  private let author = CommandAuthor(name: "chen", reason: "drill")

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
    let check = try FileAuditLog.verify(file)
    let records = check.records
    #expect(check.broken == nil)
    #expect(check.tornBytes == 0)
    #expect(
      records.map(\.step) == [.requested, .answered, .requested, .answered, .requested, .answered])
    #expect(records.map(\.command) == [1, 1, 2, 2, 3, 3])
    #expect(records[1].outcome == "9=60 6=32960")
    #expect(records[2].action == "set 9=30")
    #expect(records[2].approvedBy == "li")
    #expect(records[4].action == "control 6")
    #expect(records.allSatisfy { $0.by == "chen" && $0.reason == "drill" && $0.vehicle == vin })
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
    let check = try FileAuditLog.verify(file)
    let records = check.records
    #expect(check.broken == nil)
    #expect(check.tornBytes == 0)
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
    let without = (lines[..<2] + lines[3...]).map { $0 + "\n" }.joined()
    try Data(without.utf8).write(to: file)
    #expect(try FileAuditLog.verify(file).broken == 3)
  }

  private func record(_ number: Int) -> AuditRecord {
    AuditRecord(
      command: number, step: .requested, time: "t", by: "chen", reason: "drill", vehicle: "v",
      action: "query 1")
  }

  @Test func `a record that a crash cut off neither breaks the chain nor stops later commands`()
    async throws
  {
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "audit.jsonl")
    for number in 1...2 { try await FileAuditLog(file: file).append(record(number)) }
    let whole = try Data(contentsOf: file)
    let length = whole.count / 2
    for kept in [1, length / 2, length - 1] {
      try whole.prefix(length + kept).write(to: file)
      #expect(try FileAuditLog.verify(file).tornBytes == kept)
      #expect(try FileAuditLog.verify(file).broken == nil)
      try await FileAuditLog(file: file).append(record(3))
      let check = try FileAuditLog.verify(file)
      #expect(check.records.map(\.command) == [1, 3])
      #expect(check.broken == nil)
      #expect(check.tornBytes == 0)
      // What was cut off is kept beside it.
      let aside = try Data(contentsOf: file.appendingPathExtension("torn"))
      #expect(aside.dropLast().suffix(kept) == whole.dropFirst(length).prefix(kept))
    }
    // A whole line that is no record is no accident.
    try (whole + Data("{}\n".utf8)).write(to: file)
    await #expect(throws: GatewayError.self) {
      try await FileAuditLog(file: file).append(record(4))
    }
  }

  @Test func `an encrypted answer that comes too late is not taken for the next one's`()
    async throws
  {
    let keys = {
      var keys = KeyRing()
      keys.symmetricKeys = [Array(repeating: 9, count: 16)]
      return keys
    }()
    var settings = GatewaySettings(port: 0)
    settings.access = AccessRegistry(vehicles: [vin: .init(keys: keys, requiresEncryption: true)])
    @Sendable func sealed(_ frame: Frame) throws -> Frame {
      var frame = frame
      frame.encryption = .sm4
      frame.unit = try keys.ciphertext(of: frame.unit, for: frame)
      return frame
    }
    let folder = try TemporaryFolder()
    try await withGateway(store: BrittleSink(), settings: settings) { gateway in
      let commands = RemoteCommands(
        gateway: gateway, audit: FileAuditLog(file: folder.url.appending(path: "audit.jsonl")),
        timeout: 0.2, now: { Double(start) })
      try await RawPeer.with(port: gateway.port) { (peer: inout RawPeer) async throws in
        #expect(try await peer.ask(sealed(try login())).acknowledgement == .success)
        let first = Task { [author] in try await commands.control(vin, 7, by: author) }
        let late = try #require(try await peer.next())
        // It is spoken to as it logged in.
        #expect(late.encryption == .sm4)
        await #expect(throws: GatewayError.noAnswer(seconds: 0.2)) {
          try await first.value
        }
        let patient = RemoteCommands(
          gateway: gateway, audit: FileAuditLog(file: folder.url.appending(path: "two.jsonl")),
          timeout: 20, now: { Double(start) + 60 })
        let second = Task { [author] in try await patient.control(vin, 7, by: author) }
        let asked = try #require(try await peer.next())
        func answer(_ frame: Frame, _ flag: Acknowledgement) throws -> Frame {
          let plain = frame.withPlainUnit(try keys.plaintext(of: frame)).answer(flag)
          return try sealed(plain)
        }
        try await peer.send(answer(late, .success))
        try await peer.send(answer(asked, .error))
        #expect(try await second.value.acknowledgement == .error)
      }
    }
  }
}
