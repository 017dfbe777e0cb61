// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// libFuzzer targets: every parser of outside bytes; Scripts/fuzz.sh compiles one binary for each.

// One file so that each binary is the parsers plus a few lines; a -D flag selects the target.
// A failed property traps, which libFuzzer reports with the input that did it.

import Parsers

/// Called by libFuzzer for each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  target(input)
  return 0
}

/// Demands a property.
private func demand(_ holds: Bool) {
  if !holds { fatalError("a property does not hold") }
}

#if FUZZ_FRAME
  /// First byte: edition and command; the rest is the data unit. Whatever decodes encodes to the
  /// same bytes.
  private func target(_ input: [UInt8]) {
    guard let first = input.first else { return }
    let commands: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0x80, 0x81, 0x82, 0xC0]
    var frame = Frame(
      edition: first & 0x80 == 0 ? .edition2016 : .edition2025,
      command: Command(rawValue: commands[Int(first & 0x3F) % commands.count]),
      identifier: .blank, unit: Array(input.dropFirst()))
    if first & 0x40 != 0 { frame.acknowledgement = .success }
    guard let unit = try? frame.decodedUnit() else { return }
    guard let again = try? unit.encoded(for: frame.edition) else { return demand(false) }
    demand(again == frame.unit)
    guard let bytes = try? frame.encoded(), let back = try? Frame(bytes: bytes) else {
      return demand(frame.unit.count > Frame.longestUnit)
    }
    demand(back == frame)
  }
#elseif FUZZ_STREAM
  /// The frames of a stream do not depend on its pieces.
  private func target(_ input: [UInt8]) {
    func frames(_ size: Int) -> [Frame] {
      var decoder = FrameDecoder()
      var found: [Frame] = []
      for start in stride(from: 0, to: input.count, by: size) {
        decoder.append(input[start..<min(start + size, input.count)])
        while let frame = decoder.next() { found.append(frame) }
      }
      while decoder.pendingByteCount > 0 {
        decoder.dropStalled()
        while let frame = decoder.next() { found.append(frame) }
      }
      return found
    }
    let whole = frames(max(1, input.count))
    demand(whole == frames(1 + Int(input.first ?? 0) % 17))
  }
#elseif FUZZ_JSON
  /// JSON that parses and encodes renders and encodes to the same bytes.
  private func target(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    guard let parts = try? FrameJSON.parse(text),
      let bytes = try? parts.encoded(using: NoProtection()),
      let frame = try? Frame(bytes: bytes), let node = try? FrameJSON.render(frame)
    else { return }
    guard let again = try? FrameJSON.parse(node.text).encoded(using: NoProtection()) else {
      return demand(false)
    }
    demand(again == bytes)
  }
#elseif FUZZ_DBC
  /// A database decodes any data; what a signal writes it reads.
  private func target(_ input: [UInt8]) {
    guard let database = try? DBCDatabase(dbc: input) else { return }
    for message in database.messages {
      for length in [0, 1, 8, 64] {
        var data = [UInt8](repeating: 0xA5, count: length)
        _ = message.values(in: data)
        for signal in message.signals where signal.set(0x5A5A_5A5A_5A5A_5A5A, in: &data) {
          let mask = signal.length == 64 ? ~UInt64(0) : (1 << UInt64(signal.length)) - 1
          demand(signal.raw(in: data) == 0x5A5A_5A5A_5A5A_5A5A & mask)
          _ = signal.raw(of: signal.physical(of: 3))
        }
      }
    }
  }
#elseif FUZZ_CANDUMP
  /// A record that is read is written and read again.
  private func target(_ input: [UInt8]) {
    guard let record = CandumpLog.record(input) else { return }
    let line = CandumpLog.line(record)
    guard let again = CandumpLog.record(Array(line.utf8)) else {
      // A name that is no UTF-8 or a moment beyond the format may change the line.
      return demand(record.interface.utf8.contains(0xEF) || record.frame.isError)
    }
    demand(again.frame.data == record.frame.data || record.frame.isRemote)
  }
#elseif FUZZ_MODBUS
  /// Messages that are read are written the same; registers never trap.
  private func target(_ input: [UInt8]) {
    if let request = try? ModbusRequest(pdu: input) {
      demand((try? request.encoded()) == input)
    }
    if let response = try? ModbusResponse(pdu: input), let bytes = try? response.encoded() {
      demand(bytes == input)
    }
    var decoder = ModbusTCPDecoder()
    decoder.append(input)
    while let frame = try? decoder.next() { demand((try? frame.encoded()) != nil) }
    _ = try? ModbusSerial.content(of: input)
    var registers: [UInt16] = []
    for place in stride(from: 0, to: input.count - 1, by: 2) {
      registers.append(UInt16(input[place]) << 8 | UInt16(input[place + 1]))
    }
    for model in SunSpecModel.known { _ = try? model.values(of: registers) }
    _ = try? SunSpecModel.chain(in: registers)
  }
#elseif FUZZ_MQTT
  /// Packets that are read are written and read again.
  private func target(_ input: [UInt8]) {
    for version in MQTTVersion.allCases {
      var decoder = MQTTDecoder(version: version, limit: 65_536)
      decoder.append(input)
      while let packet = try? decoder.next() {
        guard let bytes = try? packet.encoded(for: decoder.version) else { return demand(false) }
        var again = MQTTDecoder(version: decoder.version)
        again.append(bytes)
        demand((try? again.next()) == packet)
      }
    }
  }
#elseif FUZZ_SESSION
  /// A connection's bytes: what is stored belongs to who is logged in, and every answer is one.
  private let registry: AccessRegistry = {
    var ring = KeyRing()
    ring.symmetricKeys = [Array(repeating: 7, count: 16)]
    let platform = AccessRegistry.Platform(
      password: PasswordHash(of: "p", iterations: 1),
      vehicles: [VehiclePattern("P*")].compactMap { $0 }, keys: ring)
    return AccessRegistry(
      unlisted: AccessRegistry.Vehicle(),
      vehicles: [
        "K": AccessRegistry.Vehicle(keys: ring, requiresEncryption: true),
        "S": AccessRegistry.Vehicle(requiresSignature: true, editions: [.edition2025]),
      ], platforms: ["u": platform])
  }()
  private func target(_ input: [UInt8]) {
    var decoder = FrameDecoder()
    var session = GatewaySession(registry: registry)
    decoder.append(input)
    while let frame = decoder.next() {
      let before = session.phase
      switch session.handle(.received(frame, at: 1_700_000_000)) {
      case .ignore, .answered: break
      case .store(let stored, let answer):
        demand(answer.isAnswer && answer.identifier == frame.identifier)
        demand(stored.identity == frame.identifier.text)
        guard let kept = try? Frame(bytes: stored.bytes) else { return demand(false) }
        demand(kept.encryption == .none && Array(stored.bytes[stored.unit]) == kept.unit)
        demand((try? kept.decodedUnit()) != nil)
        switch before {
        case .awaitingLogin: demand(frame.command == .vehicleLogin)
        case .active(let identity):
          demand(frame.command == .vehicleLogin || identity == stored.identity)
        case .platform: demand(stored.identity.hasPrefix("P"))
        case .closed: demand(false)
        }
        if stored.identity == "K", case .active = session.phase {
          demand(frame.encryption != .none)
        }
      case .answer(let answer), .refuse(_, _, let answer): demand(answer.isAnswer)
      case .close(_, _, let answer):
        demand(session.phase == .closed && (answer?.isAnswer ?? true))
      }
    }
  }
#endif
