// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Safety: whatever a failing cell does, cleaning must not hide it.

import BatteryDomain
import Cleaning
import Testing

@Suite struct FailingCellTests {
  /// Samples of cell 4 that an analysis sees: usable ones and those given back.
  private func seen(_ table: TestTable) -> [Int: Double] {
    let (cleaned, _) = table.cleaned()
    let column = table.position(.cellVoltage, 3)
    var seen: [Int: Double] = [:]
    for row in 0..<cleaned.rowCount where !cleaned.values[column][row].isNaN {
      seen[row] = cleaned.values[column][row]
    }
    for sample in cleaned.released where sample.column == column { seen[sample.row] = sample.value }
    return seen
  }

  @Test("a step down that stays is fully seen", arguments: [0.2, 0.5, 0.9, 1.5, 2.5, 3.2])
  func step(depth: Double) {
    var table = TestTable.pack()
    for row in 30..<60 { table.set(.cellVoltage, 3, row: row, 3.9 - depth) }
    #expect(seen(table).count == 60)
  }

  @Test("a fall to zero through the values between is fully seen")
  func collapse() {
    var table = TestTable.pack()
    for row in 30..<60 {
      table.set(.cellVoltage, 3, row: row, max(0, 3.9 - 0.35 * Double(row - 30)))
    }
    let seen = seen(table)
    #expect(seen.count == 60)
    #expect(seen[59] == 0)
  }

  @Test("a slow drift out of range is fully seen, upwards too")
  func drift() {
    var table = TestTable.pack()
    for row in 30..<60 { table.set(.cellVoltage, 3, row: row, 3.9 + 0.05 * Double(row - 30)) }
    #expect(seen(table).count == 60)
  }

  @Test("a cell that sags under load is not a spike")
  func sag() {
    var table = TestTable.pack()
    table.set(.cellVoltage, 3, row: 30, 2.4)
    table.set(.current, row: 30, 120)
    #expect(seen(table).count == 60)
  }

  @Test("a voltage that collapses again and again is seen from the second time on")
  func intermittent() {
    var table = TestTable.pack()
    for row in stride(from: 20, to: 60, by: 2) { table.set(.cellVoltage, 3, row: row, 2.0) }
    let seen = seen(table)
    #expect(seen[20] == nil)
    #expect(seen.count == 59)
  }

  @Test("several cells that fall together are an event of the pack, not spikes")
  func event() {
    var table = TestTable.pack()
    for cell in 2..<6 { table.set(.cellVoltage, cell, row: 30, 2.0) }
    #expect(seen(table).count == 60)
  }

  @Test("a jump before a gap in time is given back")
  func beforeGap() {
    var table = TestTable.pack()
    table.set(.cellVoltage, 3, row: 30, 2.0)
    for row in 31..<60 { table.columns[0].2[row] += 1e5 }
    #expect(seen(table).count == 60)
  }

  @Test("a jump in the very last row stays readable")
  func lastRow() {
    var table = TestTable.pack()
    table.set(.cellVoltage, 3, row: 59, 2.0)
    var cleaner = StreamCleaner(schema: table.schema)
    _ = cleaner.clean(table.batch())
    #expect(cleaner.withheld.map(\.value) == [2.0])
  }

  @Test("a warming probe is seen up to the limit of its coding")
  func runaway() {
    var table = TestTable.pack()
    let warm = (0..<60).map { 298.15 + max(0, Double($0 - 30)) * 6 }
    table.columns.append((.probeTemperature, 0, warm))
    let (cleaned, _) = table.cleaned()
    #expect(cleaned.values[table.position(.probeTemperature)].allSatisfy { !$0.isNaN })
  }

  @Test("a channel that dies is listed as lost")
  func loss() throws {
    var table = TestTable.pack()
    for row in 20..<60 { table.set(.cellVoltage, 3, row: row, 0) }
    let (_, summary) = table.cleaned()
    let loss = try #require(summary.losses.first)
    #expect(loss.quantity == .cellVoltage && loss.element == 3 && loss.rows == 40 && loss.lasts)
    #expect(abs(loss.lastGood - 3.9) < 0.003)
  }
}
