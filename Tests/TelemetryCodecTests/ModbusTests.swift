// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Modbus messages of the specification, SunSpec values against pysunspec2, hostile bytes.

import Foundation
import TelemetryCodec
import TestSupport
import Testing

@Suite("Modbus and SunSpec")
struct ModbusTests {
  @Test("the example messages of the specification are read and written")
  func examples() throws {
    // MODBUS Application Protocol V1.1b3, sections 6.1 to 6.6 and 6.12.
    let requests: [(String, ModbusRequest)] = [
      ("0100130013", .readCoils(address: 0x13, count: 0x13)),
      ("0200c40016", .readDiscreteInputs(address: 0xC4, count: 0x16)),
      ("03006b0003", .readHoldingRegisters(address: 0x6B, count: 3)),
      ("0400080001", .readInputRegisters(address: 8, count: 1)),
      ("0500acff00", .writeCoil(address: 0xAC, isOn: true)),
      ("0600010003", .writeRegister(address: 1, value: 3)),
      ("100001000204000a0102", .writeRegisters(address: 1, values: [10, 0x102])),
    ]
    for (hex, request) in requests {
      #expect(try ModbusRequest(pdu: bytes(hex: hex)) == request)
      #expect(try request.encoded() == bytes(hex: hex))
    }
    let responses: [(String, ModbusResponse)] = [
      ("0306022b00000064", .registers(function: 3, [0x22B, 0, 0x64])),
      ("0402000a", .registers(function: 4, [10])),
      ("0500acff00", .written(function: 5, address: 0xAC, value: 0xFF00)),
      ("1000010002", .written(function: 16, address: 1, value: 2)),
      ("8102", .refused(function: 1, code: 2)),
    ]
    for (hex, response) in responses {
      #expect(try ModbusResponse(pdu: bytes(hex: hex)) == response)
      #expect(try response.encoded() == bytes(hex: hex))
    }
    guard case .bits(1, let bits) = try ModbusResponse(pdu: bytes(hex: "0103cd6b05")) else {
      Issue.record("no bits")
      return
    }
    #expect(bits.prefix(8) == [true, false, true, true, false, false, true, true])
    #expect(try ModbusResponse.bits(function: 1, bits).encoded() == bytes(hex: "0103cd6b05"))
  }

  @Test("lies about counts and lengths are refused")
  func refused() {
    #expect(throws: ModbusError.badCount(126, limit: 125)) {
      try ModbusRequest(pdu: bytes(hex: "030000007e"))
    }
    #expect(throws: ModbusError.badCount(0, limit: 125)) {
      try ModbusRequest.readHoldingRegisters(address: 0, count: 0).encoded()
    }
    #expect(throws: ModbusError.byteCountMismatch(stated: 3, needed: 4)) {
      try ModbusRequest(pdu: bytes(hex: "100001000203000a01"))
    }
    #expect(throws: ModbusError.truncated(needed: 6, found: 3)) {
      try ModbusResponse(pdu: bytes(hex: "030422"))
    }
    #expect(throws: ModbusError.trailingBytes(1)) { try ModbusResponse(pdu: bytes(hex: "810200")) }
    #expect(throws: ModbusError.unknownFunction(0x2B)) {
      try ModbusRequest(pdu: bytes(hex: "2b0e01"))
    }
  }

  @Test("a TCP stream is cut at any place, a wrong header ends it")
  func stream() throws {
    let frames = (0..<5).map {
      ModbusTCPFrame(transaction: UInt16($0), unit: 1, pdu: [3, 0, UInt8($0), 0, 2])
    }
    let whole = try frames.flatMap { try $0.encoded() }
    #expect(whole.prefix(7) == [0, 0, 0, 0, 0, 6, 1])
    for size in 1...whole.count {
      var decoder = ModbusTCPDecoder()
      var found: [ModbusTCPFrame] = []
      for start in stride(from: 0, to: whole.count, by: size) {
        decoder.append(whole[start..<min(start + size, whole.count)])
        while let frame = try decoder.next() { found.append(frame) }
      }
      #expect(found == frames)
    }
    var wrong = ModbusTCPDecoder()
    wrong.append([0, 0, 0, 1, 0, 6, 1])
    #expect(throws: ModbusError.badProtocol(1)) { try wrong.next() }
    var long = ModbusTCPDecoder()
    long.append([0, 0, 0, 0, 0, 255, 1])
    #expect(throws: ModbusError.badLength(255)) { try long.next() }
  }

  @Test("a serial frame carries its checksum")
  func serial() throws {
    // The checksum of the bytes 02 07 is 1241h (Modbus over serial line V1.02, appendix B).
    #expect(ModbusSerial.checksum([2, 7]) == 0x1241)
    let frame = ModbusSerial.frame(unit: 2, pdu: [7])
    #expect(frame == [2, 7, 0x41, 0x12])
    #expect(try ModbusSerial.content(of: frame).pdu == [7])
    #expect(throws: ModbusError.checksumMismatch(computed: 0x1241, found: 0x1240)) {
      try ModbusSerial.content(of: [2, 7, 0x40, 0x12])
    }
  }

  @Test("random registers of models 802 and 803 have the values that pysunspec2 gives")
  func oracle() throws {
    let fixture = try JSONDecoder().decode(
      JSONValue.self, from: Data(CANTests.resource("sunspec.json")))
    var count = 0
    for entry in try #require(fixture["models"]?.array) {
      let registers = try #require(entry["registers"]?.array).compactMap(\.number)
        .map { UInt16($0) }
      let model = try #require(SunSpecModel.known.first { $0.identifier == registers[0] })
      let values = try model.values(of: registers)
      let expected = try #require(entry["values"]?.array)
      #expect(values.count == expected.count)
      for (value, wanted) in zip(values, expected) {
        let parts = try #require(wanted.array)
        #expect(parts[0] == .string(value.name))
        #expect(parts[1] == .number(Double(value.group ?? 0)))
        let number = try #require(parts[2].number)
        #expect((value.value - number).magnitude <= 1e-9 * max(1, number.magnitude))
        count += 1
      }
    }
    #expect(count == fixture["models"]?.array?.reduce(0) { $0 + ($1["values"]?.array?.count ?? 0) })
    #expect(count > 700)
  }

  @Test("a number whose scale factor is not there says nothing; lengths are checked")
  func absent() throws {
    var registers: [UInt16] = [802, 62] + Array(repeating: 0, count: 62)
    registers[11] = 50
    #expect(try SunSpecModel.battery.values(of: registers).contains { $0.name == "SoC" })
    registers[56] = 0x8000
    #expect(try !SunSpecModel.battery.values(of: registers).contains { $0.name == "SoC" })
    #expect(throws: SunSpecError.tooShort(registers: 63, needed: 64)) {
      try SunSpecModel.battery.values(of: Array(registers.dropLast()))
    }
    #expect(throws: SunSpecError.wrongModel(found: 802, expected: 803)) {
      try SunSpecModel.lithiumIonBank.values(of: registers)
    }
    let device: [UInt16] = [0x5375, 0x6E53, 1, 2, 0, 0] + registers + [0xFFFF, 0]
    let chain = try SunSpecModel.chain(in: device)
    #expect(chain.map(\.identifier) == [1, 802])
    #expect(chain.map(\.start) == [2, 6])
    #expect(throws: SunSpecError.noMark) { try SunSpecModel.chain(in: [1, 2, 3]) }
  }
}
