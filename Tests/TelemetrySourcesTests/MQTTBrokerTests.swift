// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The subscriber against mosquitto: delivery, TLS, logins, a broker that dies.

import Foundation
import TelemetryCodec
import TelemetrySources
import TestSupport
import Testing

@Suite(
  "MQTT against mosquitto", .serialized,
  .enabled(if: Broker.isThere, "mosquitto and mosquitto_pub are not installed"))
struct MQTTBrokerTests {
  private struct Enough: Error {}

  /// What a subscriber hears until `count` messages are there.
  private func hear(
    _ count: Int, _ settings: MQTTSettings, whenListening: @escaping @Sendable (Int) throws -> Void
  ) async throws -> [MQTTMessage] {
    let heard = Heard()
    let listening = AsyncStream.makeStream(of: Void.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        do {
          try await MQTTSubscriber(settings: settings).run { event in
            if case .listening = event { listening.continuation.yield() }
          } receiver: { message in
            if await heard.add(message) == count { throw Enough() }
          }
        } catch is Enough {}
        listening.continuation.finish()
      }
      group.addTask {
        var times = 0
        for await _ in listening.stream {
          times += 1
          try whenListening(times)
        }
      }
      // A publisher that fails ends the listening instead of leaving it to wait.
      try await group.waitForAll()
    }
    return await heard.messages
  }

  private actor Heard {
    var messages: [MQTTMessage] = []
    func add(_ message: MQTTMessage) -> Int {
      messages.append(message)
      return messages.count
    }
  }

  private func folder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "anodyne-broker-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  @Test("messages of every quality come in both versions", arguments: MQTTVersion.allCases)
  func qualities(version: MQTTVersion) async throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let broker = try Broker(folder: folder)
    try broker.start()
    var settings = MQTTSettings(
      host: "127.0.0.1", port: broker.port, client: "listener", filters: ["plant/+/state"])
    settings.timeout = .seconds(120)
    settings.version = version
    settings.quality = 2
    let port = SendableBroker(broker)
    let messages = try await hear(4, settings) { _ in
      try port.broker.publish("plant/other", "not asked for")
      for quality in 0...2 {
        try port.broker.publish("plant/a/state", "{\"q\":\(quality)}", quality: quality)
      }
      try port.broker.publish("plant/b/state", String(repeating: "x", count: 100_000))
    }
    #expect(
      messages.prefix(3).map { String(decoding: $0.payload, as: UTF8.self) }
        == ["{\"q\":0}", "{\"q\":1}", "{\"q\":2}"])
    #expect(messages.prefix(3).map(\.quality) == [0, 1, 2])
    #expect(messages[3].payload.count == 100_000)
  }

  @Test("what is published while the broker or the listener is away comes later")
  func away() async throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let broker = SendableBroker(try Broker(folder: folder))
    try broker.broker.start()
    var settings = MQTTSettings(
      host: "127.0.0.1", port: broker.broker.port, client: "keeper", filters: ["t"])
    settings.timeout = .seconds(120)
    settings.firstPause = .milliseconds(50)
    let messages = try await hear(3, settings) { time in
      if time == 1 {
        try broker.broker.publish("t", "first")
        broker.broker.stop()
        try broker.broker.start()
        try broker.broker.publish("t", "second")
      } else {
        try broker.broker.publish("t", "third")
      }
    }
    #expect(
      messages.map { String(decoding: $0.payload, as: UTF8.self) }
        .filter { $0 != "first" } == ["second", "third"])
    // The listener is away now; its session is kept.
    try broker.broker.publish("t", "fourth")
    let later = try await hear(2, settings) { _ in try broker.broker.publish("t", "fifth") }
    #expect(later.suffix(2).map { String(decoding: $0.payload, as: UTF8.self) }.contains("fourth"))
  }

  @Test("TLS with certificates on both sides; strangers are refused in words")
  func tls() async throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    try Self.certificates(in: folder)
    let broker = SendableBroker(
      try Broker(
        folder: folder,
        settings: """
          allow_anonymous true
          cafile %/ca.pem
          certfile %/server.pem
          keyfile %/server.key
          require_certificate true
          """))
    try broker.broker.start()
    func path(_ name: String) -> String { folder.appending(path: name).path }
    var settings = MQTTSettings(
      host: "localhost", port: broker.broker.port,
      security: .init(
        authorities: path("ca.pem"), certificate: path("client.pem"), key: path("client.key")),
      client: "secure", filters: ["t"])
    let own = [
      "--cafile", path("ca.pem"), "--cert", path("client.pem"), "--key", path("client.key"),
    ]
    let messages = try await hear(1, settings) { _ in
      try broker.broker.publish("t", "sealed", quality: 1, own)
    }
    #expect(messages.map(\.payload) == [Array("sealed".utf8)])

    // A broker whose authority is not trusted is not spoken to, and the file is named if wrong.
    settings.security = .init(authorities: path("client.key"))
    await #expect {
      try await MQTTSubscriber(settings: settings).run { _ in }
    } throws: { "\($0)".contains("client.key cannot be used for TLS") }
    settings.security = .init(authorities: path("other.pem"))
    let lost = Lost()
    let listening = Task { [settings] in
      try await MQTTSubscriber(settings: settings).run { event in
        if case .lost(let error, _) = event { lost.note("\(error)") }
      } receiver: { _ in
      }
    }
    while lost.texts.isEmpty { await Task.yield() }
    listening.cancel()
    _ = await listening.result
    #expect(lost.texts[0].contains("CERTIFICATE_VERIFY_FAILED"), "\(lost.texts)")
  }

  @Test("a wrong password ends the listening with its reason and without the password")
  func password() async throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let passwords = folder.appending(path: "passwords")
    try Data().write(to: passwords)
    let made = try Program.run(
      URL(fileURLWithPath: Broker.find("mosquitto_passwd") ?? ""),
      ["-b", passwords.path, "fleet", "right-secret"])
    #expect(made.status == 0)
    let broker = SendableBroker(
      try Broker(folder: folder, settings: "allow_anonymous false\npassword_file %/passwords\n"))
    try broker.broker.start()
    var settings = MQTTSettings(
      host: "127.0.0.1", port: broker.broker.port, client: "c", filters: ["t"])
    settings.timeout = .seconds(120)
    settings.user = "fleet"
    settings.password = Array("right-secret".utf8)
    let messages = try await hear(1, settings) { _ in
      try broker.broker.publish("t", "hello", quality: 1, ["-u", "fleet", "-P", "right-secret"])
    }
    #expect(messages.count == 1)
    settings.password = Array("wrong-secret".utf8)
    await #expect {
      try await MQTTSubscriber(settings: settings).run { _ in }
    } throws: { error in
      let text = "\(error)"
      return text.contains("the login was refused") && text.contains("this user may not log in")
        && !text.contains("secret")
    }
  }

  /// An authority, a server's and a client's certificate, and an authority nobody signed with.
  private static func certificates(in folder: URL) throws {
    let script = """
      set -e; cd "$1"
      for name in ca other; do
        openssl req -x509 -newkey rsa:2048 -nodes -keyout $name.key -out $name.pem -days 2 -subj /CN=$name
      done
      for name in server client; do
        openssl req -newkey rsa:2048 -nodes -keyout $name.key -out $name.csr -subj /CN=$name
        printf 'subjectAltName=DNS:localhost,IP:127.0.0.1' >$name.ext
        openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile $name.ext -out $name.pem
      done
      """
    let outcome = try Program.run(
      URL(fileURLWithPath: "/bin/bash"), ["-c", script, "bash", folder.path])
    if outcome.status != 0 { throw BrokerError(text: outcome.errors) }
  }
}

/// The broker as the tasks of a test share it: they take turns.
private struct SendableBroker: @unchecked Sendable {
  let broker: Broker
  init(_ broker: Broker) { self.broker = broker }
}

/// What was lost, told from another task.
private final class Lost: @unchecked Sendable {
  private let lock = NSLock()
  private var list: [String] = []
  var texts: [String] { lock.withLock { list } }
  func note(_ text: String) { lock.withLock { list.append(text) } }
}
