// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Property: however a stream is cut into batches, cleaning does the same.

import BatteryDomain
import Cleaning
import Testing

/// SplitMix64, so that a failing case can be repeated.
struct Dice: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

@Suite struct BatchingTests {
  /// A pack with everything that can go wrong, at random.
  private func troubledTable(_ dice: inout Dice) -> TestTable {
    var table = TestTable.pack(cells: 12, rows: 400)
    table.columns.append((.probeTemperature, 0, Array(repeating: 298, count: 400)))
    for _ in 0..<60 {
      let row = Int.random(in: 0..<400, using: &dice)
      let cell = Int.random(in: 0..<12, using: &dice)
      switch Int.random(in: 0..<9, using: &dice) {
      case 0: table.set(.cellVoltage, cell, row: row, 0)
      case 1: table.set(.cellVoltage, cell, row: row, 65.535)
      case 2: table.set(.cellVoltage, cell, row: row, 2.1)
      case 3: for next in row..<400 { table.set(.cellVoltage, cell, row: next, 2.5) }
      case 4: table.columns[0].2[row] = table.columns[0].2[max(0, row - 1)]
      case 5: table.columns[0].2[row] -= 300
      case 6: for next in row..<400 { table.columns[0].2[next] += 2000 }
      case 7: for any in 0..<12 { table.set(.cellVoltage, any, row: row, 2.2) }
      default: table.set(.current, row: row, Double.random(in: -100...100, using: &dice))
      }
    }
    return table
  }

  @Test("the same samples are set aside for any batch size", arguments: 1...30)
  func invariance(seed: Int) {
    var dice = Dice(state: UInt64(seed))
    let table = troubledTable(&dice)
    var whole = StreamCleaner(schema: table.schema)
    let all = whole.clean(table.batch())
    var pieces = StreamCleaner(schema: table.schema)
    var start = 0
    var values = table.columns.map { _ in [Double]() }
    var rejected: [Int] = []
    var released: [SampleReference] = []
    while start < table.rowCount {
      let size = Bool.random(using: &dice) ? 1 : Int.random(in: 1...37, using: &dice)
      let end = min(table.rowCount, start + size)
      let part = pieces.clean(table.batch(start..<end))
      for column in values.indices { values[column] += part.values[column] }
      rejected += part.rejectedRows.map { $0 + start }
      released += part.released
      start = end
    }
    for column in values.indices {
      #expect(values[column].map(\.bitPattern) == all.values[column].map(\.bitPattern))
    }
    #expect(rejected == all.rejectedRows)
    #expect(released == all.released)
    #expect(pieces.summary == whole.summary)
  }
}
