// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of cycler exports on small synthetic files with the titles that the cyclers print.

import BatteryDomain
import BatteryFiles
import Foundation
import Testing

@Suite("Cycler exports")
struct CyclerExportTests {
  private func open(_ text: String) throws -> (DataFile, WholeTable) {
    let scratch = Scratch(text)
    let file = try DataFile.open(scratch.path)
    return (file, try WholeTable(file.tables[0]))
  }

  @Test("Arbin CSV")
  func arbin() throws {
    let (file, table) = try open(
      """
      Data_Point,Test_Time(s),Date_Time,Step_Time(s),Step_Index,Cycle_Index,Current(A),Voltage(V),\
      Charge_Capacity(Ah),Discharge_Capacity(Ah),Internal_Resistance(Ohm)
      1,30.0,2010-09-27 14:12:48,30.0,1,1,0.5,3.45,0.1,0.2,0.05
      2,60.0,2010-09-27 14:13:18,60.0,1,1,-0.5,3.46,0.1,0.2,0.05

      """)
    #expect(file.format == "arbin")
    #expect(table.values(.time) == [30, 60])
    #expect(table.values(.current) == [-0.5, 0.5])
    #expect(table.values(.chargeCapacity) == [360, 360])
    #expect(table.values(.internalResistance) == [0.05, 0.05])
  }

  @Test("Neware BTSDA CSV: durations, milliampere, signed current")
  func neware() throws {
    let (file, table) = try open(
      """
      DataPoint,Cycle Index,Step Index,Step Type,Time,Total Time,Current(mA),Voltage(V),\
      Capacity(mAh),Chg. Cap.(mAh),DChg. Cap.(mAh),Energy(mWh),Date,Power(W)
      1,1,1,Rest,00:00:00.000,0:00:00,0.0,3.5,0,0,0,0,2023-05-01 10:00:00,0
      2,1,2,CC Chg,00:00:10.500,26:00:10.5,1500.0,3.6,4,4,0,14,2023-05-01 10:00:10,5.4
      3,1,3,CC DChg,00:00:20.000,26:00:30,-1500.0,3.4,8,0,8,28,2023-05-01 10:00:30,-5.1

      """)
    #expect(file.format == "neware")
    #expect(file.ignoredColumns == ["Step Type"])
    #expect(table.values(.time) == [0, 93_610.5, 93_630])
    #expect(table.values(.stepTime) == [0, 10.5, 20])
    #expect(table.values(.current) == [0, -1.5, 1.5])
    #expect(table.values(.power) == [0, -5.4, 5.1])
    #expect(table.values(.dischargeCapacity)[2].isApproximately(28.8))
  }

  @Test("Neware with Chinese titles in GB 18030")
  func newareChinese() throws {
    // 数据序号,循环号,工步号,总时间,电流(A),电压(V) in GB 18030
    let titles: [UInt8] = [
      0xCA, 0xFD, 0xBE, 0xDD, 0xD0, 0xF2, 0xBA, 0xC5, 0x2C, 0xD1, 0xAD, 0xBB, 0xB7, 0xBA, 0xC5,
      0x2C,
      0xB9, 0xA4, 0xB2, 0xBD, 0xBA, 0xC5, 0x2C, 0xD7, 0xDC, 0xCA, 0xB1, 0xBC, 0xE4, 0x2C, 0xB5,
      0xE7,
      0xC1, 0xF7, 0x28, 0x41, 0x29, 0x2C, 0xB5, 0xE7, 0xD1, 0xB9, 0x28, 0x56, 0x29, 0x0A,
    ]
    let scratch = Scratch(titles + Array("1,1,1,0:00:00,1.5,3.6\n2,1,1,0:00:10,1.5,3.7\n".utf8))
    let file = try DataFile.open(scratch.path)
    #expect(file.format == "neware")
    let table = try WholeTable(file.tables[0])
    #expect(table.values(.current) == [-1.5, -1.5])
    #expect(table.values(.voltage) == [3.6, 3.7])
    #expect(table.values(.time) == [0, 10])
  }

  @Test("Maccor text: preamble, day durations, magnitudes with a state")
  func maccor() throws {
    let (file, table) = try open(
      "Today''s Date\t03/28/2022 12:50:27 PM\n\nDate of Test:\t08/23/2021 6:04:18 PM\n\n"
        + "Rec#\tCyc#\tStep\tTestTime\tStepTime\tAmp-hr\tWatt-hr\tAmps\tVolts\tState\tES\tDPt Time\n"
        + "1\t0\t1\t  0d 00:00:00.00\t  0d 00:00:00.00\t0.0\t0.0\t0.0\t3.3\tR\t0\t08/23/2021 6:04:18 PM\n"
        + "2\t0\t2\t  1d 00:01:00.50\t  0d 00:01:00.00\t0.1\t0.0\t1.5\t3.4\tC\t1\t08/23/2021 6:05:18 PM\n"
        + "3\t0\t3\t  1d 00:02:00.00\t  0d 00:02:00.00\t0.2\t0.0\t1.5\t3.2\tD\t1\t08/23/2021 6:06:18 PM\n"
    )
    #expect(file.format == "maccor")
    #expect(table.values(.time) == [0, 86_460.5, 86_520])
    #expect(table.values(.current) == [0, -1.5, 1.5])
    let date = try #require(table.schema.columns.firstIndex { $0.sourceName == "DPt Time" })
    // 2021-08-23 18:05:18 on the clock of the file.
    #expect(table.columns[date][1] == 1_629_741_918)
  }

  @Test(
    "BioLogic text: header block, Latin-1, decimal point or comma", arguments: [".", ","])
  func biologic(point: String) throws {
    let rows = [
      ["3", "0.0", "3.50", "100.0", "0.25", "1.0", "25.5"],
      ["3", "1.5", "3.40", "-2000.0", "-0.50", "1.0", "26.5"],
    ]
    let text =
      "EC-Lab ASCII FILE\r\nNb header lines : 5\r\nEcell ctrl range : min = 0.00 V, max = 5.00 V\r\n"
      + "\r\nmode\ttime/s\tEcell/V\t<I>/mA\t(Q-Qo)/mA.h\tcycle number\tTemperature/\u{B0}C\r\n"
      + rows.map { $0.map { $0.replacing(".", with: point) }.joined(separator: "\t") + "\r\n" }
      .joined()
    let bytes = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    let scratch = Scratch(bytes, name: "test.mpt")
    let file = try DataFile.open(scratch.path)
    #expect(file.format == "biologic")
    let table = try WholeTable(file.tables[0])
    #expect(table.values(.time) == [0, 1.5])
    #expect(table.values(.voltage) == [3.5, 3.4])
    #expect(table.values(.current) == [-0.1, 2])
    #expect(table.values(.netCapacity)[1].isApproximately(1.8))
    #expect(table.values(.cellTemperature) == [298.65, 299.65])
  }

  @Test("BioLogic impedance: the printed −Im(Z) is turned")
  func biologicImpedance() throws {
    let (file, table) = try open(
      "EC-Lab ASCII FILE\nNb header lines : 3\n"
        + "freq/Hz\tRe(Z)/Ohm\t-Im(Z)/Ohm\t|Z|/Ohm\tPhase(Z)/deg\n"
        + "1000\t0.010\t0.002\t0.0102\t-11.3\n10\t0.020\t0.005\t0.0206\t-14.0\n")
    #expect(file.kind == .impedance)
    #expect(table.values(.impedanceImaginary) == [-0.002, -0.005])
  }

  @Test("an impedance text that prints −Z'' is turned by its phase")
  func impedanceSign() throws {
    let (file, table) = try open(
      "Freq(Hz)\tAmpl(A)\tBias(V)\tTime(Sec)\tZ'(Ohm.cm²)\tZ''(Ohm.cm²)\t|Z|(Ohm.cm²)\tPhase\n"
        + "100\t20\t3.2\t1\t0.010\t0.002\t0.0102\t-11.3\n10\t20\t3.2\t2\t0.02\t0.005\t0.02\t-14\n")
    #expect(file.notes.contains { $0.contains("flipped") })
    #expect(table.values(.impedanceImaginary) == [-0.002, -0.005])
    #expect(table.values(.impedanceReal) == [0.01, 0.02])
  }

  @Test("Digatron with a line of units and semicolons")
  func digatron() throws {
    let (file, table) = try open(
      "Step;Status;Prog Time;Step Time;Voltage;Current;AhAccu;Temperature\n"
        + ";;[h:m:s];[h:m:s];[V];[A];[Ah];[degC]\n"
        + "1;DCH;00:00:01;00:00:01;3,7;-2,5;-0,5;25\n1;DCH;00:00:02;00:00:02;3,6;-2,5;-1;25,5\n")
    #expect(file.format == "digatron")
    #expect(table.values(.time) == [1, 2])
    #expect(table.values(.current) == [2.5, 2.5])
    #expect(table.values(.netCapacity) == [1800, 3600])
    #expect(table.values(.cellTemperature) == [298.15, 298.65])
  }

  @Test("Battery Data Format: charge positive comes in as discharge positive")
  func batteryDataFormat() throws {
    let (file, table) = try open(
      "Test Time / s,Voltage / V,Current / A,Cycle Count / 1,Net Capacity / Ah,"
        + "Ambient Temperature / degC\n0,3.7,1.5,1,0.5,25\n1,3.8,-1.5,1,0.25,26\n")
    #expect(file.format == "bdf")
    #expect(table.values(.current) == [-1.5, 1.5])
    #expect(table.values(.netCapacity) == [-1800, -900])
    #expect(table.values(.ambientTemperature) == [298.15, 299.15])
    let (machine, second) = try open(
      "test_time_second,voltage_volt,current_ampere\n0,3.7,2\n1,3.7,2\n")
    #expect(machine.format == "bdf")
    #expect(second.values(.current) == [-2, -2])
  }

  @Test("a table of plain names says that its sign is assumed")
  func plain() throws {
    let (file, table) = try open("time,U,I\n0,3.7,1\n1,3.7,1\n")
    #expect(file.format == "delimited")
    #expect(file.notes.contains { $0.contains("taken as charge") })
    #expect(table.values(.current) == [-1, -1])
  }
}
