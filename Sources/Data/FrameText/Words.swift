// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The words for codes, shared by rendering and parsing.

import TelemetryCodec

/// The words for codes, shared by rendering and parsing.
enum Words {
  static let commands: [(Command, String)] = [
    (.vehicleLogin, "vehicle_login"), (.realTimeReport, "realtime"),
    (.reissuedReport, "reissue"), (.vehicleLogout, "vehicle_logout"),
    (.platformLogin, "platform_login"), (.platformLogout, "platform_logout"),
    (.heartbeat, "heartbeat"), (.timeSynchronisation, "time_sync"), (.activation, "activation"),
    (.activationResult, "activation_result"), (.keyExchange, "key_exchange"),
    (.parameterQuery, "param_query"), (.parameterSetting, "param_set"),
    (.terminalControl, "terminal_control"),
  ]
  static let acknowledgements: [(Acknowledgement, String)] = [
    (.success, "success"), (.error, "error"), (.vehicleDuplicate, "vin_duplicate"),
    (.vehicleUnknown, "vin_unknown"), (.signatureFailure, "signature_error"),
    (.structureError, "structure_error"), (.decryptionFailure, "decryption_error"),
    (.request, "command"),
  ]
  static let encryptions: [(Encryption, String)] = [
    (.none, "none"), (.rsa, "RSA"), (.aes128, "AES128"), (.sm2, "SM2"), (.sm4, "SM4"),
    (.abnormal, "abnormal"), (.invalid, "invalid"),
  ]
  static let controls = [
    "remote_upgrade", "power_off", "reset", "factory_reset", "drop_link", "warning",
    "start_sampling_link",
  ]
  static let algorithms = ["SM2", "RSA", "ECC"]
  static let gears = ["N"] + (1...12).map { "G\($0)" } + ["R", "D", "P"]
  static let coordinates = ["WGS84", "GCJ02", "other"]
  static let flags = [
    "temperature_difference", "battery_over_temperature", "pack_over_voltage",
    "pack_under_voltage", "soc_low", "cell_over_voltage", "cell_under_voltage", "soc_high",
    "soc_jump", "pack_mismatch", "cell_inconsistency", "insulation", "dcdc_temperature",
    "brake_system", "dcdc_status", "motor_controller_temperature", "hv_interlock",
    "motor_temperature", "pack_overcharge", "motor_over_speed", "motor_over_current",
    "supercap_over_temperature", "supercap_over_voltage", "battery_thermal_event",
    "hydrogen_leak", "hydrogen_pressure_abnormal", "hydrogen_temperature_abnormal",
    "fuel_cell_stack_over_temperature",
  ]

  static func name(of encryption: Encryption) -> String {
    encryptions.first { $0.0 == encryption }?.1 ?? undefined(encryption.rawValue)
  }

  static func hexadecimal(_ byte: UInt8) -> String {
    let text = String(byte, radix: 16, uppercase: true)
    return text.count < 2 ? "0" + text : text
  }

  static func undefined(_ byte: UInt8) -> String { "undefined_0x" + hexadecimal(byte) }

  /// The word of a code counted from 1, with the two sentinels and undefined codes.
  static func word(_ code: UInt8, _ names: [String]) -> String {
    if code == 0xFE { return "abnormal" }
    if code == 0xFF { return "invalid" }
    return code >= 1 && Int(code) <= names.count ? names[Int(code) - 1] : undefined(code)
  }

  /// The code of a word counted from 1; nil for a word that is none.
  static func code(_ word: String, _ names: [String]) -> UInt8? {
    if word == "abnormal" { return 0xFE }
    if word == "invalid" { return 0xFF }
    if let place = names.firstIndex(of: word) { return UInt8(clamping: place + 1) }
    return rawCode(word, prefix: "undefined_0x")
  }

  /// The byte in a word such as `undefined_0x42`.
  static func rawCode(_ word: String, prefix: String) -> UInt8? {
    guard word.hasPrefix(prefix), word.utf8.count == prefix.utf8.count + 2 else { return nil }
    return UInt8(word.dropFirst(prefix.count), radix: 16)
  }
}
