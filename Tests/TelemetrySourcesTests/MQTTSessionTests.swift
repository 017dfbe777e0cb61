// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The subscriber's machine packet by packet.

import TelemetryCodec
import TelemetrySources
import Testing

@Suite("MQTT subscriber, packet by packet")
struct MQTTSessionTests {
  private func session(_ version: MQTTVersion = .v5) -> MQTTSession {
    var settings = MQTTSettings(host: "broker", port: 1883, client: "c", filters: ["a/#", "b"])
    settings.version = version
    settings.quality = 2
    return MQTTSession(settings: settings)
  }

  private func accept(_ session: inout MQTTSession, present: Bool = false) throws {
    _ = session.start()
    let asked = try session.receive(.connected(sessionPresent: present, reason: 0, properties: []))
    let filters = [MQTTFilter("a/#", options: 2), MQTTFilter("b", options: 2)]
    #expect(asked == [.send(.subscribe(number: 1, filters: filters, properties: []))])
    #expect(
      try session.receive(.subscribed(number: 1, reasons: [2, 2], properties: [])) == [.ready])
  }

  @Test("the first packet can be written in both versions", arguments: MQTTVersion.allCases)
  func start(version: MQTTVersion) throws {
    var session = session(version)
    let bytes = try session.start().encoded(for: version)
    var decoder = MQTTDecoder(version: version)
    decoder.append(bytes)
    guard case .connect(let connect, version)? = try decoder.next() else {
      Issue.record("no login")
      return
    }
    #expect(!connect.isClean && connect.client == "c")
    #expect(connect.properties.isEmpty == (version == .v311))
  }

  @Test("quality 1 is acknowledged after delivery, never before")
  func qualityOne() throws {
    var session = session()
    try accept(&session)
    let message = MQTTMessage(topic: "b", payload: [1], quality: 1)
    let actions = try session.receive(.publish(message, number: 7, isDuplicate: false))
    #expect(actions == [.deliver(message, .init(quality: 1, number: 7))])
    #expect(
      session.acknowledged(.init(quality: 1, number: 7))
        == .delivery(.acknowledged, number: 7, reason: 0, properties: []))
  }

  @Test("quality 2 delivers once, over a lost connection too")
  func qualityTwo() throws {
    var session = session()
    try accept(&session)
    let message = MQTTMessage(topic: "b", payload: [1], quality: 2)
    let received = MQTTPacket.delivery(.received, number: 9, reason: 0, properties: [])
    #expect(
      try session.receive(.publish(message, number: 9, isDuplicate: false))
        == [.deliver(message, .init(quality: 2, number: 9))])
    #expect(session.acknowledged(.init(quality: 2, number: 9)) == received)
    // The broker did not hear it, the connection broke, it sends again.
    try accept(&session, present: true)
    #expect(
      try session.receive(.publish(message, number: 9, isDuplicate: true)) == [.send(received)])
    #expect(
      try session.receive(.delivery(.released, number: 9, reason: 0, properties: []))
        == [.send(.delivery(.completed, number: 9, reason: 0, properties: []))])
    // The number is free again: the next message of this number is another one.
    #expect(
      try session.receive(.publish(message, number: 9, isDuplicate: false))
        == [.deliver(message, .init(quality: 2, number: 9))])
    // A broker that has forgotten the session starts its numbers anew.
    _ = session.acknowledged(.init(quality: 2, number: 9))
    try accept(&session, present: false)
    #expect(session.taken.isEmpty)
  }

  @Test("refusals name their reason")
  func refusals() throws {
    for (version, code, words) in [
      (MQTTVersion.v311, UInt8(4), "user name or password is wrong"),
      (.v5, 0x86, "user name or password is wrong"), (.v5, 0x84, "--mqtt-version"),
    ] {
      var session = session(version)
      _ = session.start()
      #expect {
        _ = try session.receive(.connected(sessionPresent: false, reason: code, properties: []))
      } throws: { "\($0)".contains(words) }
    }
    var session = session()
    _ = session.start()
    _ = try session.receive(.connected(sessionPresent: false, reason: 0, properties: []))
    #expect {
      _ = try session.receive(.subscribed(number: 1, reasons: [1, 0x87], properties: []))
    } throws: { "\($0)".contains("the topic b was refused") }
  }

  @Test("what breaks the protocol ends the connection")
  func violations() throws {
    var early = session()
    _ = early.start()
    #expect(throws: SourceError.self) {
      _ = try early.receive(
        .publish(MQTTMessage(topic: "b", payload: []), number: 0, isDuplicate: false))
    }
    var twice = session()
    try accept(&twice)
    #expect(throws: SourceError.self) {
      _ = try twice.receive(.connected(sessionPresent: false, reason: 0, properties: []))
    }
    var client = session()
    try accept(&client)
    #expect(throws: SourceError.self) { _ = try client.receive(.ping) }
  }
}
