// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Renders decoded data units in the vocabulary and units of the vector files.

import Foundation
import TelemetryCodec

/// Renders decoded data units in the vocabulary and units of the vector files.
struct VectorRendering {
  let edition: Edition

  func data(_ unit: DataUnit, command: Command) -> [String: JSONValue] {
    switch unit {
    case .empty: return ["data": .object([:])]
    case .encrypted(let bytes): return ["data_hex": .string(hex(bytes))]
    case .opaque(let bytes): return ["data": .object(["data_hex": .string(hex(bytes))])]
    case .answer(let time, let rest):
      var members: [String: JSONValue] = [:]
      if let time { members["time"] = text(of: time) }
      if !rest.isEmpty { members["rest_hex"] = .string(hex(rest)) }
      return ["data": .object(members)]
    case .logout(let logout):
      return [
        "data": .object(["time": text(of: logout.time), "serial": number(logout.serial)])
      ]
    case .platformLogin(let login):
      return [
        "data": .object([
          "time": text(of: login.time), "serial": number(login.serial),
          "username": .string(WireText.text(of: login.user)),
          "password": .string(WireText.text(of: login.password)),
          "encryption_rule": .string(Self.name(login.encryption)),
        ])
      ]
    case .vehicleLogin(let login): return ["data": vehicleLogin(login)]
    case .report(let report):
      var items = report.items.map(item)
      if let type = report.opaqueRest.first {
        items.append(
          .object([
            "type": .string(String(format: "0x%02X", type)), "name": .string("unknown"),
            "rest_hex": .string(hex(Array(report.opaqueRest.dropFirst()))),
          ]))
      }
      return ["data": .object(["time": text(of: report.time), "items": .array(items)])]
    case .activation(let activation):
      return [
        "data": .object([
          "time": text(of: activation.time),
          "chip_id": .string(WireText.text(of: activation.chip)),
          "public_key_hex": .string(hex(activation.publicKey)),
          "vin": .string(activation.vehicle.text),
          "signature": .object(signature(activation.signature)),
        ])
      ]
    case .activationResult(let result):
      return [
        "data": .object(["result": number(result.status), "info": number(result.information)])
      ]
    case .keyExchange(let exchange):
      return [
        "data": .object([
          "key_type": .string(Self.name(exchange.encryption)),
          "key_hex": .string(hex(exchange.key)),
          "valid_from": text(of: exchange.validFrom),
          "valid_until": text(of: exchange.validUntil),
        ])
      ]
    }
  }

  static func name(_ command: Command) -> String {
    switch command {
    case .vehicleLogin: "vehicle_login"
    case .realTimeReport: "realtime"
    case .reissuedReport: "reissue"
    case .vehicleLogout: "vehicle_logout"
    case .platformLogin: "platform_login"
    case .platformLogout: "platform_logout"
    case .heartbeat: "heartbeat"
    case .timeSynchronisation: "time_sync"
    case .activation: "activation"
    case .activationResult: "activation_result"
    case .keyExchange: "key_exchange"
    case .parameterQuery: "param_query"
    case .parameterSetting: "param_set"
    case .terminalControl: "terminal_control"
    default: "0x" + String(command.rawValue, radix: 16)
    }
  }

  static func name(_ acknowledgement: Acknowledgement) -> String {
    switch acknowledgement {
    case .success: "success"
    case .error: "error"
    case .vehicleDuplicate: "vin_duplicate"
    case .vehicleUnknown: "vin_unknown"
    case .signatureFailure: "signature_error"
    case .structureError: "structure_error"
    case .decryptionFailure: "decryption_error"
    case .request: "command"
    default: "other"
    }
  }

  static func name(_ encryption: Encryption) -> String {
    switch encryption {
    case .none: "none"
    case .rsa: "RSA"
    case .aes128: "AES128"
    case .sm2: "SM2"
    case .sm4: "SM4"
    default: "other"
    }
  }

  func number(_ value: some BinaryInteger) -> JSONValue { .number(Double(value)) }

  func text(of time: WireTime) -> JSONValue {
    .string(
      String(
        format: "%04d-%02d-%02dT%02d:%02d:%02d+08:00", 2000 + Int(time.yearSince2000),
        Int(time.month), Int(time.day), Int(time.hour), Int(time.minute), Int(time.second)))
  }

  func value(_ reading: Reading, times factor: Double = 1, plus offset: Double = 0) -> JSONValue {
    switch reading {
    case .valid(let value), .outOfRange(let value): .number(value * factor + offset)
    case .abnormal: .string("abnormal")
    case .invalid: .string("invalid")
    }
  }

  func value(_ field: WireValue, times factor: Double = 1, plus offset: Double = 0) -> JSONValue {
    value(field.reading, times: factor, plus: offset)
  }

  func celsius(_ field: WireValue) -> JSONValue { value(field, plus: -273.15) }

  func celsius(_ raw: [UInt8], _ kind: FieldKind) -> JSONValue {
    .array(raw.map { value(kind.definition.reading(of: UInt32($0)), plus: -273.15) })
  }

  func state(_ code: UInt8, _ names: [String]) -> JSONValue {
    if code == 0xFE { return .string("abnormal") }
    if code == 0xFF { return .string("invalid") }
    if code >= 1, Int(code) <= names.count { return .string(names[Int(code) - 1]) }
    return .string(String(format: "undefined_0x%02X", code))
  }

  func signature(_ block: SignatureBlock) -> [String: JSONValue] {
    [
      "algorithm": state(block.algorithm, ["SM2", "RSA", "ECC"]),
      "r_hex": .string(hex(block.r)), "s_hex": .string(hex(block.s)),
    ]
  }

  private func vehicleLogin(_ login: VehicleLogin) -> JSONValue {
    var members: [String: JSONValue] = [
      "time": text(of: login.time), "serial": number(login.serial),
      "iccid": .string(WireText.text(of: login.simCard)),
    ]
    switch login.batteries {
    case .subsystems(let count, let length, let codes):
      members["subsystem_count"] = number(count)
      members["code_length"] = number(length)
      members["codes"] = .array(codes.map { .string(WireText.text(of: $0)) })
    case .packs(let systems):
      members["bms_count"] = number(systems.rawCount)
      members["packs_per_bms"] = .array(systems.elements.map { number($0.rawCount) })
      members["pack_codes"] = .array(
        systems.elements.map { packs in
          .array(packs.elements.map { .string(WireText.text(of: $0)) })
        })
    }
    return .object(members)
  }
}
