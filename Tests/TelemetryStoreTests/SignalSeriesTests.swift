// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Signals read back on their own are those that were sent, from the log and from blocks.

import BatteryDomain
import Foundation
import TelemetryCodec
import TelemetryStore
import TestSupport
import Testing

@Suite struct SignalSeriesTests {
  static let vin = "VIN00000000000001"
  static let start: Int64 = 1_700_000_000

  @Test(arguments: EngineKind.allCases, [Edition.edition2016, .edition2025])
  func `a signal comes back as sent, by time`(kind: EngineKind, edition: Edition) async throws {
    let folder = try TemporaryFolder()
    let store = try kind.open(folder)
    var order = Array(0..<100)
    order.swapAt(3, 90)
    order.swapAt(40, 41)
    let frames = try order.map { step in
      try report(
        at: Self.start + Int64(10 * step), cells: (0..<6).map { 3.5 + 0.001 * Double(step + $0) },
        current: Double(step) - 50, edition: edition)
    }
    _ = try await store.append(frames)
    try await kind.settle(store)
    let all = try await store.series(
      of: Self.vin, signals: [SignalKey(.current), .cell(3), .probe(2), .cell(7)],
      in: 0...Int64.max)
    try #require(all.count == 4)
    #expect(all[0].times == (0..<100).map { Self.start + 10 * $0 })
    #expect(zip(all[0].values, 0..<100).allSatisfy { abs($0 - (Double($1) - 50)) < 1e-9 })
    #expect(
      zip(all[1].values, 0..<100).allSatisfy { abs($0 - (3.502 + 0.001 * Double($1))) < 1e-9 })
    #expect(all[2].values.allSatisfy { abs($0 - 299.15) < 1e-9 } && all[2].values.count == 100)
    #expect(all[3].times.isEmpty, "there is no seventh cell")
    let part = try await store.series(
      of: Self.vin, signals: [.cell(1)], in: Self.start + 95...Self.start + 205)
    #expect(part[0].times == (10...20).map { Self.start + 10 * $0 })
    #expect(try await store.series(of: "nobody", signals: [.cell(1)], in: 0...1).isEmpty)
    #expect(try await store.signals(of: Self.vin).contains(.cell(6)))
    #expect(try await store.latestReport(of: Self.vin)?.collectionTime == Self.start + 990)
    try await store.close()
  }

  @Test(arguments: EngineKind.allCases)
  func `what a vehicle marks is counted and not a number`(kind: EngineKind) async throws {
    let folder = try TemporaryFolder()
    let store = try kind.open(folder)
    _ = try await store.append([
      try report(at: Self.start, cells: [3.7, .nan, 3.7, 3.7]),
      try report(at: Self.start + 1, cells: [3.7, 62, 3.7, 3.7]),
      try report(at: Self.start + 2),
    ])
    try await kind.settle(store)
    let series = try #require(
      try await store.series(of: Self.vin, signals: [.cell(2)], in: 0...Int64.max).first)
    #expect(series.values.count == 3 && series.values[0].isNaN)
    #expect(series.invalidCount == 1 && series.outOfRangeCount == 1 && series.abnormalCount == 0)
    try await store.close()
  }

  @Test func `buckets hold least, greatest and mean`() throws {
    let series = SignalSeries(
      key: .cell(1), times: [-61, -60, 0, 59, 60, 61], values: [1, 2, 3, 5, .nan, 7])
    let buckets = series.buckets(width: 60)
    #expect(buckets.map(\.start) == [-120, -60, 0, 60])
    #expect(buckets.map(\.count) == [1, 1, 2, 1])
    #expect(buckets[2].minimum == 3 && buckets[2].maximum == 5 && buckets[2].mean == 4)
  }

  @Test func `names of signals come back`() {
    for key in [SignalKey(.current), .cell(17), .probe(3, part: 2)] {
      #expect(SignalKey(name: key.name) == key)
    }
    #expect(SignalKey(name: "cell_voltage.9") == .cell(9))
    for name in ["", "nonsense", "cell_voltage.x", "cell_voltage.1.2.3", "cell_voltage.-1"] {
      #expect(SignalKey(name: name) == nil)
    }
  }
}
