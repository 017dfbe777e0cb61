// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Configuration and registry files: every fault at once, no secret in print, the examples work.

import Foundation
import FrameCryptography
import StructuredInput
import TelemetryCodec
import TelemetryGateway
import Testing

@Suite struct ConfigurationTests {
  private func faults(_ read: () throws -> Void) -> [String] {
    do {
      try read()
      return []
    } catch let faults as InputFaults {
      return faults.faults.map { "\($0.line ?? 0) \($0.key)" }
    } catch {
      return ["\(error)"]
    }
  }

  private static func line(_ fault: String) -> Int {
    Int(fault.prefix { $0 != " " }) ?? 0
  }

  @Test func `an empty table of keys gives the usual settings`() throws {
    let configuration = try GatewayConfiguration("listen: {}", file: "g.yaml", environment: [:])
    #expect(configuration.settings.host == "127.0.0.1")
    #expect(configuration.settings.port == 32_960)
    #expect(configuration.settings.tls == nil)
    #expect(configuration.settings.access.vehicle("LTEST000000000001") != nil)
    #expect(configuration.settings.access.platforms.isEmpty)
    #expect(configuration.status?.port == 8_081)
    #expect(configuration.forwards.isEmpty)
    #expect(configuration.commands == CommandPolicy())
    #expect(!configuration.log.showsIdentities)
  }

  @Test func `every fault is told with its line, also those of the registry`() throws {
    let folder = try TemporaryFolder()
    try Data(
      """
      vehicles:
        - vin: LTEST000000000001
          editions: [2019]
        - vin: LTEST000000000001
      platforms:
        - user: centre
          password_hash: open sesame
          vehicles: ["*X"]
      """.utf8
    ).write(to: folder.url.appending(path: "registry.yaml"))
    let text = """
      registry: registry.yaml
      listen:
        prot: 1
        port: 99999
        tls: {certificate: nowhere.pem, private_key: nowhere.key}
      limits: {connections: many}
      log: {level: loud}
      sealing: {key: "0123456789abcdef0123456789abcdef"}
      forward:
        - name: "a b"
          host: h
          port: 1
          identity: P
          user: a-user-name-that-is-too-long
          password: env:NOT_SET
      """
    let found = faults {
      _ = try GatewayConfiguration(
        text, file: folder.url.appending(path: "g.yaml").path, environment: [:])
    }
    #expect(
      found == [
        "3 listen.prot", "4 listen.port", "5 listen.tls.certificate", "5 listen.tls.private_key",
        "5 listen.tls.client_authority", "6 limits.connections", "7 log.level", "8 sealing.key",
        "10 forward[1].name", "14 forward[1].user", "15 forward[1].password",
        "10 forward[1].vehicles",
      ].sorted { Self.line($0) < Self.line($1) } + [
        "3 vehicles[1].editions[1]", "4 vehicles[2].vin", "7 platforms[1].password_hash",
        "8 platforms[1].vehicles[1]", "8 platforms[1].vehicles",
      ])
  }

  @Test func `no fault and no print holds a secret`() throws {
    let folder = try TemporaryFolder()
    let secret = "a very secret word 42"
    let key = String(repeating: "5e", count: 32)
    try Data(key.utf8).write(to: folder.url.appending(path: "seal.key"))
    let text = """
      sealing: {key: "@seal.key"}
      forward:
        - {name: up, host: h, port: 1, identity: P, user: u, password: "env:WORD", vehicles: ["*"]}
      """
    let file = folder.url.appending(path: "g.yaml").path
    do {
      _ = try GatewayConfiguration(text, file: file, environment: ["WORD": secret])
      Issue.record("a password of 21 characters must be refused")
    } catch {
      #expect(!"\(error)".contains(secret))
    }
    let good = try GatewayConfiguration(text, file: file, environment: ["WORD": "secret word"])
    #expect(good.forwards.first?.password == "secret word")
    #expect(good.seal != nil)
    for print in [good.yaml, "\(good.forwards)", String(describing: good.seal)] {
      #expect(!print.contains("secret word"))
      #expect(!print.contains(key))
    }
    #expect(good.yaml.contains("password: \"env:WORD\""))
  }

  @Test func `what is printed can be read again and says the same`() throws {
    let folder = try TemporaryFolder()
    try Data("unlisted: accept".utf8).write(to: folder.url.appending(path: "registry.yaml"))
    for name in ["ca.pem", "s.pem", "s.key"] {
      try Data("x".utf8).write(to: folder.url.appending(path: name))
    }
    let text = """
      registry: registry.yaml
      second_login: refuse
      listen:
        host: 0.0.0.0
        plain: false
        tls: {port: 1, certificate: s.pem, private_key: s.key, client_authority: ca.pem}
      limits: {connections: 5, accept_wait_s: 3, frames_per_second: 12.5, pending_mib: 2}
      timeouts: {idle_s: 90, drain_s: 1.5}
      status: {enabled: false}
      log: {level: debug, format: json, identities: true}
      quarantine: {files: 2, file_mib: 1}
      commands: {settings: true, controls: [3, 6], approve_controls: [3], answer_s: 5}
      forward:
        - {name: up, host: h, port: 1, identity: P, user: u, password: "env:WORD",
           vehicles: ["A*", "B"], window: 7, tls: {authority: ca.pem, server_name: n}}
      """
    let file = folder.url.appending(path: "g.yaml").path
    let environment = ["WORD": "word"]
    let first = try GatewayConfiguration(text, file: file, environment: environment)
    let second = try GatewayConfiguration(
      first.yaml, file: "/elsewhere/g.yaml", environment: environment)
    #expect(second.yaml == first.yaml)
    #expect(second.forwards == first.forwards)
    #expect(second.commands == first.commands)
    #expect(second.settings.tls == first.settings.tls)
    #expect(second.settings.admission == first.settings.admission)
    #expect(second.settings.port == nil)
    #expect(first.settings.idleTimeout == .seconds(90))
    #expect(first.settings.drainTimeout == .milliseconds(1_500))
    #expect(first.commands.controls == [3, 6])
    #expect(first.settings.pendingBytes == 2 << 20)
    #expect(first.status == nil)
  }

  @Test func `a tls block leaves plain TCP off unless it is asked for`() throws {
    let folder = try TemporaryFolder()
    for name in ["s.pem", "s.key"] {
      try Data("x".utf8).write(to: folder.url.appending(path: name))
    }
    let file = folder.url.appending(path: "g.yaml").path
    let tls = "tls: {port: 1, certificate: s.pem, private_key: s.key, client_certificates: off}"
    for (keys, port) in [("", nil), ("plain: true, ", 32_960), ("plain: true, port: 7, ", 7)]
      as [(String, Int?)]
    {
      let read = try GatewayConfiguration(
        "listen: {\(keys)\(tls)}", file: file, environment: [:])
      #expect(read.settings.port == port)
      #expect(read.settings.tls?.port == 1)
      let again = try GatewayConfiguration(read.yaml, file: file, environment: [:])
      #expect(again.settings.port == port)
    }
  }

  @Test func `a binary key keeps all its bytes, a text loses its line end`() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "g.yaml").path
    let text = "sealing: {key: \"@seal.key\"}"
    func seal(_ key: [UInt8]) throws -> FrameSeal? {
      try Data(key).write(to: folder.url.appending(path: "seal.key"))
      return try GatewayConfiguration(text, file: file, environment: [:]).seal
    }
    let binary = [UInt8](repeating: 7, count: 30) + [0x0D, 0x0A]
    let same = try FrameSeal(masterKey: binary)
    #expect(try seal(binary)?.pseudonym(of: "A") == same.pseudonym(of: "A"))
    let digits = Array(String(repeating: "5e", count: 32).utf8)
    let other = try FrameSeal(masterKey: [UInt8](repeating: 0x5E, count: 32))
    #expect(try seal(digits + [0x0D, 0x0A])?.pseudonym(of: "A") == other.pseudonym(of: "A"))
  }

  @Test func `with sealing no longer data unit is let in than can be sealed`() throws {
    let folder = try TemporaryFolder()
    let key = [UInt8](repeating: 7, count: 32)
    try Data(key).write(to: folder.url.appending(path: "seal.key"))
    let file = folder.url.appending(path: "g.yaml").path
    func text(_ length: Int) -> String {
      "limits: {unit_bytes: \(length)}\nsealing: {key: \"@seal.key\"}"
    }
    let limit = SealingSink.longestUnit
    let good = try GatewayConfiguration(text(limit), file: file, environment: [:])
    #expect(good.settings.maximumUnitLength == limit)
    let found = faults {
      _ = try GatewayConfiguration(text(limit + 1), file: file, environment: [:])
    }
    #expect(found == ["1 limits.unit_bytes"])
    // The limit is that of the seal.
    let seal = try FrameSeal(masterKey: key)
    var frame = try report(at: start)
    frame.unit += [UInt8](repeating: 0, count: limit - frame.unit.count)
    #expect(seal.seal(frame) != nil)
    frame.unit.append(0)
    #expect(seal.seal(frame) == nil)
  }

  private static let examples = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Examples/gateway")

  @Test func `the examples are good once their files are there`() throws {
    let folder = try TemporaryFolder()
    for name in ["local.yaml", "secure.yaml", "registry.yaml"] {
      try FileManager.default.copyItem(
        at: Self.examples.appending(path: name), to: folder.url.appending(path: name))
    }
    for name in ["server.pem", "server.key", "vehicles-ca.pem", "platform-ca.pem"] {
      try Data("x".utf8).write(to: folder.url.appending(path: name))
    }
    try Data(repeating: 7, count: 32).write(to: folder.url.appending(path: "seal.key"))
    for name in ["local.yaml", "secure.yaml"] {
      let file = folder.url.appending(path: name)
      let configuration = try GatewayConfiguration(
        String(contentsOf: file, encoding: .utf8), file: file.path,
        environment: ["UPSTREAM_PASSWORD": "word"])
      if name == "secure.yaml" {
        let access = configuration.settings.access
        #expect(access.vehicles.count == 2)
        #expect(access.vehicle("LTEST000000000003") == nil)
        #expect(access.vehicles["LTEST000000000002"]?.editions == [.edition2025])
        #expect(
          access.platforms["fleetcentre"]?.password.matches(Array("open sesame".utf8)) == true)
        #expect(try configuration.registry().vehicles.count == 2)
      }
    }
  }

  /// Bytes of a text cut, doubled, swapped or replaced at random places.
  private func mutated(_ text: String, _ random: inout SystemLikeGenerator) -> String {
    var bytes = Array(text.utf8)
    for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      let end = min(bytes.count, place + Int.random(in: 1...20, using: &random))
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes.removeSubrange(place..<end)
      case 1: bytes.insert(contentsOf: bytes[place..<end], at: place)
      case 2: bytes[place] = UInt8.random(in: 0...255, using: &random)
      default:
        bytes[place] = Array("[]{}:-\"'&*!|>%@#,\n\t 0".utf8).randomElement(using: &random) ?? 0
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func `damaged registry and configuration files give faults or what still holds, no trap`()
    throws
  {
    var random = SystemLikeGenerator(state: 20)
    let texts = try ["registry.yaml", "secure.yaml"].map {
      try String(contentsOf: Self.examples.appending(path: $0), encoding: .utf8)
    }
    var (good, bad) = (0, 0)
    for _ in 0..<400 {
      do throws(InputFaults) {
        let access = try RegistryFile.read(
          mutated(texts[0], &random), file: "registry.yaml", environment: [:])
        good += 1
        #expect(
          access.vehicles.keys.allSatisfy {
            (1...17).contains($0.utf8.count)
          })
      } catch {
        bad += 1
        #expect(!error.faults.isEmpty)
      }
      do throws(InputFaults) {
        _ = try GatewayConfiguration(
          mutated(texts[1], &random), file: "g.yaml", environment: [:])
      } catch { #expect(!error.faults.isEmpty) }
    }
    #expect(good > 10)
    #expect(bad > 100)
  }

  @Test func `users of remote commands need a hash, and a status port of this machine`() throws {
    let hash = CommandUser.hash(of: "token")
    let users = "commands: {users: [{name: chen, token_sha256: \(hash)}]}"
    let good = try GatewayConfiguration(users, file: "g.yaml", environment: [:])
    #expect(good.commandUsers == [CommandUser(name: "chen", tokenHash: hash)])
    let again = try GatewayConfiguration(good.yaml, file: "g.yaml", environment: [:])
    #expect(again.commandUsers == good.commandUsers)
    for (text, fault) in [
      (users + "\nstatus: {host: 0.0.0.0}", "users"),
      (users + "\nstatus: {enabled: false}", "users"),
      (
        "commands: {users: [{name: chen, token_sha256: secret}]}",
        "token_sha256"
      ),
    ] {
      let found = faults { _ = try GatewayConfiguration(text, file: "g.yaml", environment: [:]) }
      #expect(found.count == 1)
      #expect(found.first?.hasSuffix(fault) == true, "\(found)")
    }
  }
}
