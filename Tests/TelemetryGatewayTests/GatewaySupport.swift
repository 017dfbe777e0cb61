// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Temporary stores, made-up vehicles and a running gateway for the tests.

import BatteryDomain
import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import TelemetryCodec
import TelemetryGateway
import TelemetryStore

/// A folder that is removed when the value goes away.
final class TemporaryFolder: Sendable {
  let url = FileManager.default.temporaryDirectory.appending(path: "anodyne-\(UUID().uuidString)")
  init() throws {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(at: url) }
}

let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
let vin = "LTEST000000000001"
let start: Int64 = 1_555_321_350

func identifier(_ text: String = vin) throws -> UniqueIdentifier {
  guard let identifier = UniqueIdentifier(text) else { throw CocoaError(.coderInvalidValue) }
  return identifier
}

func wireTime(_ seconds: Int64) throws -> WireTime {
  guard let time = WireTime(unixSeconds: seconds) else { throw CocoaError(.coderInvalidValue) }
  return time
}

func login(
  _ identity: String = vin, at seconds: Int64 = start, edition: Edition = .edition2016
) throws -> Frame {
  try Frame(
    edition: edition, command: .vehicleLogin, identifier: try identifier(identity),
    unit: .vehicleLogin(
      VehicleLogin(
        time: try wireTime(seconds), serial: 1, simCard: Array(repeating: 0x30, count: 20),
        batteries: edition == .edition2016
          ? .subsystems(count: 1, codeLength: 0, codes: [])
          : .packs(Counted<Counted<[UInt8]>>([])))))
}

func platformLogin(
  user: String = "centre", password: String = "open sesame", at seconds: Int64 = start,
  edition: Edition = .edition2016
) throws -> Frame {
  try Frame(
    edition: edition, command: .platformLogin, identifier: try identifier("PLATFORM000000001"),
    unit: .platformLogin(
      PlatformLogin(
        time: try wireTime(seconds), serial: 1,
        user: WireText.bytes(of: user, count: PlatformLogin.userLength) ?? [],
        password: WireText.bytes(of: password, count: PlatformLogin.passwordLength) ?? [],
        encryption: .none)))
}

/// The value of a metric; the sum where it has several labels.
func value(_ name: String, _ label: String? = nil, in metrics: GatewayMetrics) -> Double {
  metrics.metrics().filter {
    $0.name == "anodyne_gateway_\(name)" && (label == nil || $0.labels.values.contains(label ?? ""))
  }.reduce(0) { $0 + $1.value }
}

/// Keeps records in memory.
final class RecordingQuarantine: Quarantine {
  private let list = Mutex<[QuarantineRecord]>([])
  var records: [QuarantineRecord] { list.withLock { $0 } }
  func add(_ record: QuarantineRecord) { list.withLock { $0.append(record) } }
}

/// A store whose disk can be stopped, slowed and failed.
actor BrittleSink: FrameSink {
  private(set) var stored: [NewFrame] = []
  private var known: [[UInt8]: Int] = [:]
  private(set) var calls = 0
  private var fails = false
  private var isHeld = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  func fail() { fails = true }
  func hold() { isHeld = true }
  func release() {
    isHeld = false
    for caller in waiting { caller.resume() }
    waiting = []
  }

  func append(_ frames: [NewFrame]) async throws(StoreError) -> [AppendOutcome] {
    calls += 1
    while isHeld { await withCheckedContinuation { waiting.append($0) } }
    if fails { throw .diskFull(path: "here") }
    var outcomes: [AppendOutcome] = []
    for frame in frames {
      let key = Array(frame.identity.utf8) + frame.bytes[frame.unit]
      if let place = known[key] {
        outcomes.append(.duplicate(id: Int64(place)))
      } else {
        stored.append(frame)
        known[key] = stored.count
        outcomes.append(.stored(id: Int64(stored.count)))
      }
    }
    return outcomes
  }
}

func report(
  _ identity: String = vin, at seconds: Int64, cells: [Double] = [3.9, 3.91, 3.92],
  command: Command = .realTimeReport
) throws -> Frame {
  try Frame(
    edition: .edition2016, command: command, identifier: try identifier(identity),
    unit: .report(
      Report(
        time: try wireTime(seconds),
        items: [
          .cellVoltages(
            Counted([
              CellVoltageGroup(
                voltage: 351.2, current: 44.3, total: cells.count, cellVoltages: cells)
            ]))
        ])))
}

/// A vehicle table of `rows` rows with sentinels, marks and out-of-range numbers.
func table(rows: Int, cells: Int, from first: Int64 = start) -> RecordBatch {
  var columns = [
    ColumnSchema(quantity: .time, sourceName: "time"),
    ColumnSchema(quantity: .current, sourceName: "current"),
    ColumnSchema(quantity: .packVoltage, sourceName: "voltage"),
    ColumnSchema(quantity: .stateOfCharge, sourceName: "soc"),
    ColumnSchema(quantity: .vehicleSpeed, sourceName: "speed"),
    ColumnSchema(quantity: .alarmLevel, sourceName: "alarm"),
  ]
  columns += (0..<cells).map {
    ColumnSchema(quantity: .cellVoltage, element: $0, sourceName: "V_\($0 + 1)")
  }
  columns += (0..<3).map {
    ColumnSchema(quantity: .probeTemperature, element: $0, sourceName: "T_\($0 + 1)")
  }
  func column(_ value: (Int) -> Double) -> [Double] { (0..<rows).map(value) }
  var values: [[Double]] = []
  values.append(column { Double(first) + 30 * Double($0) })
  values.append(column { -50 + Double($0 % 100) / 10 })
  values.append(column { 350 + Double($0 % 10) / 10 })
  values.append(column { Double($0 % 101) / 100 })
  values.append(column { _ in 10 })
  values.append(column { Double($0 % 4) })
  for cell in 0..<cells {
    values.append(column { Double(3_900 + (cell * 7 + $0) % 50) / 1_000 })
  }
  for probe in 0..<3 {
    values.append(column { 233.15 + Double(60 + ($0 + probe) % 9) })
  }
  return RecordBatch(
    schema: TableSchema(
      format: "made-up", sourceIdentity: vin, columns: columns, timeReference: .unixEpoch),
    firstRow: 0, columns: values)
}

/// Runs a gateway on a free port of this machine while the body runs, then shuts it down.
@discardableResult
func withGateway<Result: Sendable>(
  store: any FrameSink, settings: GatewaySettings = GatewaySettings(port: 0),
  quarantine: any Quarantine = NoQuarantine(),
  _ body: @Sendable (GatewayServer) async throws -> Result
) async throws -> Result {
  let gateway = try await GatewayServer.bind(
    settings, store: store, quarantine: quarantine, logger: quiet)
  return try await withThrowingTaskGroup(of: Void.self) { group in
    let services = ServiceGroup(services: [gateway], logger: quiet)
    group.addTask { try await services.run() }
    let result: Result
    do {
      result = try await body(gateway)
    } catch {
      await services.triggerGracefulShutdown()
      throw error
    }
    await services.triggerGracefulShutdown()
    try await group.waitForAll()
    return result
  }
}

/// A counter that tasks share.
final class LockedCount: Sendable {
  private let value = Mutex(0)
  var count: Int { value.withLock { $0 } }
  func add() { value.withLock { $0 += 1 } }
}
