// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// JSON messages as readings: topics, paths, units, and everything that can be wrong.

import BatteryDomain
import StructuredInput
import TelemetryCodec
import TelemetrySources
import Testing

@Suite("JSON messages as readings")
struct MessageMappingTests {
  private static let table = """
    messages:
      - topic: plant/+/rack/+/state
        asset: "{1}-{2}"
        time: {path: ts, unit: ms}
        values:
          pack_voltage: {path: dc.voltage, unit: V}
          current: {path: dc.current, unit: A, positive: charge}
          cell_voltage: {path: "modules[].cells[].u", unit: mV}
          probe_temperature: {path: temps, unit: degC}
          state_of_charge: {path: soc, unit: "%"}
      - topic: meter/#
        asset: meter
        values:
          power: {path: "[1].w", unit: kW}
    """

  private func message(_ topic: String, _ payload: String) -> MQTTMessage {
    MQTTMessage(topic: topic, payload: Array(payload.utf8))
  }

  @Test("values come out in SI, discharge positive, in the order of the message")
  func values() throws {
    let mapping = try MessageMapping(Self.table, file: "map.yaml")
    #expect(mapping.filters == ["plant/+/rack/+/state", "meter/#"])
    let reading = try mapping.reading(
      of: message(
        "plant/north/rack/7/state",
        """
        {"ts": 1700000000250, "dc": {"voltage": 712.5, "current": 20}, "soc": 42.5,
         "modules": [{"cells": [{"u": 3301}, {"u": 3302}]}, {"cells": [{"u": "3303"}, {"u": null}]}],
         "temps": [21.5, 22]}
        """), received: 5)
    #expect(reading.asset == "north-7")
    #expect(abs(reading.time - 1_700_000_000.25) < 1e-6)
    #expect(reading.values[.packVoltage] == [712.5])
    #expect(reading.values[.current] == [-20])
    let cells = try #require(reading.values[.cellVoltage])
    #expect(cells.count == 4)
    for (cell, expected) in zip(cells, [3.301, 3.302, 3.303]) {
      #expect(abs(cell - expected) < 1e-12)
    }
    #expect(cells[3].isNaN)
    #expect(abs((reading.values[.probeTemperature]?[0] ?? 0) - 294.65) < 1e-9)
    #expect(abs((reading.values[.stateOfCharge]?[0] ?? 0) - 0.425) < 1e-12)
    let meter = try mapping.reading(of: message("meter/a/b", "[{}, {\"w\": 3}]"), received: 5)
    #expect(meter == SourceReading(asset: "meter", time: 5, values: [.power: [3_000]]))
  }

  @Test("messages that give nothing say why")
  func faults() throws {
    let mapping = try MessageMapping(Self.table, file: "map.yaml")
    let cases: [(String, String, MessageMapping.Fault)] = [
      ("plant/a/state", "{}", .unknownTopic("plant/a/state")),
      ("plant/a/rack/b/state", "{\"ts\": ", .notJSON(offset: 7)),
      ("plant/a/rack/b/state", "{\"soc\": 1}", .noTime(path: "ts")),
      ("plant/a/rack/b/state", "{\"ts\": 1}", .nothingFound),
    ]
    for (topic, payload, fault) in cases {
      #expect(throws: fault) { try mapping.reading(of: message(topic, payload), received: 0) }
    }
  }

  @Test("everything wrong with a table is told at once, with line and key")
  func table() throws {
    let text = """
      messages:
        - topic: a/#/b
          asset: "{3}"
          time: {path: "x[", unit: fortnight}
          values:
            pack_volts: {path: v}
            current: {path: i, unit: V}
            cell_voltage: {path: u, unit: mV, positive: charge}
      colour: blue
      """
    do {
      _ = try MessageMapping(text, file: "map.yaml")
      Issue.record("nothing was wrong")
    } catch {
      let told = error.description
      for part in [
        "'a/#/b' is no topic filter", "{3} needs 3 wildcards", "'x[' is no path", "fortnight",
        "pack_voltage", "'V' is no unit of current", "only current and power have a direction",
        "colour",
      ] { #expect(told.contains(part), "\(part) is not in: \(told)") }
      #expect(error.faults.allSatisfy { $0.line != nil })
    }
    #expect(throws: InputFaults.self) { try MessageMapping("messages: []", file: "map.yaml") }
  }

  @Test("wildcards follow the standard")
  func topics() {
    let cases: [(String, String, [String]?)] = [
      ("a/+/c", "a/b/c", ["b"]), ("a/+/c", "a//c", [""]), ("a/#", "a", [""]),
      ("a/#", "a/b/c", ["b/c"]), ("#", "a/b", ["a/b"]), ("a/b", "a/b/c", nil),
      ("a/b/c", "a/b", nil), ("+", "a/b", nil), ("#", "$SYS/load", nil),
      ("$SYS/#", "$SYS/x", ["x"]),
    ]
    for (filter, topic, words) in cases {
      #expect(TopicFilter(filter)?.words(in: topic) == words, "\(filter) on \(topic)")
    }
    for wrong in ["", "a/b#", "a/#/c", "a+/b"] { #expect(TopicFilter(wrong) == nil) }
  }

  @Test("readings become rows; what is left out is missing, what is too much is counted")
  func rows() throws {
    var table = ReadingTable(
      template: SourceReading(
        asset: "x", time: 0, values: [.packVoltage: [0], .cellVoltage: [0, 0]]),
      format: "mqtt")
    table.add(
      SourceReading(asset: "x", time: 1, values: [.packVoltage: [7], .cellVoltage: [3, 4]]))
    table.add(SourceReading(asset: "x", time: 2, values: [.cellVoltage: [3, 4, 5], .power: [1]]))
    let taken = table.take()
    let batch = try #require(taken)
    #expect(table.count == 0)
    #expect(table.surplus == 2)
    let time = try #require(batch.schema.column(of: .time))
    let pack = try #require(batch.schema.column(of: .packVoltage))
    let cell = try #require(batch.schema.column(of: .cellVoltage, element: 1))
    #expect(batch.columns[time] == [1, 2])
    #expect(batch.columns[cell] == [4, 4])
    #expect(batch.columns[pack][0] == 7 && batch.columns[pack][1].isNaN)
    #expect(batch.flags(column: pack, row: 1) == .missing)
    table.add(SourceReading(asset: "x", time: 3, values: [.packVoltage: [8]]))
    let later = table.take()
    #expect(later?.firstRow == 2)
  }
}
