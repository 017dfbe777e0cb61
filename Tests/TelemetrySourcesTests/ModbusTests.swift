// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Modbus TCP and SunSpec against a device over real sockets.

import BatteryDomain
import TelemetryCodec
import TelemetrySources
import Testing

@Suite("Modbus TCP and SunSpec devices")
struct ModbusTests {
  /// Answers come late where other tests hold all threads.
  private let patience = Duration.seconds(120)

  /// A device with the common model at `base`, then model 802 with its end mark.
  private func battery(at base: Int) -> [Int: UInt16] {
    var content: [UInt16] = [0x5375, 0x6E53, 1, 66] + Array(repeating: 0x4141, count: 66)
    // Model 802 without values, then those that the test reads; scale factors at its end.
    var model = SunSpecModel.battery.points.flatMap { point -> [UInt16] in
      switch point.layout {
      case .uint16, .enum16: [0xFFFF]
      case .int16, .scaleFactor: [0x8000]
      case .uint32, .bitfield32: [0xFFFF, 0xFFFF]
      case .pad: [0]
      }
    }
    func set(_ name: String, _ value: Int) {
      var place = 0
      for point in SunSpecModel.battery.points {
        if point.name == name { model[place] = UInt16(truncatingIfNeeded: value) }
        place += point.layout.registerCount
      }
    }
    set("SoC", 5_550)
    set("SoC_SF", -2)
    set("V", 7_201)
    set("V_SF", -1)
    set("A", -125)
    set("A_SF", -1)
    set("W", 90)
    set("W_SF", 2)
    content += [802, UInt16(model.count)] + model + [0xFFFF, 0]
    return Dictionary(uniqueKeysWithValues: content.enumerated().map { (base + $0, $1) })
  }

  @Test(
    "a device is found at every base address, and its values are in SI",
    arguments: [40_000, 50_000, 0])
  func device(base: Int) async throws {
    let server = try await DeviceServer.start(battery(at: base))
    let values = try await ModbusConnection.with(
      host: "127.0.0.1", port: server.port, timeout: patience
    ) { device in
      let models = try await SunSpecDevice(on: &device).models
      #expect(models.map(\.identifier) == [1, 802])
      return try await SunSpecDevice.values(of: models[1], on: &device)
    }
    try await server.stop()
    #expect(values.first { $0.name == "SoC" }?.value == 55.5)
    let charging = SunSpecQuantities.quantities(of: values, sign: .charge)
    #expect(charging[.current] == [12.5])
    #expect(charging[.power] == [-9_000])
    let discharging = SunSpecQuantities.quantities(of: values, sign: .discharge)
    #expect(discharging[.current] == [-12.5])
    #expect(abs((discharging[.packVoltage]?.first ?? 0) - 720.1) < 1e-9)
    #expect(abs((discharging[.stateOfCharge]?.first ?? 0) - 0.555) < 1e-12)
    // What the device does not have is not there, not zero.
    #expect(discharging[.stateOfHealth] == nil)
  }

  @Test("more registers than fit one request are read in several")
  func long() async throws {
    let registers = Dictionary(uniqueKeysWithValues: (0..<400).map { ($0, UInt16($0 * 7)) })
    let server = try await DeviceServer.start(registers)
    let read = try await ModbusConnection.with(
      host: "127.0.0.1", port: server.port, timeout: patience
    ) {
      try await $0.holdingRegisters(from: 20, count: 301)
    }
    try await server.stop()
    #expect(read == (20..<321).map { UInt16($0 * 7) })
  }

  @Test("an answer to an older request is passed over")
  func stale() async throws {
    let server = try await DeviceServer.start([5: 77, 6: 78], .stale)
    let read = try await ModbusConnection.with(
      host: "127.0.0.1", port: server.port, timeout: patience
    ) {
      try await $0.holdingRegisters(from: 5, count: 2)
    }
    try await server.stop()
    #expect(read == [77, 78])
  }

  @Test("refusals, silence, noise and closed connections are told apart")
  func faults() async throws {
    func error(_ manner: DeviceServer.Manner, _ registers: [Int: UInt16] = [:]) async throws
      -> String
    {
      let server = try await DeviceServer.start(registers, manner)
      defer { Task { try await server.stop() } }
      do {
        _ = try await ModbusConnection.with(
          host: "127.0.0.1", port: server.port,
          timeout: manner == .silent ? .milliseconds(300) : patience
        ) { try await $0.holdingRegisters(from: 9, count: 1) }
        return "nothing"
      } catch {
        return "\(error)"
      }
    }
    #expect(try await error(.proper).contains("refused with code 2: no such address"))
    #expect(try await error(.silent).contains("no answer to Modbus function 3 within 0.3 s"))
    #expect(try await error(.noise).contains("does not follow the protocol"))
    #expect(try await error(.closing).contains("closed the connection"))
    let closed = try await DeviceServer.start([:])
    try await closed.stop()
    await #expect {
      try await ModbusConnection.with(host: "127.0.0.1", port: closed.port) { _ in }
    } throws: { "\($0)".contains("127.0.0.1:\(closed.port) cannot be reached") }
  }

  @Test("a device without SunSpec is told from one with it")
  func plain() async throws {
    let server = try await DeviceServer.start([40_000: 1, 40_001: 2])
    await #expect {
      try await ModbusConnection.with(host: "127.0.0.1", port: server.port, timeout: patience) {
        _ = try await SunSpecDevice(on: &$0)
      }
    } throws: { "\($0)".contains("the mark SunS is at none of the registers") }
    try await server.stop()
  }

  @Test("a chain of models without an end is given up")
  func endless() async throws {
    // Every model says it has no registers; none is the end mark.
    var registers = Dictionary(uniqueKeysWithValues: (40_000..<45_000).map { ($0, UInt16(0)) })
    registers[40_000] = 0x5375
    registers[40_001] = 0x6E53
    let server = try await DeviceServer.start(registers)
    await #expect {
      try await ModbusConnection.with(host: "127.0.0.1", port: server.port, timeout: patience) {
        _ = try await SunSpecDevice(on: &$0)
      }
    } throws: { "\($0)".contains("no end mark") }
    try await server.stop()
  }
}
