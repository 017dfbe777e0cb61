// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of every format on a measured file; skipped where the data sets are absent.

import BatteryDomain
import BatteryFiles
import Foundation
import TestSupport
import Testing

@Suite(
  "Measured files",
  .enabled(
    if: Datasets.has("nasa_pcoe/mat/B0025.mat"), Comment(rawValue: Datasets.skipMessage)),
  .enabled(
    if: ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1",
    "reads many files: runs in release"))
struct MeasuredFilesReleaseTests {
  private func open(_ path: String) throws -> DataFile {
    try DataFile.open(Datasets.file(path).path)
  }

  @Test("LG HG2 (Digatron): minutes, discharge negative, signed charge counter")
  func digatron() throws {
    let file = try open("lg_hg2_soc/25degC/551_Cap_1C_parsed.csv")
    #expect(file.format == "digatron-lg" && file.kind == .cellTest)
    let table = try WholeTable(file.tables[0])
    let current = table.values(.current)
    #expect(current.max().map { ($0 - 3).magnitude < 0.1 } == true)
    #expect(table.values(.netCapacity).max().map { $0 / 3600 > 2.4 && $0 / 3600 < 3.1 } == true)
    #expect(table.values(.voltage).allSatisfy { $0 > 2 && $0 < 4.3 })
  }

  @Test("Samsung 30Q (xz): charge positive, no time, percent")
  func samsung() throws {
    let file = try open("samsung30q_hppc/DNN01_HPPC_1C_20amb_processed_scrubbed.csv.xz")
    #expect(file.format == "samsung30q" && file.wrappings == ["xz"])
    let table = try WholeTable(file.tables[0])
    #expect(table.schema.timeReference == .rowNumber)
    #expect(table.values(.current)[1] == 3.0313)
    #expect(table.values(.time)[10] == 10)
    #expect(table.values(.stateOfCharge)[0].isApproximately(1.000_002_143_440_764_4))
  }

  @Test("Arbin workbook: the channel, the statistics, dates as numbers")
  func arbin() throws {
    let file = try open("calce_cs2/raw_example/CS2_35_11_01_10.xlsx")
    #expect(file.format == "arbin" && file.tables.count == 2)
    let table = try WholeTable(file.tables[0])
    // The first row, read by eye from the sheet.
    #expect(table.values(.time)[0] == 30.001253641672541)
    #expect(table.values(.voltage)[0] == 3.6521556377410889)
    #expect(table.values(.current).max().map { $0 > 1.0 } == true)
    let date = try #require(table.schema.columns.firstIndex { $0.sourceName == "Date_Time" })
    // Serial 40480.4153125 is 2010-10-29 09:58:03.
    #expect((table.columns[date][0] - 1_288_346_283).magnitude < 1)
    let cycles = try WholeTable(file.tables[1])
    #expect(cycles.schema.format == "arbin-cycles")
    #expect(cycles.values(.dischargeCapacity)[0].isApproximately(0.97033920136441099 * 3600))
  }

  @Test("CALCE cycle table")
  func calce() throws {
    let file = try open("calce_cs2/CS2_35.csv")
    #expect(file.kind == .cycleTable)
    let table = try WholeTable(file.tables[0])
    #expect(table.values(.capacity)[0].isApproximately(1.126384506847021 * 3600))
    #expect(table.values(.cycleIndex)[0] == 1)
  }

  @Test("LFP impedance text: ohm, capacitive negative at low frequency")
  func impedance() throws {
    let file = try open("eis_lfp_soc_temperature/20degC/n2-D25-1h.txt")
    #expect(file.kind == .impedance)
    let table = try WholeTable(file.tables[0])
    #expect(table.values(.frequency)[0] == 1000)
    #expect(table.values(.impedanceReal)[0] == 5.16984e-4)
    #expect(table.values(.impedanceImaginary)[0] == 1.02112e-3)
    #expect(table.values(.impedanceImaginary).last == -2.88588e-4)
  }

  @Test("NASA B0025 (MATLAB): its own capacities are kept, charge is negative, time goes on")
  func nasa() throws {
    let file = try open("nasa_pcoe/mat/B0025.mat")
    #expect(file.format == "nasa-mat" && file.tables.count == 2)
    let table = try WholeTable(file.tables[0])
    let capacity = table.values(.capacity)
    let cycle = table.values(.cycleIndex)
    let time = table.values(.time)
    let current = table.values(.current)
    let step = table.values(.stepIndex)
    var stated: [Double: Double] = [:]
    for row in capacity.indices where !capacity[row].isNaN { stated[cycle[row]] = capacity[row] }
    #expect(stated.count == 28)
    #expect(stated[1].map { ($0 / 3600 - 1.847).magnitude < 0.0005 } == true)
    #expect(table.marks(.time).allSatisfy { !$0.contains(.outOfOrder) })
    #expect(zip(time, time.dropFirst()).allSatisfy { $0 <= $1 })
    // Charging is negative in the second record of the file.
    let charging = current.indices.filter { step[$0] == 2 }.map { current[$0] }
    #expect(charging.reduce(0, +) / Double(charging.count) < -0.5)
    let spectra = try WholeTable(file.tables[1])
    #expect(Set(spectra.values(.stepIndex)).count == 21)
    #expect(spectra.rowCount == 21 * 39)
    #expect((spectra.values(.internalResistance)[0] - 0.050_642_256_9).magnitude < 1e-9)
  }

  @Test("B0038 agrees between CSV and MATLAB")
  func sameBattery() throws {
    let csv = try WholeTable(open("nasa_pcoe/discharge_csv/B0038.csv").tables[0])
    let mat = try WholeTable(open("nasa_pcoe/mat/B0038.mat").tables[0])
    let capacity = mat.values(.capacity)
    let rows = capacity.indices.filter { !capacity[$0].isNaN }
    try #require(rows.count == csv.rowCount)
    for (quantity, values) in [QuantityKey.voltage, .current, .cycleIndex].map({
      ($0, mat.values($0))
    }) {
      let other = csv.values(quantity)
      #expect(rows.indices.allSatisfy { (values[rows[$0]] - other[$0]).magnitude < 1e-9 })
    }
  }

  @Test("DMEGC (MATLAB): one table per test, coulombs, continued time")
  func vectors() throws {
    let file = try open("electrothermal_dmegc/Exp25_R1.mat")
    #expect(file.tables.count == 6)
    let table = try WholeTable(file.tables[0])
    #expect(table.schema.sourceIdentity == "Exp25_R1 ocv_data")
    #expect(table.rowCount == 7624)
    #expect(table.values(.netCapacity).max().map { ($0 / 3600 - 2.7518).magnitude < 0.001 } == true)
    let random = try #require(file.tables.first { $0.schema.sourceIdentity.hasSuffix("rw_data") })
    let walk = try WholeTable(random)
    #expect(Set(walk.values(.cycleIndex)).count == 50)
    // Six records of the file end with a repeated sample.
    #expect(walk.marks(.time).count { $0 == .duplicate } == 6)
    #expect(walk.marks(.time).allSatisfy { $0.isEmpty || $0 == .duplicate })
  }

  @Test("indentation workbooks: one table per time base")
  func indentation() throws {
    let file = try open("isc_indentation_ornl_snl/LFP_15Ah_20SOC_cell1_MAX.xlsx")
    #expect(file.format == "indentation" && file.tables.count == 2)
    let table = try WholeTable(file.tables[0])
    #expect(table.rowCount == 6154 || table.rowCount > 1000)
    #expect(table.values(.force)[0].isApproximately(17.735 * 4.448_221_615_260_5))
    #expect(table.values(.voltage)[0] == 3.245)
    let heat = try WholeTable(file.tables[1])
    #expect(heat.values(.cellTemperature)[0].isApproximately(22.99264 + 273.15))
    let snl = try open("isc_indentation_ornl_snl/SNL_NMC-LMO_Graphite_26Ah_50SOC_a.xlsx")
    let rows = try WholeTable(snl.tables[0])
    #expect(rows.schema.columns.contains { $0.quantity == .force && $0.scale == 1 })
    #expect(rows.values(.displacement).count == rows.rowCount)
  }

  @Test("every file of the data sets that is a table opens, and reading never fails")
  func everything() throws {
    let folders = ["lg_hg2_soc", "isc_indentation_ornl_snl", "eis_lfp_soc_temperature"]
    for folder in folders {
      let root = Datasets.file(folder)
      let names = FileManager.default.enumerator(atPath: root.path)?.allObjects ?? []
      for case let name as String in names where !name.hasSuffix(".md") {
        let path = root.appending(path: name).path
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        if isFolder.boolValue || name.hasSuffix("labels.csv") { continue }
        if name.contains("Mixed") || name.contains("HPPC") || name.contains("US06") { continue }
        do {
          let file = try DataFile.open(path)
          for table in file.tables { #expect(try WholeTable(table).rowCount > 0, "\(name)") }
        } catch {
          Issue.record("\(error)")
        }
      }
    }
  }
}
