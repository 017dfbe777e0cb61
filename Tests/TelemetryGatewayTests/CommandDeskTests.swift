// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Remote commands as people ask for them: proved, approved by a second person, sent once.

import Foundation
import Synchronization
import TelemetryCodec
import TelemetryGateway
import Testing

@Suite(.timeLimit(.minutes(2))) struct CommandDeskTests {
  private let users = ["chen", "li"].map {
    CommandUser(name: $0, tokenHash: CommandUser.hash(of: "token of \($0)"))
  }

  private func desk(
    _ gateway: GatewayServer, _ file: URL, policy: CommandPolicy = CommandPolicy(),
    now: @escaping @Sendable () -> Double = { 0 }
  ) -> CommandDesk {
    CommandDesk(
      commands: RemoteCommands(
        gateway: gateway, policy: policy, audit: FileAuditLog(file: file), timeout: 20,
        now: { Double(start) }), users: users, now: now)
  }

  private func body(_ command: String, vehicle: String = vin, reason: String = "drill") -> Data {
    Data("{\"vehicle\":\"\(vehicle)\",\"reason\":\"\(reason)\",\(command)}".utf8)
  }

  private func text(_ reply: CommandDesk.Reply) -> String {
    String(decoding: reply.body, as: UTF8.self)
  }

  @Test func `a query is answered with names and numbers, and stands in the audit log`()
    async throws
  {
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "audit.jsonl")
    try await withGateway(store: BrittleSink()) { gateway in
      let desk = desk(gateway, file)
      try await withVehicle(gateway, answers: { try told($0) }) {
        let reply = await desk.submit(body("\"query\":[9,6]"), token: "token of chen")
        #expect(reply.status == 200)
        #expect(
          text(reply) == """
            {"parameters":{"heartbeat_period_s":"60","remote_port":"32960"},"result":"answered"}

            """)
        let warning = await desk.submit(
          body("\"control\":6,\"level\":2,\"text\":\"停车\""), token: "token of chen")
        #expect(warning.status == 200)
        #expect(text(warning).contains("\"accepted\":true"))
      }
    }
    let records = try FileAuditLog.verify(file).records
    #expect(records.map(\.by) == ["chen", "chen", "chen", "chen"])
    #expect(records.map(\.action) == ["query 9,6", "query 9,6", "control 6", "control 6"])
  }

  @Test func `without a known token nothing is done, and guesses are slowed down`() async throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "audit.jsonl")
    let clock = Mutex(0.0)
    try await withGateway(store: BrittleSink()) { gateway in
      let desk = desk(gateway, file, now: { clock.withLock { $0 } })
      for token in [nil, "", "chen", CommandUser.hash(of: "token of chen"), "token of chen "] {
        #expect(await desk.submit(body("\"query\":[1]"), token: token).status == 401)
        #expect(await desk.approve(1, token: token).status == 401)
      }
      for _ in 0..<10 { _ = await desk.submit(Data(), token: "guess") }
      #expect(await desk.submit(Data(), token: "guess").status == 429)
      // Who has a token is not held up by the guesses.
      #expect(await desk.submit(body("\"query\":[1]"), token: "token of li").status == 404)
      clock.withLock { $0 = 10 }
      #expect(await desk.submit(Data(), token: "guess").status == 401)
    }
    #expect(try FileAuditLog.verify(file).records.map(\.step) == [.requested, .failed])
  }

  @Test func `what needs two people is sent once, after the second has approved it`() async throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "audit.jsonl")
    let clock = Mutex(0.0)
    var policy = CommandPolicy()
    policy.allowsSettings = true
    policy.controls = [3]
    let sent = LockedCount()
    try await withGateway(store: BrittleSink()) { [policy] gateway in
      let desk = desk(gateway, file, policy: policy, now: { clock.withLock { $0 } })
      try await withVehicle(
        gateway,
        answers: {
          sent.add()
          return $0.answer(.success)
        }
      ) {
        // Not allowed at all: no second person changes that.
        #expect(await desk.submit(body("\"control\":1"), token: "token of chen").status == 403)
        let asked = await desk.submit(body("\"control\":3"), token: "token of chen")
        #expect(asked.status == 202)
        #expect(text(asked).contains("\"proposal\":2"))
        #expect(await desk.approve(2, token: "token of chen").status == 403)
        #expect(sent.count == 0)
        #expect(await desk.approve(2, token: "token of li").status == 200)
        #expect(await desk.approve(2, token: "token of li").status == 404)
        #expect(sent.count == 1)
        let setting = await desk.submit(
          body("\"set\":[{\"id\":9,\"value\":30}]"), token: "token of li")
        #expect(setting.status == 202)
        // Fifteen minutes later nobody remembers why.
        clock.withLock { $0 = 901 }
        #expect(await desk.approve(4, token: "token of chen").status == 404)
        #expect(sent.count == 1)
      }
    }
    let records = try FileAuditLog.verify(file).records
    #expect(records.map(\.step) == [.forbidden, .proposed, .requested, .answered, .proposed])
    #expect(records[2].approvedBy == "li")
    #expect(records[2].reason == "drill (proposal 2)")
  }

  @Test(arguments: [
    ("{}", "vehicle"), ("[1]", "command"), ("nonsense", "JSON"),
    (#"{"vehicle":"V","reason":"r"}"#, "exactly one"),
    (#"{"vehicle":"V","reason":" ","query":[1]}"#, "reason"),
    (#"{"vehicle":"a b","reason":"r","query":[1]}"#, "vehicle"),
    (#"{"vehicle":"V","reason":"r","query":[]}"#, "query"),
    (#"{"vehicle":"V","reason":"r","query":[256]}"#, "query"),
    (#"{"vehicle":"V","reason":"r","query":[1],"control":6}"#, "exactly one"),
    (#"{"vehicle":"V","reason":"r","control":6}"#, "level"),
    (#"{"vehicle":"V","reason":"r","control":7,"text":"x"}"#, "control 6"),
    (#"{"vehicle":"V","reason":"r","control":7,"hex":"0"}"#, "hex"),
    (#"{"vehicle":"V","reason":"r","set":[{"id":9,"value":true}]}"#, "value"),
  ])
  func `a faulty request is told what is wrong with it`(text: String, names: String) {
    let fault = #expect(throws: CommandFault.self) { try CommandRequest(json: Data(text.utf8)) }
    #expect(fault?.problem.contains(names) == true, "\(fault?.problem ?? "")")
  }

  @Test(arguments: [
    (#"{"id":9,"value":0}"#, "heartbeat_period_s"), (#"{"id":9,"value":"x"}"#, "number"),
    (#"{"id":7,"value":"too long"}"#, "5 bytes"), (#"{"id":153,"value":1}"#, "153"),
    (#"{"id":5,"value":4}"#, "text"), (#"{"id":6,"value":70000}"#, "remote_port"),
  ])
  func `a value that the edition does not allow is not sent`(setting: String, names: String)
    async throws
  {
    let folder = try TemporaryFolder()
    var policy = CommandPolicy()
    policy.allowsSettings = true
    policy.settingsNeedApproval = false
    try await withGateway(store: BrittleSink()) { [policy] gateway in
      let desk = desk(gateway, folder.url.appending(path: "audit.jsonl"), policy: policy)
      try await withVehicle(gateway, answers: { $0.answer(.success) }) {
        let reply = await desk.submit(body("\"set\":[\(setting)]"), token: "token of chen")
        #expect(reply.status == 400)
        #expect(text(reply).contains(names), "\(text(reply))")
      }
    }
  }
}
