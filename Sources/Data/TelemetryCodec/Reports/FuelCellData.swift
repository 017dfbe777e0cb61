// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Items 03 and 30: fuel cells and their hydrogen system.

/// The highest readings of the hydrogen system, shared by both editions' item 03.
public struct HydrogenExtremes: Hashable, Sendable {
  /// Highest temperature: ``FieldKind/hydrogenTemperature``. Sources disagree on the scale of the
  /// 2025 edition; the raw number is certain.
  public var temperature: WireValue
  /// Probe of the highest temperature: ``FieldKind/sensorNumber``.
  public var temperatureProbe: WireValue
  /// Highest concentration: ``FieldKind/hydrogenConcentration``.
  public var concentration: WireValue
  /// Sensor of the highest concentration: ``FieldKind/sensorNumber``.
  public var concentrationSensor: WireValue
  /// Highest pressure: ``FieldKind/hydrogenPressure``.
  public var pressure: WireValue
  /// Sensor of the highest pressure: ``FieldKind/sensorNumber``.
  public var pressureSensor: WireValue
  /// The high-voltage DC/DC converter.
  public var converter: ConverterState

  /// Creates readings that are all *invalid*, to be filled in.
  public init() {
    temperature = .invalid(.hydrogenTemperature)
    temperatureProbe = .invalid(.sensorNumber)
    concentration = .invalid(.hydrogenConcentration)
    concentrationSensor = .invalid(.sensorNumber)
    pressure = .invalid(.hydrogenPressure)
    pressureSensor = .invalid(.sensorNumber)
    converter = .invalid
  }

  init(_ reader: inout ByteReader) throws(CodecError) {
    temperature = try reader.value(.hydrogenTemperature)
    temperatureProbe = try reader.value(.sensorNumber)
    concentration = try reader.value(.hydrogenConcentration)
    concentrationSensor = try reader.value(.sensorNumber)
    pressure = try reader.value(.hydrogenPressure)
    pressureSensor = try reader.value(.sensorNumber)
    converter = ConverterState(rawValue: try reader.byte())
  }

  func write(to writer: inout ByteWriter) throws(CodecError) {
    try writer.value(temperature, as: .hydrogenTemperature)
    try writer.value(temperatureProbe, as: .sensorNumber)
    try writer.value(concentration, as: .hydrogenConcentration)
    try writer.value(concentrationSensor, as: .sensorNumber)
    try writer.value(pressure, as: .hydrogenPressure)
    try writer.value(pressureSensor, as: .sensorNumber)
    writer.byte(converter.rawValue)
  }
}

/// Fuel cell and hydrogen system: item 03 of 2016.
public struct FuelCellData: Hashable, Sendable {
  /// Voltage: ``FieldKind/fuelCellVoltage``.
  public var voltage: WireValue
  /// Current: ``FieldKind/fuelCellCurrent``.
  public var current: WireValue
  /// Hydrogen per distance: ``FieldKind/hydrogenConsumption``.
  public var consumption: WireValue
  /// Raw probe temperatures, see ``FieldKind/fuelCellTemperature``.
  public var probeTemperatures: Counted<UInt8>
  /// Highest readings of the hydrogen system.
  public var hydrogen: HydrogenExtremes

  /// Creates an item.
  public init(
    voltage: WireValue, current: WireValue, consumption: WireValue,
    probeTemperatures: Counted<UInt8>, hydrogen: HydrogenExtremes
  ) {
    self.voltage = voltage
    self.current = current
    self.consumption = consumption
    self.probeTemperatures = probeTemperatures
    self.hydrogen = hydrogen
  }

  init(_ reader: inout ByteReader) throws(CodecError) {
    voltage = try reader.value(.fuelCellVoltage)
    current = try reader.value(.fuelCellCurrent)
    consumption = try reader.value(.hydrogenConsumption)
    probeTemperatures = try reader.countedBytes16()
    hydrogen = try HydrogenExtremes(&reader)
  }

  func write(to writer: inout ByteWriter) throws(CodecError) {
    try writer.value(voltage, as: .fuelCellVoltage)
    try writer.value(current, as: .fuelCellCurrent)
    try writer.value(consumption, as: .hydrogenConsumption)
    try writer.count16(of: probeTemperatures)
    writer.append(probeTemperatures.elements)
    try hydrogen.write(to: &writer)
  }
}

/// Hydrogen system of a fuel-cell engine: item 03 of 2025.
public struct FuelCellEngineData: Hashable, Sendable {
  /// Highest readings of the hydrogen system.
  public var hydrogen: HydrogenExtremes
  /// Hydrogen left: ``FieldKind/hydrogenRemaining``.
  public var remaining: WireValue
  /// Temperature of the converter's controller: ``FieldKind/temperature``.
  public var converterTemperature: WireValue

  /// Creates an item.
  public init(hydrogen: HydrogenExtremes, remaining: WireValue, converterTemperature: WireValue) {
    self.hydrogen = hydrogen
    self.remaining = remaining
    self.converterTemperature = converterTemperature
  }

  init(_ reader: inout ByteReader) throws(CodecError) {
    hydrogen = try HydrogenExtremes(&reader)
    remaining = try reader.value(.hydrogenRemaining)
    converterTemperature = try reader.value(.temperature)
  }

  func write(to writer: inout ByteWriter) throws(CodecError) {
    try hydrogen.write(to: &writer)
    try writer.value(remaining, as: .hydrogenRemaining)
    try writer.value(converterTemperature, as: .temperature)
  }
}

/// One fuel-cell stack: a record of item 30 of 2025.
public struct FuelCellStackData: Hashable, Sendable {
  /// Number of the stack, from 1.
  public var number: UInt8
  /// Voltage: ``FieldKind/fuelCellVoltage``.
  public var voltage: WireValue
  /// Current: ``FieldKind/fuelCellCurrent``.
  public var current: WireValue
  /// Inlet pressure of the hydrogen: ``FieldKind/stackPressure``.
  public var hydrogenPressure: WireValue
  /// Inlet pressure of the air: ``FieldKind/stackPressure``.
  public var airPressure: WireValue
  /// Inlet temperature of the air: ``FieldKind/temperature``.
  public var airTemperature: WireValue
  /// Raw outlet temperatures of the coolant, see ``FieldKind/temperature``.
  public var coolantTemperatures: Counted<UInt8>

  /// Creates a record.
  public init(
    number: UInt8, voltage: WireValue, current: WireValue, hydrogenPressure: WireValue,
    airPressure: WireValue, airTemperature: WireValue, coolantTemperatures: Counted<UInt8>
  ) {
    self.number = number
    self.voltage = voltage
    self.current = current
    self.hydrogenPressure = hydrogenPressure
    self.airPressure = airPressure
    self.airTemperature = airTemperature
    self.coolantTemperatures = coolantTemperatures
  }

  init(_ reader: inout ByteReader) throws(CodecError) {
    number = try reader.byte()
    voltage = try reader.value(.fuelCellVoltage)
    current = try reader.value(.fuelCellCurrent)
    hydrogenPressure = try reader.value(.stackPressure)
    airPressure = try reader.value(.stackPressure)
    airTemperature = try reader.value(.temperature)
    coolantTemperatures = try reader.countedBytes16()
  }

  func write(to writer: inout ByteWriter) throws(CodecError) {
    writer.byte(number)
    try writer.value(voltage, as: .fuelCellVoltage)
    try writer.value(current, as: .fuelCellCurrent)
    try writer.value(hydrogenPressure, as: .stackPressure)
    try writer.value(airPressure, as: .stackPressure)
    try writer.value(airTemperature, as: .temperature)
    try writer.count16(of: coolantTemperatures)
    writer.append(coolantTemperatures.elements)
  }
}
