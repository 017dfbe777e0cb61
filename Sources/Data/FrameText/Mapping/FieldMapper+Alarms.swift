// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The alarm item: flags as words, fault codes, levels.

import TelemetryCodec

extension FieldMapper {
  mutating func alarms(_ data: inout AlarmData) throws(FrameTextError) {
    try number("max_level", &data.level)
    try flags(&data.flags)
    try faults("battery_faults", &data.batteryFaults)
    try faults("motor_faults", &data.motorFaults)
    try faults("engine_faults", &data.engineFaults)
    try faults("other_faults", &data.otherFaults)
    if var levels = data.generalLevels {
      try generalLevels(&levels)
      data.generalLevels = levels
    }
  }

  private mutating func flags(_ flags: inout AlarmFlags) throws(FrameTextError) {
    guard isParsing else { return render(flags) }
    guard case .array(let names) = try take("flags"),
      case .array(let reserved) = takeIfPresent("reserved_bits_set") ?? .array([])
    else { throw bad("flags", "a list of alarm names") }
    var bits: UInt32 = 0
    for (place, node) in names.enumerated() {
      guard case .string(let name) = node, let bit = Words.flags.firstIndex(of: name) else {
        throw bad("flags[\(place)]", "the name of an alarm, such as insulation")
      }
      bits |= 1 << UInt32(bit)
    }
    for (place, node) in reserved.enumerated() {
      guard case .number(let text) = node, let bit = UInt32(text), bit < 32 else {
        throw bad("reserved_bits_set[\(place)]", "a bit number from 0 to 31")
      }
      bits |= 1 << bit
    }
    if let node = takeIfPresent("flags_raw") {
      guard case .string(let text) = node, let raw = UInt32(text, radix: 16) else {
        throw bad("flags_raw", "eight hexadecimal digits")
      }
      guard raw == bits else {
        throw .contradiction(path: path(of: "flags_raw"), other: path(of: "flags"))
      }
    }
    flags = AlarmFlags(rawValue: bits)
  }

  private mutating func render(_ flags: AlarmFlags) {
    let defined = AlarmFlags.defined(in: edition)
    var names: [JSONNode] = []
    var reserved: [JSONNode] = []
    for bit in 0..<32 {
      let flag = AlarmFlags(rawValue: 1 << UInt32(bit))
      guard flags.contains(flag) else { continue }
      if defined.contains(flag), bit < Words.flags.count {
        names.append(.string(Words.flags[bit]))
      } else {
        reserved.append(.integer(bit))
      }
    }
    put("flags_raw", .string(Self.eightDigits(flags.rawValue)))
    put("flags", .array(names))
    put("reserved_bits_set", .array(reserved))
    if !reserved.isEmpty { warn("flags", "reserved bits are set") }
  }

  private static func eightDigits(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: 8 - digits.utf8.count) + digits
  }

  private mutating func faults(
    _ key: String, _ list: inout Counted<UInt32>
  ) throws(FrameTextError) {
    var codes = list.elements
    if isParsing {
      guard case .array(let nodes) = try take(key) else { throw bad(key, "a list") }
      codes = []
      for (place, node) in nodes.enumerated() {
        guard case .string(let text) = node, let code = UInt32(text, radix: 16) else {
          throw bad("\(key)[\(place)]", "eight hexadecimal digits")
        }
        codes.append(code)
      }
    } else {
      put(key, .array(codes.map { .string(Self.eightDigits($0)) }))
    }
    try count(key, &list, codes, bytes: 1)
  }

  private mutating func generalLevels(
    _ list: inout Counted<AlarmData.GeneralLevel>
  ) throws(FrameTextError) {
    let key = "general_levels"
    var levels = list.elements
    if isParsing {
      guard case .array(let nodes) = try take(key) else { throw bad(key, "a list") }
      levels = []
      for (place, node) in nodes.enumerated() {
        guard case .array(let pair) = node, pair.count == 2, case .number(let flag) = pair[0],
          case .number(let level) = pair[1], let flag = UInt8(flag), let level = UInt8(level)
        else { throw bad("\(key)[\(place)]", "a pair of flag number and level") }
        levels.append(AlarmData.GeneralLevel(flagNumber: flag, level: level))
      }
    } else {
      put(key, .array(levels.map { .array([.integer($0.flagNumber), .integer($0.level)]) }))
    }
    try count(key, &list, levels, bytes: 1)
  }
}
