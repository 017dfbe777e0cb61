// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The subscriber's side of MQTT as a machine without input and output.

package import TelemetryCodec

/// The subscriber's side of MQTT as a machine: packets in, what to do out.
///
/// A message of quality 1 or 2 is acknowledged only by ``acknowledged(_:)``, when its receiver
/// has made it durable. With quality 2 the numbers received and not yet released outlive the
/// connection, so that a message sent again is not delivered again (MQTT 5, section 4.3.3).
package struct MQTTSession {
  /// What to do.
  package enum Action: Hashable {
    /// Send a packet.
    case send(MQTTPacket)
    /// Hand a message on, then call ``MQTTSession/acknowledged(_:)`` with its token.
    case deliver(MQTTMessage, Token)
    /// The broker has accepted the topics.
    case ready
  }

  /// What is to be acknowledged.
  package struct Token: Hashable {
    package var quality: UInt8
    package var number: UInt16

    package init(quality: UInt8, number: UInt16) {
      self.quality = quality
      self.number = number
    }
  }

  private enum State {
    case connecting
    case subscribing
    case listening
  }

  private let settings: MQTTSettings
  private var state = State.connecting
  /// Numbers of quality 2 that were taken and not yet released.
  package private(set) var taken: Set<UInt16> = []
  private static let subscription: UInt16 = 1

  package init(settings: MQTTSettings) { self.settings = settings }

  /// The first packet of a connection.
  package mutating func start() -> MQTTPacket {
    state = .connecting
    var connect = MQTTConnect(
      client: settings.client, isClean: settings.isClean, keepAlive: settings.keepAlive,
      user: settings.user, password: settings.password)
    if settings.version == .v5 {
      connect.properties = [
        MQTTProperty(0x21, .word(settings.inFlight)),
        MQTTProperty(0x27, .long(UInt32(clamping: settings.longestPacket))),
      ]
      // Keep the session for a day; without this MQTT 5 ends it with the connection.
      if !settings.isClean { connect.properties.append(MQTTProperty(0x11, .long(86_400))) }
    }
    return .connect(connect, settings.version)
  }

  /// Takes a packet.
  ///
  /// - Throws: ``SourceError`` when the broker refuses or breaks the protocol.
  package mutating func receive(_ packet: MQTTPacket) throws(SourceError) -> [Action] {
    switch packet {
    case .connected(let sessionPresent, let reason, _):
      guard state == .connecting else { throw .protocolViolation("a second answer to the login") }
      guard reason == 0 else {
        throw .refused(
          what: "the login", code: reason,
          reason: Self.meaning(ofLogin: reason, settings.version))
      }
      if !sessionPresent { taken = [] }
      state = .subscribing
      let filters = settings.filters.map { MQTTFilter($0, options: settings.quality) }
      return [.send(.subscribe(number: Self.subscription, filters: filters, properties: []))]
    case .subscribed(Self.subscription, let reasons, _):
      for (filter, reason) in zip(settings.filters, reasons) where reason >= 0x80 {
        throw .refused(
          what: "the topic \(filter)", code: reason, reason: "the broker does not allow it")
      }
      state = .listening
      return [.ready]
    case .publish(let message, let number, _):
      guard state != .connecting else { throw .protocolViolation("a message before the login") }
      let token = Token(quality: message.quality, number: number)
      if message.quality == 2 {
        if taken.contains(number) {
          return [.send(.delivery(.received, number: number, reason: 0, properties: []))]
        }
      }
      return [.deliver(message, token)]
    case .delivery(.released, let number, _, _):
      taken.remove(number)
      return [.send(.delivery(.completed, number: number, reason: 0, properties: []))]
    case .pong: return []
    case .disconnect(let reason, _):
      throw .connectionLost("the broker ended it with reason \(reason)")
    default: throw .protocolViolation("a packet that only a client sends, or none asked for")
    }
  }

  /// The packet that acknowledges a message; nil for quality 0.
  package mutating func acknowledged(_ token: Token) -> MQTTPacket? {
    switch token.quality {
    case 1: return .delivery(.acknowledged, number: token.number, reason: 0, properties: [])
    case 2:
      taken.insert(token.number)
      return .delivery(.received, number: token.number, reason: 0, properties: [])
    default: return nil
    }
  }

  /// MQTT 3.1.1 table 3.1; MQTT 5 table 3-1.
  private static func meaning(ofLogin code: UInt8, _ version: MQTTVersion) -> String {
    switch (version, code) {
    case (.v311, 1), (.v5, 0x84): "the broker does not speak this version; try --mqtt-version"
    case (.v311, 2), (.v5, 0x85): "the broker does not take this client name"
    case (.v311, 3), (.v5, 0x88): "the broker is not available"
    case (.v311, 4), (.v5, 0x86): "user name or password is wrong"
    case (.v311, 5), (.v5, 0x87): "this user may not log in"
    case (.v5, 0x8A): "this client is banned"
    case (.v5, 0x97): "a quota is exceeded"
    default: "no reason that this program knows"
    }
  }
}
