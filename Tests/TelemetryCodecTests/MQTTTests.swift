// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// MQTT packets: known bytes, round trips of both versions, any chunking, hostile bytes.

import TelemetryCodec
import TestSupport
import Testing

@Suite("MQTT")
struct MQTTTests {
  static let properties = [
    MQTTProperty(0x01, .byte(1)), MQTTProperty(0x02, .long(3_600)),
    MQTTProperty(0x03, .text("application/json")), MQTTProperty(0x09, .bytes([1, 2])),
    MQTTProperty(0x0B, .variable(300)), MQTTProperty(0x21, .word(20)),
    MQTTProperty(0x26, .pair("cell", "42")),
  ]

  static func packets(_ version: MQTTVersion) -> [MQTTPacket] {
    let listed = version == .v5 ? properties : []
    let will = MQTTMessage(
      topic: "pack/7/gone", payload: [0], quality: 1, isRetained: true, properties: listed)
    return [
      .connect(
        MQTTConnect(
          client: "anodyne", isClean: false, keepAlive: 30, will: will, user: "u",
          password: [1, 2], properties: listed), version),
      .connect(MQTTConnect(client: ""), version),
      .connected(sessionPresent: true, reason: 0, properties: listed),
      .publish(
        MQTTMessage(topic: "pack/7", payload: Array("{\"v\":3.7}".utf8), properties: listed),
        number: 0, isDuplicate: false),
      .publish(
        MQTTMessage(topic: "温度", payload: [], quality: 2, isRetained: true), number: 9,
        isDuplicate: true),
      .delivery(.acknowledged, number: 1, reason: 0, properties: []),
      .delivery(.released, number: 2, reason: version == .v5 ? 0x92 : 0, properties: listed),
      .subscribe(
        number: 3, filters: [MQTTFilter("pack/+/cells", options: 1), MQTTFilter("#", options: 0)],
        properties: listed),
      .subscribed(number: 3, reasons: [1, 0x80], properties: listed),
      .unsubscribe(number: 4, filters: ["#"], properties: listed),
      .unsubscribed(number: 4, reasons: version == .v5 ? [0, 0x11] : [], properties: listed),
      .ping, .pong, .disconnect(reason: version == .v5 ? 4 : 0, properties: listed),
    ] + (version == .v5 ? [.authenticate(reason: 0x18, properties: listed)] : [])
  }

  @Test("every packet comes back, whatever the pieces", arguments: MQTTVersion.allCases)
  func roundTrip(version: MQTTVersion) throws {
    let packets = Self.packets(version)
    let whole = try packets.flatMap { try $0.encoded(for: version) }
    for size in [1, 2, 3, 7, 64, whole.count] {
      var decoder = MQTTDecoder(version: version)
      var found: [MQTTPacket] = []
      for start in stride(from: 0, to: whole.count, by: size) {
        decoder.append(whole[start..<min(start + size, whole.count)])
        while let packet = try decoder.next() { found.append(packet) }
      }
      #expect(found == packets)
    }
  }

  @Test("packets have the bytes of the standard")
  func bytes() throws {
    // A connect packet as in MQTT 3.1.1, section 3.1, with client "a".
    #expect(
      try MQTTPacket.connect(MQTTConnect(client: "a", keepAlive: 10), .v311).encoded(for: .v311)
        == [0x10, 13, 0, 4, 0x4D, 0x51, 0x54, 0x54, 4, 2, 0, 10, 0, 1, 0x61])
    #expect(try MQTTPacket.ping.encoded(for: .v5) == [0xC0, 0])
    #expect(
      try MQTTPacket.subscribe(number: 10, filters: [MQTTFilter("a/b", options: 1)], properties: [])
        .encoded(for: .v311) == [0x82, 8, 0, 10, 0, 3, 0x61, 0x2F, 0x62, 1])
    let long = MQTTPacket.publish(
      MQTTMessage(topic: "t", payload: Array(repeating: 0, count: 318)), number: 0,
      isDuplicate: false)
    // Length 321 is coded as C1 02 (section 2.2.3).
    #expect(try long.encoded(for: .v311).prefix(3) == [0x30, 0xC1, 0x02])
  }

  @Test("what the standard forbids is refused")
  func refused() {
    func error(_ bytes: [UInt8], _ version: MQTTVersion = .v5, limit: Int = 1_000) -> MQTTError? {
      var decoder = MQTTDecoder(version: version, limit: limit)
      decoder.append(bytes)
      do throws(MQTTError) {
        while try decoder.next() != nil {}
        return nil
      } catch { return error }
    }
    #expect(error([0x30, 0xFF, 0xFF, 0xFF, 0xFF]) == .badLength)
    #expect(error([0x30, 0xE8, 0x08]) == .tooLong(1_128, limit: 1_000))
    #expect(error([0xC1, 0]) == .badType(0xC1))
    #expect(error([0xC0, 1, 0]) == .trailingBytes(1))
    #expect(error([0x36, 3, 0, 1, 0x61]) == .badValue)
    #expect(error([0x30, 3, 0, 1, 0xFF], .v311) == .badText)
    #expect(error([0x30, 3, 0, 1, 0], .v311) == .badText)
    #expect(error([0x30, 5, 0, 1, 0x61, 1, 0x7F]) == .badProperty(0x7F))
    #expect(error([0x82, 2, 0, 1], .v311) == .badValue)
    #expect(error([0xF0, 0], .v311) == .badType(0xF0))
    #expect(throws: MQTTError.notInVersion) {
      try MQTTPacket.disconnect(reason: 4, properties: []).encoded(for: .v311)
    }
  }

  @Test("mutated packets give an error, or a packet that is written and read again")
  func mutated() throws {
    var random = Seeded(46)
    for version in MQTTVersion.allCases {
      for packet in Self.packets(version) {
        let good = try packet.encoded(for: version)
        for _ in 0..<60 {
          var bad = good
          bad[Int.random(in: 0..<bad.count, using: &random)] = UInt8.random(
            in: 0...255, using: &random)
          var decoder = MQTTDecoder(version: version)
          decoder.append(bad)
          guard let read = try? decoder.next() else { continue }
          var again = MQTTDecoder(version: decoder.version)
          again.append(try read.encoded(for: decoder.version))
          #expect(try again.next() == read)
        }
      }
    }
  }
}
