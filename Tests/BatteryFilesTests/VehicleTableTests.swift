// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of vehicle telemetry tables, synthetic and measured.

import BatteryDomain
import BatteryFiles
import Foundation
import TestSupport
import Testing

@Suite("Vehicle telemetry")
struct VehicleTableTests {
  private static let header =
    "tboxTime,BMSChargeStatus,vehSpeed,BMSBatteryVoltage,BMSBatteryCurrent,vehBMSPackSOC,"
    + "BMSProbeTempMax,vehOdo,insulationResistance,V_1,V_2,BMSProbeTempM,T_1,T_2\r\n"

  @Test("units, offsets and the clock come out in SI")
  func units() throws {
    let table = try WholeTable(
      text: Self.header + "2019-04-15 17:42:30,3.0,36,351.2,44.3,92,29,18837.7,5.0,"
        + "3.967,3.969,65.0,65.0,66.0\r\n")
    #expect(table.schema.format == "vehicle-telemetry")
    #expect(table.schema.timeReference == .unixEpoch)
    // 2019-04-15T09:42:30Z, from date -u -d '2019-04-15 17:42:30 +0800' +%s
    #expect(table.values(.time) == [1_555_321_350])
    #expect(table.values(.vehicleSpeed)[0].isApproximately(10))
    #expect(table.values(.current) == [44.3])
    #expect(table.values(.stateOfCharge)[0].isApproximately(0.92))
    #expect(table.values(.probeTemperatureMaximum) == [302.15])
    #expect(table.values(.probeTemperature, element: 1)[0].isApproximately(26 + 273.15))
    #expect(table.values(.probeTemperatureMean)[0].isApproximately(25 + 273.15))
    #expect(table.values(.odometer)[0].isApproximately(18_837_700))
    #expect(table.values(.insulationResistance) == [5000])
    #expect(table.values(.cellVoltage, element: 1) == [3.969])
    #expect(table.flags.joined().allSatisfy { $0.isEmpty })
  }

  @Test(
    "a Unix time is universal, in seconds, milliseconds and microseconds",
    arguments: ["1555321350", "1555321350000", "1555321350000000"])
  func unixTimes(text: String) throws {
    let table = try WholeTable(
      text: Self.header + text + ",3.0,36,351.2,44.3,92,29,18837.7,5.0,3.9,3.9,65.0,65.0,66.0\r\n")
    #expect(table.values(.time) == [1_555_321_350])
    #expect(table.marks(.time) == [[]])
  }

  @Test("sentinels keep their number and are marked")
  func sentinels() throws {
    let table = try WholeTable(
      text: Self.header + "2019-04-15 17:42:30,,36,351.2,44.3,92,29,18837.7,5.0,"
        + "65.535,0.0,65.0,255.0,254.0\r\n"
        + "2019-04-15 17:42:40,1,36,351.2,44.3,92,29,18837.7,5.0,65.534,6.06,65.0,65.0,65.0\r\n")
    #expect(table.values(.cellVoltage) == [65.535, 65.534])
    #expect(table.marks(.cellVoltage) == [.invalid, .abnormal])
    #expect(table.values(.cellVoltage, element: 1) == [0, 6.06])
    #expect(table.marks(.cellVoltage, element: 1) == [.outOfRange, .outOfRange])
    #expect(table.marks(.probeTemperature) == [.invalid, []])
    #expect(table.marks(.probeTemperature, element: 1) == [.abnormal, []])
    #expect(table.marks(.chargeState) == [.missing, []])
    #expect(table.values(.chargeState)[0].isNaN)
  }

  @Test("repeated and backward times are marked")
  func order() throws {
    let row = ",3.0,36,351.2,44.3,92,29,18837.7,5.0,3.9,3.9,65.0,65.0,65.0\n"
    let table = try WholeTable(
      text: Self.header
        + ["00", "10", "10", "05", "20", "30"].map { "2019-04-15 17:42:\($0)\(row)" }
        .joined())
    #expect(table.marks(.time) == [[], [], .duplicate, .outOfOrder, [], []])
  }

  @Test(
    "a measured table is read whole",
    .enabled(
      if: Datasets.has("ev_fault_vehicles/car2_processed.csv.zip"),
      Comment(rawValue: Datasets.skipMessage)))
  func measured() throws {
    let path = Datasets.file("ev_fault_vehicles/car2_processed.csv.zip").path
    let file = try DataFile.open(path)
    #expect(file.kind == .vehicle)
    #expect(file.wrappings == ["zip"])
    let table = try WholeTable(file.tables[0])
    #expect(table.rowCount == 14_385)
    #expect(table.schema.columns(of: .cellVoltage).count == 88)
    #expect(table.schema.columns(of: .probeTemperature).count == 19)
    #expect(table.marks(.time).count { $0.contains(.duplicate) } == 1)
    let zeros = (0..<88).map { cell in
      table.marks(.cellVoltage, element: cell).count { $0.contains(.outOfRange) }
    }
    // Counted with pandas: 463 cell voltages of exactly 0 V.
    #expect(zeros.reduce(0, +) == 463)
  }
}

extension Double {
  /// Whether two numbers agree to the rounding of a few operations.
  func isApproximately(_ other: Double) -> Bool {
    (self - other).magnitude <= 1e-12 * max(magnitude, other.magnitude)
  }
}
