// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Every scaled number of the protocol, with the definition of each.

/// Every scaled number that occurs in a data unit; the ``definition`` states unit and range.
///
/// Units are coherent SI, with two exceptions that are customary: positions in degrees and
/// rotational speeds in revolutions per second.
public enum FieldKind: UInt8, CaseIterable, Hashable, Sendable {
  /// Vehicle speed, 2016.
  case speed2016
  /// Vehicle speed, 2025.
  case speed2025
  /// Distance driven since manufacture.
  case odometer
  /// Total voltage of the vehicle or of a subsystem, 2016.
  case packVoltage2016
  /// Total voltage of the vehicle or of a pack, 2025.
  case packVoltage2025
  /// Total current of the vehicle or of a subsystem, discharge positive, 2016.
  case packCurrent2016
  /// Total current of the vehicle or of a pack, discharge positive, 2025.
  case packCurrent2025
  /// State of charge as a fraction.
  case stateOfCharge
  /// Insulation resistance.
  case insulationResistance
  /// Position of the accelerator as a fraction.
  case accelerator
  /// Position of the brake as a fraction; raw 101 means pressed without a percentage.
  case brake
  /// Temperature in one byte.
  case temperature
  /// Rotational speed of a motor, 2016.
  case motorSpeed2016
  /// Rotational speed of a motor, 2025.
  case motorSpeed2025
  /// Torque of a motor, 2016.
  case motorTorque2016
  /// Torque of a motor, 2025.
  case motorTorque2025
  /// Input voltage of a motor controller.
  case controllerVoltage
  /// Direct current of a motor controller.
  case controllerCurrent
  /// Voltage of a fuel cell or fuel-cell stack.
  case fuelCellVoltage
  /// Current of a fuel cell or fuel-cell stack.
  case fuelCellCurrent
  /// Hydrogen consumed per distance.
  case hydrogenConsumption
  /// Temperature of a fuel-cell probe in one byte.
  case fuelCellTemperature
  /// Highest temperature of the hydrogen system, at the scale of 2016.
  case hydrogenTemperature
  /// Highest hydrogen concentration as a fraction.
  case hydrogenConcentration
  /// Highest pressure of the hydrogen system.
  case hydrogenPressure
  /// Hydrogen left as a fraction.
  case hydrogenRemaining
  /// Inlet pressure of a fuel-cell stack, relative to the surroundings.
  case stackPressure
  /// Number of a probe or sensor, from 1.
  case sensorNumber
  /// Rotational speed of the crankshaft.
  case crankshaftSpeed
  /// Fuel consumed per distance.
  case fuelConsumption
  /// Magnitude of the longitude, in degrees.
  case longitude
  /// Magnitude of the latitude, in degrees.
  case latitude
  /// Number of a subsystem, cell or probe in one byte, from 1.
  case number8
  /// Number of a cell or probe in two bytes, from 1.
  case number16
  /// Number of cells in a subsystem.
  case cellTotal
  /// Voltage of a cell or parallel group.
  case cellVoltage
  /// Highest alarm level, 2016.
  case alarmLevel2016
  /// Highest alarm level, 2025.
  case alarmLevel2025
  /// Total voltage of a supercapacitor.
  case supercapacitorVoltage

  /// Width, scale, offset, range and unit of the field.
  ///
  /// - Reference: GB/T 32960.3-2016 and GB/T 32960.3-2025, data units of the real-time report.
  public var definition: FieldDefinition {
    switch self {
    case .speed2016: .init(bytes: 2, over: 36, range: 0...2_200, unit: "m/s")
    case .speed2025: .init(bytes: 2, over: 36, range: 0...3_000, unit: "m/s")
    case .odometer: .init(bytes: 4, times: 100, range: 0...9_999_999, unit: "m")
    case .packVoltage2016: .init(bytes: 2, over: 10, range: 0...10_000, unit: "V")
    case .packVoltage2025: .init(bytes: 2, over: 10, range: 0...60_000, unit: "V")
    case .packCurrent2016:
      .init(bytes: 2, shift: -10_000, over: 10, range: 0...20_000, unit: "A")
    case .packCurrent2025:
      .init(bytes: 2, shift: -30_000, over: 10, range: 0...60_000, unit: "A")
    case .stateOfCharge, .accelerator, .hydrogenRemaining:
      .init(bytes: 1, over: 100, range: 0...100)
    case .brake: .init(bytes: 1, over: 100, range: 0...101)
    case .insulationResistance: .init(bytes: 2, times: 1_000, range: 0...60_000, unit: "Ω")
    case .temperature: .init(bytes: 1, shift: 233.15, range: 0...250, unit: "K")
    case .motorSpeed2016:
      .init(bytes: 2, shift: -20_000, over: 60, range: 0...65_531, unit: "1/s")
    case .motorSpeed2025:
      .init(bytes: 2, shift: -32_000, over: 60, range: 0...65_531, unit: "1/s")
    case .motorTorque2016:
      .init(bytes: 2, shift: -20_000, over: 10, range: 0...65_531, unit: "N·m")
    case .motorTorque2025:
      .init(bytes: 4, shift: -200_000, over: 10, range: 0...400_000, unit: "N·m")
    case .controllerVoltage: .init(bytes: 2, over: 10, range: 0...60_000, unit: "V")
    case .controllerCurrent:
      .init(bytes: 2, shift: -10_000, over: 10, range: 0...20_000, unit: "A")
    case .fuelCellVoltage: .init(bytes: 2, over: 10, range: 0...20_000, unit: "V")
    case .fuelCellCurrent: .init(bytes: 2, over: 10, range: 0...20_000, unit: "A")
    case .hydrogenConsumption: .init(bytes: 2, over: 1e7, range: 0...60_000, unit: "kg/m")
    case .fuelCellTemperature: .init(bytes: 1, shift: 233.15, range: 0...240, unit: "K")
    case .hydrogenTemperature:
      .init(bytes: 2, shift: 2_331.5, over: 10, range: 0...2_400, unit: "K")
    case .hydrogenConcentration: .init(bytes: 2, over: 1e6, range: 0...60_000)
    case .hydrogenPressure: .init(bytes: 2, times: 1e5, range: 0...1_000, unit: "Pa")
    case .stackPressure:
      .init(bytes: 2, shift: -1_000, times: 100, range: 0...5_000, unit: "Pa")
    case .sensorNumber: .init(bytes: 1, range: 1...252)
    case .crankshaftSpeed: .init(bytes: 2, over: 60, range: 0...60_000, unit: "1/s")
    case .fuelConsumption: .init(bytes: 2, over: 1e10, range: 0...60_000, unit: "m³/m")
    case .longitude: .init(bytes: 4, over: 1e6, range: 0...180_000_000, unit: "°")
    case .latitude: .init(bytes: 4, over: 1e6, range: 0...90_000_000, unit: "°")
    case .number8: .init(bytes: 1, range: 1...250)
    case .number16, .cellTotal: .init(bytes: 2, range: 1...65_531)
    case .cellVoltage: .init(bytes: 2, over: 1_000, range: 0...60_000, unit: "V")
    case .alarmLevel2016: .init(bytes: 1, range: 0...3)
    case .alarmLevel2025: .init(bytes: 1, range: 0...4)
    case .supercapacitorVoltage: .init(bytes: 2, over: 10, range: 0...10_000, unit: "V")
    }
  }
}
