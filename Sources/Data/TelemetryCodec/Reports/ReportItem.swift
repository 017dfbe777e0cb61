// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One information item of a report: dispatch on edition and type.

/// One information item of a real-time or reissued report.
public enum ReportItem: Hashable, Sendable {
  /// The vehicle as a whole: type 01.
  case vehicle(VehicleData)
  /// Drive motors: type 02.
  case motors(Counted<MotorData>)
  /// Fuel cell: type 03 of 2016.
  case fuelCell(FuelCellData)
  /// Fuel-cell engine: type 03 of 2025.
  case fuelCellEngine(FuelCellEngineData)
  /// Combustion engine: type 04.
  case engine(EngineData)
  /// Position: type 05.
  case position(PositionData)
  /// Extremes: type 06 of 2016.
  case extremes(ExtremesData)
  /// Alarms: type 07 of 2016, 06 of 2025.
  case alarms(AlarmData)
  /// Cell voltages: type 08 of 2016, 07 of 2025.
  case cellVoltages(Counted<CellVoltageGroup>)
  /// Probe temperatures: type 09 of 2016, 08 of 2025.
  case temperatures(Counted<TemperatureGroup>)
  /// Fuel-cell stacks: type 30 of 2025.
  case fuelCellStacks(Counted<FuelCellStackData>)
  /// Supercapacitor: type 31 of 2025.
  case supercapacitor(SupercapacitorData)
  /// Supercapacitor extremes: type 32 of 2025.
  case supercapacitorExtremes(ExtremesData)
  /// User-defined: types 80–FE.
  case custom(type: UInt8, bytes: [UInt8])
  /// Signature over time and items: type FF of 2025, last.
  case signature(SignatureBlock)

  /// Whether an item of this type can be decoded in an edition; the length of others is unknown.
  static func isKnown(_ type: UInt8, in edition: Edition) -> Bool {
    switch edition {
    case .edition2016: (1...9).contains(type) || (0x80...0xFE).contains(type)
    case .edition2025:
      (1...8).contains(type) || (0x30...0x32).contains(type) || type >= 0x80
    }
  }

  /// Decodes the body of an item whose type byte has been read; nil for an unknown type.
  init?(type: UInt8, _ reader: inout ByteReader, edition: Edition) throws(CodecError) {
    switch (edition, type) {
    case (_, 0x01): self = .vehicle(try VehicleData(&reader, edition: edition))
    case (_, 0x02):
      let count = try reader.count8()
      var motors: [MotorData] = []
      for _ in 0..<count.elements { motors.append(try MotorData(&reader, edition: edition)) }
      self = .motors(Counted(rawCount: count.raw, elements: motors))
    case (.edition2016, 0x03): self = .fuelCell(try FuelCellData(&reader))
    case (.edition2025, 0x03): self = .fuelCellEngine(try FuelCellEngineData(&reader))
    case (_, 0x04): self = .engine(try EngineData(&reader, edition: edition))
    case (_, 0x05): self = .position(try PositionData(&reader, edition: edition))
    case (.edition2016, 0x06):
      self = .extremes(try ExtremesData(&reader, element: .number8))
    case (.edition2016, 0x07), (.edition2025, 0x06):
      self = .alarms(try AlarmData(&reader, edition: edition))
    case (.edition2016, 0x08), (.edition2025, 0x07):
      let count = try reader.count8()
      var groups: [CellVoltageGroup] = []
      for _ in 0..<count.elements {
        groups.append(try CellVoltageGroup(&reader, edition: edition))
      }
      self = .cellVoltages(Counted(rawCount: count.raw, elements: groups))
    case (.edition2016, 0x09), (.edition2025, 0x08):
      let count = try reader.count8()
      var groups: [TemperatureGroup] = []
      for _ in 0..<count.elements { groups.append(try TemperatureGroup(&reader)) }
      self = .temperatures(Counted(rawCount: count.raw, elements: groups))
    case (.edition2025, 0x30):
      let count = try reader.count8()
      var stacks: [FuelCellStackData] = []
      for _ in 0..<count.elements { stacks.append(try FuelCellStackData(&reader)) }
      self = .fuelCellStacks(Counted(rawCount: count.raw, elements: stacks))
    case (.edition2025, 0x31): self = .supercapacitor(try SupercapacitorData(&reader))
    case (.edition2025, 0x32):
      self = .supercapacitorExtremes(try ExtremesData(&reader, element: .number16))
    case (.edition2025, 0xFF): self = .signature(try SignatureBlock(&reader))
    case (_, 0x80...0xFE):
      self = .custom(type: type, bytes: try reader.bytes(Int(try reader.word())))
    default: return nil
    }
  }
}
