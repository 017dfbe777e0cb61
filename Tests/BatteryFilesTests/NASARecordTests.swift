// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of the NASA discharge records in CSV.

import BatteryDomain
import BatteryFiles
import Foundation
import TestSupport
import Testing

@Suite("NASA discharge records")
struct NASARecordTests {
  @Test("discharge is positive, kelvin inside, and time goes on over the cycles")
  func synthetic() throws {
    let table = try WholeTable(
      text: "Voltage_measured,Current_measured,Temperature_measured,Current_load,Voltage_load,"
        + "Time,cycle_idx\n4.19,-0.5,24,-0.5,0,0,1\n4.1,-2,25,-2,3,10,1\n"
        + "4.18,-0.25,24,0,0,0,2\n4.0,-2,26,-2,3,12,2\n")
    #expect(table.schema.format == "nasa-csv")
    #expect(table.values(.current) == [0.5, 2, 0.25, 2])
    #expect(table.values(.cellTemperature) == [297.15, 298.15, 297.15, 299.15])
    #expect(table.values(.stepTime) == [0, 10, 0, 12])
    #expect(table.values(.time) == [0, 10, 20, 32])
    #expect(table.values(.cycleIndex) == [1, 1, 2, 2])
    #expect(table.marks(.time).allSatisfy { $0.isEmpty })
  }

  @Test(
    "B0005 has 168 discharges, the first of 1.86 Ah",
    .enabled(
      if: Datasets.has("nasa_pcoe/discharge_csv/B0005.csv"),
      Comment(rawValue: Datasets.skipMessage)))
  func measured() throws {
    let table = try WholeTable(
      path: Datasets.file("nasa_pcoe/discharge_csv/B0005.csv").path)
    let cycles = table.values(.cycleIndex)
    #expect(Set(cycles).count == 168)
    let time = table.values(.time)
    let current = table.values(.current)
    var charge = 0.0
    for row in 1..<table.rowCount where cycles[row] == 1 {
      charge += (current[row] + current[row - 1]) / 2 * (time[row] - time[row - 1])
    }
    // The data set's README: 1.862 Ah to the end of the record.
    #expect((charge / 3600 - 1.862).magnitude < 0.002)
  }
}
