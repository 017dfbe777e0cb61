// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of delimited text: quotes, line ends, blocks, explicit mapping.

import BatteryDomain
import BatteryFiles
import Foundation
import Testing

@Suite("Delimited text")
struct DelimitedTextTests {
  private let mapping = "time=t[min],voltage=Ucell[mV],current=-I[A]"

  @Test(
    "separators, quotes, line ends and marks give the same table",
    arguments: [
      "t,Ucell,I\n0,3700,1.5\n1,3650,1.5\n",
      "\u{FEFF}t,Ucell,I\r\n0,3700,1.5\r\n1,3650,1.5\r\n",
      "t;Ucell;I\r\n0;3700;1,5\r\n1;3650;1,5",
      "t\tUcell\tI\n0\t3700\t1.5\n\n1\t3650\t1.5\n\n",
      "\"t\",\"Ucell\",\"I\"\n\"0\",\"3700\",\"1.5\"\n\" 1\",3650,\"1.5\"\n",
      "t|Ucell|I\r0|3700|1.5\r1|3650|1.5\r",
      "t,comment,Ucell,I\n0,\"a, \"\"b\"\"\nc\",3700,1.5\n1,,3650,1.5\n",
      "  t , Ucell , I \n 0 , 3700 , 1.5 \n 1 , 3650 , 1.5 \n",
    ])
  func same(text: String) throws {
    let table = try WholeTable(
      text: text, options: ReadOptions(columns: try ColumnMapping.parse(mapping)))
    #expect(table.values(.time) == [0, 60])
    #expect(table.values(.voltage)[0].isApproximately(3.7))
    #expect(table.values(.voltage)[1].isApproximately(3.65))
    #expect(table.values(.current) == [-1.5, -1.5])
  }

  @Test("columns by position, by pattern, and dates without a unit")
  func positions() throws {
    let table = try WholeTable(
      text: "2024-01-01 00:00:00,3.70\n2024-01-01 00:00:10,3.71\n",
      options: ReadOptions(columns: try ColumnMapping.parse("time=#1,voltage=#2[V]")))
    #expect(table.schema.timeReference == .unixEpoch)
    #expect(table.values(.time) == [1_704_067_200, 1_704_067_210])
    let cells = try WholeTable(
      text: "clock,U1 mV,U2 mV\n0,3700,3800\n1,3700,3800\n",
      options: ReadOptions(columns: try ColumnMapping.parse("time=clock[s],cell_voltage=U* mV[mV]"))
    )
    #expect(cells.schema.columns(of: .cellVoltage).count == 2)
    #expect(cells.values(.cellVoltage, element: 1)[0].isApproximately(3.8))
  }

  @Test(
    "a wrong mapping is refused with the reason",
    arguments: [
      ("voltage", "no '='"), ("volts=U", "no quantity"), ("voltage=U[A]", "no unit"),
      ("voltage=", "names no column"), ("", "empty"), ("voltage=U*V*", "more than one"),
    ])
  func refused(text: String, reason: String) {
    let error = #expect(throws: ColumnMapping.SyntaxError.self) {
      try ColumnMapping.parse(text)
    }
    #expect(error?.message.contains(reason) == true)
  }

  @Test("a column that is not there is named")
  func absent() throws {
    let error = #expect(throws: FileError.self) {
      try WholeTable(
        text: "t,U\n0,1\n", options: ReadOptions(columns: try ColumnMapping.parse("voltage=V")))
    }
    #expect(error?.message.contains("column V") == true)
    #expect(error?.message.contains("t, U") == true)
  }

  @Test("blocks cut the text anywhere without a trace")
  func blocks() throws {
    // 3 MB in rows of changing length, so that block borders fall everywhere.
    var random = SplitMix(seed: 7)
    var expected: [Double] = []
    var text = "time,voltage,comment\n"
    for row in 0..<60_000 {
      let value = Double(Int.random(in: 0..<5_000_000, using: &random)) / 1_000_000
      expected.append(value)
      let filler = String(repeating: "x", count: Int.random(in: 0..<40, using: &random))
      let quoted = row % 3 == 0 ? "\"\(filler),\n\(filler)\"" : filler
      text += "\(row),\(value),\(quoted)\n"
    }
    let table = try WholeTable(text: text)
    #expect(table.values(.voltage) == expected)
    #expect(table.values(.time) == (0..<60_000).map(Double.init))
  }

  @Test("the batch size does not change the table")
  func batches() throws {
    let text = "time,voltage\n" + (0..<1000).map { "\($0),\(3 + Double($0) / 1000)\n" }.joined()
    let whole = try WholeTable(text: text)
    for rows in [1, 7, 999, 100_000] {
      let part = try WholeTable(text: text, options: ReadOptions(batchRows: rows))
      #expect(part.columns == whole.columns)
    }
  }

  @Test("a file without time counts rows at the stated interval")
  func interval() throws {
    let table = try WholeTable(
      text: "voltage,current\n3.7,1\n3.6,1\n3.5,1\n", options: ReadOptions(rowInterval: 0.1))
    #expect(table.schema.timeReference == .rowNumber)
    #expect(table.values(.time) == [0, 0.1, 0.2])
  }
}
