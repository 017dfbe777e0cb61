// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The streaming cleaner: sentinels, slips, order, spikes, and what it must never remove.

import BatteryDomain
import Cleaning
import Testing

@Suite struct StreamCleanerTests {
  @Test(
    "known sentinels are set aside",
    arguments: [
      (QuantityKey.cellVoltage, 65.535), (.cellVoltage, 65.534), (.cellVoltage, 6553.5),
      (.cellVoltage, 0), (.cellVoltage, 6.06), (.probeTemperature, 273.15 - 58.8),
      (.probeTemperature, 273.15 + 215), (.probeTemperature, 233.15), (.current, 5553.5),
      (.stateOfCharge, 2.55), (.odometer, 0),
    ])
  func sentinels(quantity: QuantityKey, value: Double) {
    let usual: [QuantityKey: Double] = [
      .cellVoltage: 3.9, .probeTemperature: 298.15, .current: 20, .stateOfCharge: 0.7,
      .odometer: 3e7,
    ]
    var table = TestTable()
    table.columns = [
      (.time, 0, (0..<10).map(Double.init)),
      (quantity, 0, Array(repeating: usual[quantity] ?? 0, count: 10)),
    ]
    table.set(quantity, row: 5, value)
    let (cleaned, summary) = table.cleaned()
    #expect(cleaned.values[1][5].isNaN)
    #expect(cleaned.raw.columns[1][5] == value)
    #expect(cleaned.values[1][4] == usual[quantity])
    let isAbnormal = value == 65.534
    let rule: CleaningRule = isAbnormal ? .sentinelAbnormal : .sentinelInvalid
    #expect(summary.count(of: rule, quantity: quantity) == 1)
    #expect(summary.samplesSetAside == 1)
    #expect(cleaned.flags[1][5].contains(isAbnormal ? .abnormal : .invalid))
    #expect(summary.examples.first?.rawValue == value)
  }

  @Test("slipped units are scaled back and counted")
  func slips() throws {
    var table = TestTable.pack()
    table.columns.append((.probeTemperature, 0, Array(repeating: 298.15, count: 60)))
    table.set(.cellVoltage, 2, row: 7, 3901)
    table.set(.current, row: 8, 15_000)
    table.set(.probeTemperature, row: 9, 25.5)
    table.set(.probeTemperature, row: 10, 298.65 + 273.15)
    let (cleaned, summary) = table.cleaned()
    #expect(abs(cleaned.values[table.position(.cellVoltage, 2)][7] - 3.901) < 1e-12)
    #expect(abs(cleaned.values[table.position(.current)][8] - 15) < 1e-12)
    #expect(abs(cleaned.values[table.position(.probeTemperature)][9] - 298.65) < 1e-9)
    #expect(abs(cleaned.values[table.position(.probeTemperature)][10] - 298.65) < 1e-9)
    #expect(summary.count(of: .unitSlip) == 4)
    #expect(summary.samplesSetAside == 0)
    let example = try #require(summary.examples.first { $0.quantity == .cellVoltage })
    #expect(example.rawValue == 3901 && example.note == "mV for V")
  }

  @Test("equal counts are listed in the order of their names")
  func orderOfCounts() {
    var table = TestTable.pack()
    let quantities: [QuantityKey] = [.odometer, .ambientTemperature, .vehicleSpeed, .stateOfCharge]
    for quantity in quantities {
      table.columns.append((quantity, 0, Array(repeating: 300, count: 60)))
      table.set(quantity, row: 5, .nan)
    }
    let missing = table.cleaned().1.counts.filter { $0.rule == .missing }.compactMap(\.quantity)
    #expect(missing == missing.sorted { $0.rawValue < $1.rawValue })
    #expect(missing.count == 4)
  }

  @Test("duplicates, conflicts and rows out of order are rejected, clock steps are believed")
  func order() {
    var table = TestTable.pack(rows: 60)
    for column in table.columns.indices { table.columns[column].2[10] = table.columns[column].2[9] }
    table.columns[0].2[20] = table.columns[0].2[19]
    table.columns[0].2[30] = table.columns[0].2[5]
    let (cleaned, summary) = table.cleaned()
    #expect(cleaned.rejectedRows == [10, 20, 30])
    #expect(summary.count(of: .duplicateRow) == 1)
    #expect(summary.count(of: .conflictingRow) == 1)
    #expect(summary.count(of: .outOfOrderRow) == 1)
    #expect(cleaned.acceptedRows.count == 57)

    var stepped = TestTable.pack(rows: 60)
    for row in 30..<60 { stepped.columns[0].2[row] -= 1e6 }
    let (again, steps) = stepped.cleaned()
    #expect(steps.count(of: .clockStep) == 1)
    #expect(again.rejectedRows.count == CleaningSettings().resynchronisationRows - 1)
  }

  @Test("a time that restarts with the cycle is no disorder")
  func restart() {
    var table = TestTable()
    table.columns = [
      (.time, 0, (0..<40).map { Double($0 % 20) }),
      (.cycleIndex, 0, (0..<40).map { Double($0 / 20) }),
      (.voltage, 0, Array(repeating: 3.7, count: 40)),
    ]
    let (cleaned, summary) = table.cleaned()
    #expect(cleaned.rejectedRows.isEmpty)
    #expect(summary.count(of: .timeRestart) == 1)
  }

  @Test("gaps are found against the usual interval")
  func gaps() throws {
    var table = TestTable.pack(rows: 60)
    for row in 40..<60 { table.columns[0].2[row] += 5000 }
    let (_, summary) = table.cleaned()
    #expect(summary.gapCount == 1)
    let gap = try #require(summary.longestGaps.first)
    #expect(abs(gap.length - 5010) < 1e-6)
    #expect(abs((summary.usualInterval ?? 0) / 10 - 1) < 0.1)
  }

  @Test("an isolated spike that siblings and neighbours contradict is withheld")
  func spike() {
    var table = TestTable.pack()
    table.set(.cellVoltage, 3, row: 20, 2.2)
    table.set(.cellVoltage, 5, row: 30, 4.4)
    let (cleaned, summary) = table.cleaned()
    #expect(cleaned.values[table.position(.cellVoltage, 3)][20].isNaN)
    #expect(cleaned.values[table.position(.cellVoltage, 5)][30].isNaN)
    #expect(cleaned.released.isEmpty)
    #expect(summary.count(of: .isolatedSpike) == 2)
    #expect(summary.samplesSetAside == 2)
  }

  @Test("columns without changes share the raw storage's values and carry no marks")
  func untouched() {
    let table = TestTable.pack()
    let (cleaned, summary) = table.cleaned()
    #expect(cleaned.values == cleaned.raw.columns)
    #expect(cleaned.flags.allSatisfy { $0.isEmpty })
    #expect(summary.counts.isEmpty)
    #expect(summary.samples == 60 * 10)
  }
}
