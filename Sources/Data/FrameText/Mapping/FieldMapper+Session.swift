// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Session units: logins, logouts, activation, key exchange.

import TelemetryCodec

extension FieldMapper {
  mutating func vehicleLogin(_ login: inout VehicleLogin) throws(FrameTextError) {
    try time("time", &login.time)
    try integer("serial", &login.serial)
    try text("iccid", &login.simCard, length: VehicleLogin.simCardLength)
    switch login.batteries {
    case .subsystems(var count, var length, var codes):
      try integer("subsystem_count", &count)
      try integer("code_length", &length)
      try texts("codes", &codes, length: Int(length))
      login.batteries = .subsystems(count: count, codeLength: length, codes: codes)
    case .packs(var systems):
      try packs(&systems)
      login.batteries = .packs(systems)
    }
  }

  private mutating func packs(
    _ systems: inout Counted<Counted<[UInt8]>>
  ) throws(FrameTextError) {
    var count = UInt8(truncatingIfNeeded: systems.rawCount)
    try integer("bms_count", &count)
    guard isParsing else {
      put("packs_per_bms", .array(systems.elements.map { .integer($0.rawCount) }))
      var nodes: [JSONNode] = []
      for (place, packs) in systems.elements.enumerated() {
        nodes.append(
          .array(
            textNodes(
              packs.elements, "pack_codes[\(place)]", length: VehicleLogin.packCodeLength)))
      }
      put("pack_codes", .array(nodes))
      return
    }
    guard case .array(let counts) = try take("packs_per_bms"),
      case .array(let lists) = try take("pack_codes"), counts.count == lists.count
    else { throw bad("pack_codes", "a list for each entry of packs_per_bms") }
    var elements: [Counted<[UInt8]>] = []
    for (place, (count, list)) in zip(counts, lists).enumerated() {
      let key = "pack_codes[\(place)]"
      guard case .number(let text) = count, let number = UInt8(text), case .array(let codes) = list
      else { throw bad(key, "a list of texts, and its count a number from 0 to 255") }
      elements.append(
        Counted(
          rawCount: UInt16(number),
          elements: try texts(codes, key, length: VehicleLogin.packCodeLength)))
    }
    systems = Counted(rawCount: UInt16(count), elements: elements)
  }

  mutating func logout(_ logout: inout Logout) throws(FrameTextError) {
    try time("time", &logout.time)
    try integer("serial", &logout.serial)
  }

  mutating func platformLogin(_ login: inout PlatformLogin) throws(FrameTextError) {
    try time("time", &login.time)
    try integer("serial", &login.serial)
    try text("username", &login.user, length: PlatformLogin.userLength)
    try text("password", &login.password, length: PlatformLogin.passwordLength)
    try encryption("encryption_rule", &login.encryption)
  }

  mutating func activation(_ activation: inout Activation) throws(FrameTextError) {
    try time("time", &activation.time)
    try text("chip_id", &activation.chip, length: 16)
    try bytes("public_key_hex", &activation.publicKey)
    try identifier("vin", &activation.vehicle)
    try nested("signature", &activation.signature) {
      (mapper: inout FieldMapper, block: inout SignatureBlock) throws(FrameTextError) in
      try mapper.signature(&block)
    }
  }

  mutating func signature(_ block: inout SignatureBlock) throws(FrameTextError) {
    try code("algorithm", &block.algorithm, Words.algorithms)
    try bytes("r_hex", &block.r)
    try bytes("s_hex", &block.s)
  }

  mutating func activationResult(_ result: inout ActivationResult) throws(FrameTextError) {
    try integer("result", &result.status)
    try integer("info", &result.information)
  }

  mutating func keyExchange(_ exchange: inout KeyExchange) throws(FrameTextError) {
    try encryption("key_type", &exchange.encryption)
    try bytes("key_hex", &exchange.key)
    try time("valid_from", &exchange.validFrom)
    try time("valid_until", &exchange.validUntil)
  }
}
