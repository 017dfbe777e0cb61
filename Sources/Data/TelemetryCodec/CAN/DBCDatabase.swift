// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a DBC file says about the messages of a bus.

/// What a DBC file says about the messages of a bus.
public struct DBCDatabase: Hashable, Sendable {
  /// Text of the version statement.
  public var version = ""
  /// Names of the nodes.
  public var nodes: [String] = []
  /// The messages in file order.
  public var messages: [DBCMessage] = []
  /// Comment on the network.
  public var comment = ""

  /// Creates an empty database.
  public init() {}

  /// The place of the message of a frame; nil when the database has none.
  ///
  /// - Complexity: O(n) in the number of messages; use ``DBCIndex`` for logs.
  public func message(of frame: CANFrame) -> DBCMessage? {
    for message in messages
    where message.identifier == frame.identifier && message.isExtended == frame.isExtended {
      return message
    }
    return nil
  }
}

/// Messages of a database by identifier.
public struct DBCIndex: Sendable {
  private var places: [UInt64: Int] = [:]
  private let messages: [DBCMessage]

  /// Indexes a database; of two messages with one identifier the first counts.
  public init(_ database: DBCDatabase) {
    messages = database.messages
    for (place, message) in messages.enumerated() {
      let key = Self.key(message.identifier, message.isExtended)
      if places[key] == nil { places[key] = place }
    }
  }

  private static func key(_ identifier: UInt32, _ isExtended: Bool) -> UInt64 {
    UInt64(identifier) | (isExtended ? 1 << 32 : 0)
  }

  /// The message of a frame; nil when there is none.
  public func message(of frame: CANFrame) -> DBCMessage? {
    guard let place = places[Self.key(frame.identifier, frame.isExtended)] else { return nil }
    return messages[place]
  }
}

/// One message of a database.
public struct DBCMessage: Hashable, Sendable {
  /// The identifier without the mark of extended ones.
  public var identifier: UInt32
  /// Whether the identifier has 29 bits.
  public var isExtended: Bool
  /// Its name.
  public var name: String
  /// Number of data bytes.
  public var length: Int
  /// The node that sends it.
  public var sender: String
  /// Its signals in file order.
  public var signals: [DBCSignal] = []
  /// Comment on it.
  public var comment = ""
  /// Time between two frames in milliseconds; nil where the file states none.
  public var cycleTimeMilliseconds: Double?
}

/// One signal of a message.
public struct DBCSignal: Hashable, Sendable {
  /// Order of the bytes.
  public enum ByteOrder: Hashable, Sendable {
    /// Least significant byte first; the start bit is the least significant.
    case intel
    /// Most significant byte first; the start bit is the most significant.
    case motorola
  }

  /// What the bits are.
  public enum Encoding: Hashable, Sendable {
    /// A whole number without sign.
    case unsigned
    /// A whole number in two's complement.
    case signed
    /// IEEE 754 in 32 bits.
    case float32
    /// IEEE 754 in 64 bits.
    case float64
  }

  /// When a signal is present.
  public enum Presence: Hashable, Sendable {
    /// In every frame.
    case always
    /// When a switch has a value in one of the ranges; the switch is named, or empty for the one
    /// switch of the message.
    case selected(by: String, ranges: [ClosedRange<UInt64>])
  }

  /// Its name.
  public var name: String
  /// Start bit as in the file.
  public var startBit: Int
  /// Number of bits, 1–64.
  public var length: Int
  /// Order of the bytes.
  public var byteOrder: ByteOrder
  /// What the bits are.
  public var encoding: Encoding
  /// Physical units of one step.
  public var factor: Double
  /// Physical value of raw zero.
  public var offset: Double
  /// Lowest physical value; equal to the highest where the file states no limits.
  public var minimum: Double
  /// Highest physical value.
  public var maximum: Double
  /// Symbol of the unit.
  public var unit: String
  /// The nodes that read it.
  public var receivers: [String] = []
  /// Whether other signals depend on it.
  public var isSwitch = false
  /// When it is present.
  public var presence = Presence.always
  /// Words for raw values.
  public var labels: [Int64: String] = [:]
  /// Comment on it.
  public var comment = ""
}

/// What is wrong with a DBC file.
public struct DBCError: Error, Hashable, Sendable {
  /// Line of the fault, from 1.
  public let line: Int
  /// What was expected there.
  public let expected: String

  /// One sentence.
  public var message: String { "line \(line): expected \(expected)" }
}
