// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Every row of the diagnosis table fires, holds, clears and reacts as it states.

import BMSCore
import Testing

@Suite("Rows of the diagnosis table")
struct DiagnosisRowTests {
  let table = DiagnosisConfiguration<Double>(version: 7, cells: 6)

  /// A value beyond or within a limit by a part of a billion.
  func value(_ row: DiagnosisRow<Double>, _ level: FaultLevel, beyond: Bool) -> Double {
    let limit = row.limit[level]
    guard beyond else { return limit }
    let step = max(limit.magnitude, 1) * 1e-9
    return row.side == .upper ? limit + step : limit - step
  }

  @Test(
    "Every fault class has its row, with ordered levels and a debounce inside its detection time")
  func complete() {
    #expect(FaultClass.all.count == FaultClass.count)
    #expect(table.inconsistency() == nil)
    for fault in FaultClass.all {
      let row = table[fault]
      #expect(row.fault == fault)
      #expect(!row.limit.recommended.isNaN || !row.limit.safety.isNaN)
      #expect(row.detectMilliseconds > 0 && row.reactMilliseconds > 0)
      #expect(!row.reaction.safety.isEmpty || row.limit.safety.isNaN)
    }
  }

  @Test(
    "Beyond a limit a level becomes active after its debounce and not before",
    arguments: FaultClass.all)
  func fires(_ fault: FaultClass) {
    let row = table[fault]
    for level in [FaultLevel.operating, .recommended, .safety] where !row.limit[level].isNaN {
      var state = RowState()
      let debounce = row.debounceMilliseconds[level]
      var cycles: UInt32 = 0
      while state.level < level, cycles < debounce + 5 {
        _ = state.advance(
          value(row, level, beyond: true), by: row, milliseconds: 1, isEnabled: true, isOff: false)
        cycles += 1
      }
      #expect(state.level >= level)
      #expect(cycles == max(debounce, 1), "\(fault) \(level)")
    }
  }

  @Test(
    "At its limit, and with a value that cannot be judged, no level fires",
    arguments: FaultClass.all)
  func silent(_ fault: FaultClass) {
    let row = table[fault]
    for level in [FaultLevel.operating, .recommended, .safety] where !row.limit[level].isNaN {
      var state = RowState()
      for _ in 0..<1000 {
        _ = state.advance(
          value(row, level, beyond: false), by: row, milliseconds: 1000, isEnabled: true,
          isOff: false)
        _ = state.advance(.nan, by: row, milliseconds: 1000, isEnabled: true, isOff: false)
      }
      #expect(state.level < level, "\(fault) \(level)")
    }
  }

  @Test("A level ends as its row states", arguments: FaultClass.all)
  func clears(_ fault: FaultClass) {
    let row = table[fault]
    let top: FaultLevel = row.limit.safety.isNaN ? .recommended : .safety
    var state = RowState()
    for _ in 0..<(row.debounceMilliseconds[top] + 2) {
      _ = state.advance(
        value(row, top, beyond: true), by: row, milliseconds: 1, isEnabled: true, isOff: false)
    }
    #expect(state.level == top)
    let sign: Double = row.side == .upper ? 1 : -1
    let least =
      [row.limit.operating, row.limit.recommended, row.limit.safety]
      .filter { !$0.isNaN }.map { sign * $0 }.min() ?? 0
    let good = sign * (least - row.hysteresis - max(1, least.magnitude) * 1e-6)
    func rest(_ isOff: Bool) {
      for _ in 0..<(row.clearMilliseconds + 2) {
        _ = state.advance(good, by: row, milliseconds: 1, isEnabled: true, isOff: isOff)
      }
    }
    // Within the limit, but not by the hysteresis: it holds.
    if row.hysteresis > 0 {
      for _ in 0..<(row.clearMilliseconds + 2) {
        _ = state.advance(
          value(row, top, beyond: false) - sign * row.hysteresis * 0.5, by: row, milliseconds: 1,
          isEnabled: true, isOff: true)
      }
      #expect(state.level == top)
      _ = state.advance(
        value(row, top, beyond: true), by: row, milliseconds: 1, isEnabled: true, isOff: false)
      state = RowState()
      for _ in 0..<(row.debounceMilliseconds[top] + 2) {
        _ = state.advance(
          value(row, top, beyond: true), by: row, milliseconds: 1, isEnabled: true, isOff: false)
      }
    }
    rest(false)
    let stays = top == .safety && row.clear != .automatic
    #expect((state.level == top) == stays)
    rest(true)
    #expect((state.level == .within) == (top != .safety || row.clear != .service))
  }

  @Test("One reading alone never completes a debounce in time, however long its cycle")
  func oneReading() {
    for fault in FaultClass.all {
      let row = table[fault]
      guard !row.countsCycles, !row.limit.safety.isNaN, row.debounceMilliseconds.safety > 0 else {
        continue
      }
      var state = RowState()
      _ = state.advance(
        value(row, .safety, beyond: true), by: row, milliseconds: 4_000_000_000, isEnabled: true,
        isOff: false)
      #expect(state.level < .safety)
    }
  }

  @Test("The image of a table reads back as the same table")
  func visits() {
    var counter = FieldCounter()
    var copy = table
    copy.visit(&counter)
    #expect(counter.fields > 48 * 15)
    for fault in FaultClass.all {
      #expect(
        copy[fault].limit.safety == table[fault].limit.safety
          || copy[fault].limit.safety.isNaN)
      #expect(copy[fault].reaction.safety == table[fault].reaction.safety)
      #expect(copy[fault].fault == fault)
    }
  }
}

/// Counts fields and changes nothing.
struct FieldCounter: ConfigurationVisitor {
  var fields = 0
  mutating func number<Real: CoreReal>(
    _ value: inout Real, _ key: StaticString, unit: StaticString, in range: ClosedRange<Double>,
    _ meaning: StaticString
  ) {
    if !range.contains(Double(value)) { Issue.record("\(key) = \(value) is outside \(range)") }
    fields += 1
  }
  mutating func integer<I: FixedWidthInteger>(
    _ value: inout I, _ key: StaticString, in range: ClosedRange<UInt32>, _ meaning: StaticString
  ) {
    if !range.contains(UInt32(value)) { Issue.record("\(key) = \(value) is outside \(range)") }
    fields += 1
  }
  mutating func flag(_ value: inout Bool, _ key: StaticString, _ meaning: StaticString) {
    fields += 1
  }
  mutating func numbers<let n: Int, Real: CoreReal>(
    _ values: inout InlineArray<n, Real>, _ key: StaticString, unit: StaticString,
    in range: ClosedRange<Double>, _ meaning: StaticString
  ) {
    for place in values.indices where !range.contains(Double(values[place])) {
      Issue.record("\(key) = \(values[place]) is outside \(range)")
    }
    fields += n
  }
  mutating func integers<let n: Int, I: FixedWidthInteger>(
    _ values: inout InlineArray<n, I>, _ key: StaticString, in range: ClosedRange<UInt32>,
    _ meaning: StaticString
  ) { fields += n }
  mutating func matrix<let rows: Int, let columns: Int, Real: CoreReal>(
    _ values: inout InlineArray<rows, InlineArray<columns, Real>>, _ key: StaticString,
    unit: StaticString, in range: ClosedRange<Double>, _ meaning: StaticString
  ) { fields += rows * columns }
  mutating func part<P: ConfigurationPart>(
    _ part: inout P, _ key: StaticString, _ meaning: StaticString
  ) { part.visit(&self) }
  mutating func parts<let n: Int, P: ConfigurationPart>(
    _ parts: inout InlineArray<n, P>, _ key: StaticString, _ meaning: StaticString
  ) { for place in parts.indices { parts[place].visit(&self) } }
}
