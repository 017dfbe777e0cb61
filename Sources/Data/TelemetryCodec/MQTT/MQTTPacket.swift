// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// MQTT control packets of versions 3.1.1 and 5 (OASIS standards).

/// The version of MQTT that a connection speaks.
public enum MQTTVersion: UInt8, Hashable, Sendable, CaseIterable {
  /// MQTT 3.1.1.
  case v311 = 4
  /// MQTT 5.
  case v5 = 5
}

/// What is wrong with an MQTT packet.
public enum MQTTError: Error, Hashable, Sendable {
  /// The packet ends before its fields do.
  case truncated
  /// Bytes follow the packet.
  case trailingBytes(Int)
  /// The type or its flags are none of the protocol.
  case badType(UInt8)
  /// A length is coded in more than four bytes.
  case badLength
  /// The packet is longer than the limit in force.
  case tooLong(Int, limit: Int)
  /// A text is no UTF-8, or holds a zero byte.
  case badText
  /// A property is unknown.
  case badProperty(UInt8)
  /// A value is outside what its field may carry.
  case badValue
  /// A field does not exist in this version.
  case notInVersion
}

/// A property of an MQTT 5 packet.
public struct MQTTProperty: Hashable, Sendable {
  /// A value in the layout of its property.
  public enum Value: Hashable, Sendable {
    /// One byte.
    case byte(UInt8)
    /// Two bytes.
    case word(UInt16)
    /// Four bytes.
    case long(UInt32)
    /// One to four bytes.
    case variable(UInt32)
    /// Text.
    case text(String)
    /// Bytes.
    case bytes([UInt8])
    /// A name and its value.
    case pair(String, String)
  }

  /// Number of the property.
  public var identifier: UInt8
  /// Its value.
  public var value: Value

  /// Creates a property.
  public init(_ identifier: UInt8, _ value: Value) {
    self.identifier = identifier
    self.value = value
  }
}

/// A message as a topic with bytes.
public struct MQTTMessage: Hashable, Sendable {
  /// Where it is published.
  public var topic: String
  /// What it says.
  public var payload: [UInt8]
  /// Delivery: 0 at most once, 1 at least once, 2 exactly once.
  public var quality: UInt8
  /// Whether the broker keeps it for later subscribers.
  public var isRetained: Bool
  /// Properties; empty in 3.1.1.
  public var properties: [MQTTProperty]

  /// Creates a message.
  public init(
    topic: String, payload: [UInt8], quality: UInt8 = 0, isRetained: Bool = false,
    properties: [MQTTProperty] = []
  ) {
    self.topic = topic
    self.payload = payload
    self.quality = quality
    self.isRetained = isRetained
    self.properties = properties
  }
}

/// What a client sends first.
public struct MQTTConnect: Hashable, Sendable {
  /// Name of the client; empty lets the broker choose.
  public var client: String
  /// Whether an earlier session is forgotten.
  public var isClean: Bool
  /// Longest silence in seconds; 0 for any.
  public var keepAlive: UInt16
  /// Published by the broker when the client vanishes.
  public var will: MQTTMessage?
  /// User name.
  public var user: String?
  /// Password; never log it.
  public var password: [UInt8]?
  /// Properties; empty in 3.1.1.
  public var properties: [MQTTProperty]

  /// Creates a request.
  public init(
    client: String, isClean: Bool = true, keepAlive: UInt16 = 60, will: MQTTMessage? = nil,
    user: String? = nil, password: [UInt8]? = nil, properties: [MQTTProperty] = []
  ) {
    self.client = client
    self.isClean = isClean
    self.keepAlive = keepAlive
    self.will = will
    self.user = user
    self.password = password
    self.properties = properties
  }
}

/// A topic filter with its options byte: in 3.1.1 the quality alone.
public struct MQTTFilter: Hashable, Sendable {
  /// The filter, with `+` and `#`.
  public var filter: String
  /// Bits 0–1 quality, in MQTT 5 also bit 2 no own messages, 3 retain as published, 4–5 handling.
  public var options: UInt8

  /// Creates a filter.
  public init(_ filter: String, options: UInt8) {
    self.filter = filter
    self.options = options
  }
}

/// One MQTT control packet.
public enum MQTTPacket: Hashable, Sendable {
  /// The steps of a delivery.
  public enum Step: UInt8, Hashable, Sendable {
    /// Quality 1: received.
    case acknowledged = 4
    /// Quality 2: received.
    case received = 5
    /// Quality 2: released.
    case released = 6
    /// Quality 2: complete.
    case completed = 7
  }

  /// A client connects.
  case connect(MQTTConnect, MQTTVersion)
  /// The broker's answer: whether a session was there, and a reason, 0 for success.
  case connected(sessionPresent: Bool, reason: UInt8, properties: [MQTTProperty])
  /// A message; the number is 0 for quality 0.
  case publish(MQTTMessage, number: UInt16, isDuplicate: Bool)
  /// A step of a delivery.
  case delivery(Step, number: UInt16, reason: UInt8, properties: [MQTTProperty])
  /// A client subscribes.
  case subscribe(number: UInt16, filters: [MQTTFilter], properties: [MQTTProperty])
  /// The broker's answer: one reason a filter.
  case subscribed(number: UInt16, reasons: [UInt8], properties: [MQTTProperty])
  /// A client unsubscribes.
  case unsubscribe(number: UInt16, filters: [String], properties: [MQTTProperty])
  /// The broker's answer; reasons only in MQTT 5.
  case unsubscribed(number: UInt16, reasons: [UInt8], properties: [MQTTProperty])
  /// A sign of life.
  case ping
  /// Its answer.
  case pong
  /// The end.
  case disconnect(reason: UInt8, properties: [MQTTProperty])
  /// Further authentication, MQTT 5.
  case authenticate(reason: UInt8, properties: [MQTTProperty])
}
