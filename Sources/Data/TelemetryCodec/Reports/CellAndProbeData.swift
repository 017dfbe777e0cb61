// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Cell voltages and probe temperatures by subsystem, in both editions.

/// The cell voltages of one subsystem (2016, item 08) or pack (2025, item 07).
public struct CellVoltageGroup: Hashable, Sendable {
  /// Number of the subsystem or pack, from 1.
  public var number: UInt8
  /// Total voltage: ``FieldKind/packVoltage2016`` or ``FieldKind/packVoltage2025``.
  public var voltage: WireValue
  /// Total current, discharge positive: ``FieldKind/packCurrent2016`` or
  /// ``FieldKind/packCurrent2025``.
  public var current: WireValue
  /// How the cells of this item sit in the subsystem; 2016 only, 2025 is always complete.
  public var window: Window?
  /// Raw voltages of the cells or parallel groups, see ``FieldKind/cellVoltage``.
  public var cells: Counted<UInt16>

  /// The part of a subsystem that an item of the 2016 edition carries.
  public struct Window: Hashable, Sendable {
    /// Number of cells in the subsystem: ``FieldKind/cellTotal``.
    public var total: WireValue
    /// Number of the first cell in this item, from 1.
    public var firstCell: UInt16

    /// Creates a window.
    public init(total: WireValue, firstCell: UInt16) {
      self.total = total
      self.firstCell = firstCell
    }
  }

  /// Most cells in one group of the 2016 edition; send more in further items.
  public static let cellLimit2016 = 200

  /// Creates a group from wire fields.
  public init(
    number: UInt8, voltage: WireValue, current: WireValue, window: Window?,
    cells: Counted<UInt16>
  ) {
    self.number = number
    self.voltage = voltage
    self.current = current
    self.window = window
    self.cells = cells
  }

  /// Creates a group of the 2016 edition from voltages.
  ///
  /// - Parameters:
  ///   - number: Number of the subsystem, from 1.
  ///   - voltage: Total voltage in volts; NaN if missing.
  ///   - current: Total current in amperes, discharge positive; NaN if missing.
  ///   - total: Number of cells in the subsystem.
  ///   - firstCell: Number of the first cell in `cellVoltages`, from 1.
  ///   - cellVoltages: Voltages in volts; NaN becomes *invalid*, a value the field can carry is
  ///     sent even outside its range.
  public init(
    number: UInt8 = 1, voltage: Double, current: Double, total: Int, firstCell: Int = 1,
    cellVoltages: [Double]
  ) {
    self.number = number
    self.voltage = WireValue(.packVoltage2016, orInvalid: voltage)
    self.current = WireValue(.packCurrent2016, orInvalid: current)
    window = Window(
      total: WireValue(.cellTotal, orInvalid: Double(total)),
      firstCell: UInt16(clamping: firstCell))
    let definition = FieldKind.cellVoltage.definition
    cells = Counted(
      cellVoltages.map { UInt16(truncatingIfNeeded: definition.raw(of: $0) ?? 0xFFFF) })
  }

  /// What each cell says, in volts.
  ///
  /// - Complexity: O(n) in the number of cells.
  public var readings: [Reading] {
    let definition = FieldKind.cellVoltage.definition
    return cells.elements.map { definition.reading(of: UInt32($0)) }
  }

  init(_ reader: inout ByteReader, edition: Edition) throws(CodecError) {
    number = try reader.byte()
    switch edition {
    case .edition2016:
      voltage = try reader.value(.packVoltage2016)
      current = try reader.value(.packCurrent2016)
      let total = try reader.value(.cellTotal)
      window = Window(total: total, firstCell: try reader.word())
      let count = try reader.count8()
      cells = Counted(rawCount: count.raw, elements: try reader.words(count.elements))
    case .edition2025:
      voltage = try reader.value(.packVoltage2025)
      current = try reader.value(.packCurrent2025)
      window = nil
      cells = try reader.countedWords16()
    }
  }

  func write(to writer: inout ByteWriter, edition: Edition) throws(CodecError) {
    writer.byte(number)
    switch (edition, window) {
    case (.edition2016, let window?):
      try writer.value(voltage, as: .packVoltage2016)
      try writer.value(current, as: .packCurrent2016)
      try writer.value(window.total, as: .cellTotal)
      writer.word(window.firstCell)
      try writer.count8(of: cells)
    case (.edition2025, nil):
      try writer.value(voltage, as: .packVoltage2025)
      try writer.value(current, as: .packCurrent2025)
      try writer.count16(of: cells)
    default: throw .notInEdition(edition)
    }
    writer.words(cells.elements)
  }
}

/// The probe temperatures of one subsystem: item 09 of 2016, item 08 of 2025.
public struct TemperatureGroup: Hashable, Sendable {
  /// Number of the subsystem or pack, from 1.
  public var number: UInt8
  /// Raw temperatures, see ``FieldKind/temperature``.
  public var probes: Counted<UInt8>

  /// Creates a group from wire fields.
  public init(number: UInt8, probes: Counted<UInt8>) {
    self.number = number
    self.probes = probes
  }

  /// Creates a group from temperatures.
  ///
  /// - Parameters:
  ///   - number: Number of the subsystem, from 1.
  ///   - temperatures: Temperatures in kelvin; NaN becomes *invalid*.
  public init(number: UInt8 = 1, temperatures: [Double]) {
    let definition = FieldKind.temperature.definition
    self.number = number
    probes = Counted(
      temperatures.map { UInt8(truncatingIfNeeded: definition.raw(of: $0) ?? 0xFF) })
  }

  /// What each probe says, in kelvin.
  ///
  /// - Complexity: O(n) in the number of probes.
  public var readings: [Reading] {
    let definition = FieldKind.temperature.definition
    return probes.elements.map { definition.reading(of: UInt32($0)) }
  }

  init(_ reader: inout ByteReader) throws(CodecError) {
    number = try reader.byte()
    probes = try reader.countedBytes16()
  }

  func write(to writer: inout ByteWriter) throws(CodecError) {
    writer.byte(number)
    try writer.count16(of: probes)
    writer.append(probes.elements)
  }
}

/// A supercapacitor: item 31 of 2025.
public struct SupercapacitorData: Hashable, Sendable {
  /// Number of the system, from 1.
  public var number: UInt8
  /// Total voltage: ``FieldKind/supercapacitorVoltage``.
  public var voltage: WireValue
  /// Total current: ``FieldKind/packCurrent2025``.
  public var current: WireValue
  /// Raw cell voltages, see ``FieldKind/cellVoltage``.
  public var cells: Counted<UInt16>
  /// Raw probe temperatures, see ``FieldKind/temperature``.
  public var probes: Counted<UInt8>

  /// Creates an item.
  public init(
    number: UInt8, voltage: WireValue, current: WireValue, cells: Counted<UInt16>,
    probes: Counted<UInt8>
  ) {
    self.number = number
    self.voltage = voltage
    self.current = current
    self.cells = cells
    self.probes = probes
  }

  init(_ reader: inout ByteReader) throws(CodecError) {
    number = try reader.byte()
    voltage = try reader.value(.supercapacitorVoltage)
    current = try reader.value(.packCurrent2025)
    cells = try reader.countedWords16()
    probes = try reader.countedBytes16()
  }

  func write(to writer: inout ByteWriter) throws(CodecError) {
    writer.byte(number)
    try writer.value(voltage, as: .supercapacitorVoltage)
    try writer.value(current, as: .packCurrent2025)
    try writer.count16(of: cells)
    writer.words(cells.elements)
    try writer.count16(of: probes)
    writer.append(probes.elements)
  }
}
