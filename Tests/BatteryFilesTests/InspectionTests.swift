// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of inspection: spans, gaps, counts and the text.

import BatteryDomain
import BatteryFiles
import Foundation
import Testing

@Suite("Inspection")
struct InspectionTests {
  private func inspect(_ text: String) throws -> FileSummary {
    let scratch = Scratch(text)
    return try FileInspector.inspect(scratch.path)
  }

  @Test("rows, span, cells, gaps, repetitions and unusable values")
  func vehicle() throws {
    var text = "tboxTime,V_1,V_2,T_1\n"
    for second in 0..<60 {
      let clock = second < 30 ? "17:42:\(second < 10 ? "0" : "")\(second)" : "18:42:\(second)"
      text +=
        "2019-04-15 \(clock),3.9,\(second == 5 ? "65.535" : "3.8"),\(second == 7 ? "" : "65")\n"
      if second == 20 { text += "2019-04-15 \(clock),3.9,0,65\n" }
    }
    let table = try inspect(text).tables[0]
    #expect(table.rows == 61)
    #expect(table.cells == 2 && table.probes == 1)
    #expect(table.interval == 1)
    #expect(table.gaps.count == 1)
    // 17:42:29 is 1,555,321,349 s after the epoch; the next sample comes at 18:42:30.
    let gap = try #require(table.gaps.longest.first)
    #expect(gap.start == 1_555_321_349 && gap.seconds == 3601 && gap.row == 31)
    #expect(table.duplicates == 1 && table.outOfOrder == 0)
    let second = try #require(table.columns.first { $0.name == "V_2" })
    #expect(second.invalid == 1 && second.outOfRange == 1 && second.usable == 59)
    #expect(second.minimum == 3.8 && second.maximum == 3.8)
    let probe = try #require(table.columns.first { $0.name == "T_1" })
    #expect(probe.missing == 1)
    #expect(probe.mean.map { ($0 - 298.15).magnitude < 1e-9 } == true)
  }

  @Test("the text folds cells into a line and shows degrees Celsius")
  func text() throws {
    let summary = try inspect(
      "tboxTime,V_1,V_2,T_1,name\n2019-04-15 17:42:30,3.9,3.8,65,x\n"
        + "2019-04-15 17:42:40,3.9,3.8,66,y\n")
    let text = InspectionText.render(summary)
    #expect(text.contains("vehicle telemetry with cell voltages"))
    #expect(text.contains("2 rows"))
    #expect(text.contains("V_1 … V_2"))
    #expect(text.contains("25 to 26 °C"))
    #expect(text.contains("2019-04-15 09:42:30 to 2019-04-15 09:42:40 UTC"))
    #expect(text.contains("not read name"))
  }

  @Test("the table of a simulation is known by its own heading")
  func simulation() throws {
    let text = InspectionText.render(
      try inspect(
        "time_s,current_A,voltage_V,temperature_K,cycle,step\n0,5,4.1,298.15,1,1\n"
          + "60,5,4.0,300.15,1,1\n"))
    #expect(text.contains("simulation by this program"))
    #expect(text.contains("2 rows") && text.contains("25 to 27 °C"))
  }

  @Test("the summary is JSON and back")
  func codable() throws {
    let summary = try inspect("time,voltage\n0,3.7\n1,3.6\n")
    let data = try JSONEncoder().encode(summary)
    let copy = try JSONDecoder().decode(FileSummary.self, from: data)
    #expect(copy.tables[0].rows == 2)
    #expect(copy.format == "delimited")
  }
}
