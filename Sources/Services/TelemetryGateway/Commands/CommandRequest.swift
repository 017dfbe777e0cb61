// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A remote command as it is asked for over HTTP, in JSON.

public import Foundation
import FrameCryptography
public import TelemetryCodec

/// A remote command as it is asked for over HTTP, in JSON.
///
/// ```json
/// {"vehicle": "LTEST000000000001", "reason": "check", "query": [1, 9]}
/// {"vehicle": "LTEST000000000001", "reason": "quieter", "set": [{"id": 9, "value": 60}]}
/// {"vehicle": "LTEST000000000001", "reason": "recall", "control": 6, "level": 2, "text": "停车"}
/// {"vehicle": "LTEST000000000001", "reason": "maker's own", "control": 128, "hex": "0102"}
/// ```
public struct CommandRequest: Hashable, Sendable {
  /// What is asked of a vehicle.
  public enum Action: Hashable, Sendable {
    /// Tell these parameters.
    case query([UInt8])
    /// Set these parameters, each to a number or a text.
    case set([Setting])
    /// Carry out a control.
    case control(UInt8, TerminalControl.Content)
  }

  /// A parameter and what it is to be.
  public struct Setting: Hashable, Sendable {
    /// Number of the parameter.
    public var identifier: UInt8
    /// A number; nil for a text.
    public var number: Int?
    /// A text; nil for a number.
    public var text: String?

    /// The parameter as an edition has it.
    ///
    /// - Throws: ``CommandFault`` for a number that the edition does not define, or a value that it
    ///   does not allow.
    func parameter(in edition: Edition) throws(CommandFault) -> Parameter {
      guard let definition = ParameterDefinition.of(identifier, in: edition) else {
        throw CommandFault("set: parameter \(identifier) is none of the vehicle's edition")
      }
      let limits = definition.lowest...max(definition.lowest, definition.highest)
      switch (definition.layout, number, text) {
      case (.byte, let value?, _), (.word, let value?, _):
        guard let fitting = UInt16(exactly: value), limits.contains(fitting) else {
          throw CommandFault(
            "set: \(definition.name) is \(value); it must be from \(limits.lowerBound) to "
              + "\(limits.upperBound)")
        }
        if case .byte = definition.layout {
          return Parameter(identifier: identifier, value: .byte(UInt8(clamping: fitting)))
        }
        return Parameter(identifier: identifier, value: .word(fitting))
      case (.text(let length), _, let text?):
        guard text.utf8.count <= length else {
          throw CommandFault("set: \(definition.name) has more than \(length) bytes")
        }
        let bytes = Array(text.utf8)
        return Parameter(
          identifier: identifier,
          value: .text(bytes + Array(repeating: 0, count: length - bytes.count)))
      case (.textOfLength, _, let text?):
        return Parameter(identifier: identifier, value: .text(Array(text.utf8)))
      case (.byte, nil, _), (.word, nil, _):
        throw CommandFault("set: \(definition.name) is a number")
      default: throw CommandFault("set: \(definition.name) is a text")
      }
    }
  }

  /// VIN of the vehicle.
  public var vehicle: String
  /// Why; it stands in the audit log.
  public var reason: String
  /// What is asked.
  public var action: Action

  /// kCFStringEncodingGB_18030_2000 as a Foundation encoding.
  private static let gb18030 = String.Encoding(rawValue: 0x8000_0632)

  private struct Body: Decodable {
    struct Setting: Decodable {
      var id: Int
      var value: Value
    }
    enum Value: Decodable {
      case number(Int)
      case text(String)

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int.self) {
          self = .number(number)
        } else {
          self = .text(try container.decode(String.self))
        }
      }
    }

    var vehicle: String
    var reason: String
    var query: [Int]?
    var set: [Setting]?
    var control: Int?
    var level: Int?
    var text: String?
    var hex: String?
  }

  /// Reads a request.
  ///
  /// - Parameter json: The body, one JSON object.
  /// - Throws: ``CommandFault`` with what is wrong.
  public init(json: Data) throws(CommandFault) {
    let body: Body
    do {
      body = try JSONDecoder().decode(Body.self, from: json)
    } catch DecodingError.keyNotFound(let key, _) {
      throw CommandFault("\(key.stringValue): is missing")
    } catch DecodingError.typeMismatch(_, let context) where !context.codingPath.isEmpty {
      throw CommandFault("\(Self.path(context)): has another type than it should")
    } catch {
      throw CommandFault("the body is no JSON object of a command")
    }
    vehicle = body.vehicle
    reason = body.reason.trimmingCharacters(in: .whitespacesAndNewlines)
    guard GatewaySession.isIdentity(vehicle), vehicle.utf8.count <= 17 else {
      throw CommandFault("vehicle: is 1 to 17 visible ASCII characters")
    }
    guard !reason.isEmpty, reason.utf8.count <= 500 else {
      throw CommandFault("reason: is 1 to 500 bytes; it stands in the audit log")
    }
    action = try Self.action(body)
  }

  private static func path(_ context: DecodingError.Context) -> String {
    context.codingPath.map(\.stringValue).joined(separator: ".")
  }

  private static func action(_ body: Body) throws(CommandFault) -> Action {
    switch (body.query, body.set, body.control) {
    case (let query?, nil, nil):
      var identifiers: [UInt8] = []
      for number in query { identifiers.append(try byte(number, "query")) }
      guard (1...252).contains(identifiers.count) else {
        throw CommandFault("query: names 1 to 252 parameters")
      }
      return .query(identifiers)
    case (nil, let settings?, nil):
      guard (1...252).contains(settings.count) else {
        throw CommandFault("set: names 1 to 252 parameters")
      }
      var list: [Setting] = []
      for setting in settings {
        let identifier = try byte(setting.id, "set")
        switch setting.value {
        case .number(let number): list.append(Setting(identifier: identifier, number: number))
        case .text(let text): list.append(Setting(identifier: identifier, text: text))
        }
      }
      return .set(list)
    case (nil, nil, let control?):
      return .control(try byte(control, "control"), try content(body, control))
    default: throw CommandFault("exactly one of query, set and control must be there")
    }
  }

  private static func content(
    _ body: Body, _ control: Int
  ) throws(CommandFault) -> TerminalControl.Content {
    if let hex = body.hex {
      guard let bytes = Digest.bytes(hexadecimal: hex), bytes.count <= 1_024 else {
        throw CommandFault("hex: is at most 1,024 bytes in hexadecimal digits")
      }
      return .bytes(bytes)
    }
    guard control == 6 else {
      if body.text != nil || body.level != nil {
        throw CommandFault("level, text: belong to control 6; others take hex")
      }
      return .bytes([])
    }
    guard let level = body.level, (0...4).contains(level), let text = body.text else {
      throw CommandFault("level, text: control 6 needs a level from 0 to 4 and a text")
    }
    guard let bytes = text.data(using: gb18030), bytes.count <= 1_024 else {
      throw CommandFault("text: is at most 1,024 bytes in GB 18030")
    }
    return .warning(level: UInt8(level), text: Array(bytes))
  }

  private static func byte(_ number: Int, _ key: String) throws(CommandFault) -> UInt8 {
    guard let value = UInt8(exactly: number) else {
      throw CommandFault("\(key): \(number) is no number from 0 to 255")
    }
    return value
  }
}

/// What is wrong with a request for a command.
public struct CommandFault: Error, Hashable, Sendable {
  /// Key, value, limit.
  public var problem: String

  init(_ problem: String) { self.problem = problem }
}
