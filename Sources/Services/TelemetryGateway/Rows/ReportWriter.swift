// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Turns the rows of a vehicle table into GB/T 32960 reports.

public import BatteryDomain
public import TelemetryCodec

/// Turns the rows of a vehicle table into real-time reports of GB/T 32960.3, 2016 or 2025.
///
/// Values are rounded to the steps of the protocol (1 mV, 0.1 V, 0.1 A, 1 °C, 1 % and so on). A
/// missing or unusable value is sent as *invalid*, one that the source marks as a sensor fault as
/// *abnormal*, and a number outside its range as it is, if its field can carry it. In the 2016
/// edition more than 200 cells are split over several items of one report; the 2025 edition has
/// them in one, and no item of extremes.
public struct ReportWriter: Sendable {
  private let identifier: UniqueIdentifier
  private let edition: Edition
  private let time: Int
  private let scalars: [QuantityKey: Int]
  private let cells: [Int]
  private let probes: [Int]

  /// Creates a writer for tables with these columns.
  ///
  /// - Parameters:
  ///   - schema: The columns; time must count from the Unix epoch.
  ///   - identifier: VIN.
  ///   - edition: Edition of the reports.
  /// - Throws: ``GatewayError/cannotEncode(row:reason:)`` if the table has no such time.
  public init(
    schema: TableSchema, identifier: UniqueIdentifier, edition: Edition = .edition2016
  ) throws(GatewayError) {
    guard schema.timeReference == .unixEpoch, let time = schema.column(of: .time) else {
      throw .cannotEncode(row: 0, reason: "the table has no calendar time, which a report needs")
    }
    self.identifier = identifier
    self.edition = edition
    self.time = time
    cells = schema.columns(of: .cellVoltage)
    probes = schema.columns(of: .probeTemperature)
    guard !cells.isEmpty || !probes.isEmpty || schema.column(of: .packVoltage) != nil else {
      throw .cannotEncode(row: 0, reason: "the table has no voltages or temperatures of a vehicle")
    }
    var scalars: [QuantityKey: Int] = [:]
    for key in QuantityKey.allCases { scalars[key] = schema.column(of: key) }
    self.scalars = scalars
  }

  /// Encodes one row.
  ///
  /// - Parameters:
  ///   - batch: Rows with the columns of the schema.
  ///   - row: Position in the batch, from 0.
  ///   - command: Real-time or reissued report.
  /// - Returns: The report, ready to send.
  /// - Throws: ``GatewayError/cannotEncode(row:reason:)`` if the row has no time or too many cells.
  /// - Complexity: O(n) in the number of cells and probes.
  public func frame(
    of batch: RecordBatch, row: Int, command: Command = .realTimeReport
  ) throws(GatewayError) -> Frame {
    let place = batch.firstRow + row
    let sample = Sample(batch: batch, row: row)
    let seconds = batch.columns[time][row]
    guard sample.isUsable(time), seconds.magnitude < 1e12,
      let time = WireTime(unixSeconds: Int64(seconds.rounded()))
    else {
      throw .cannotEncode(row: place, reason: "its time is missing or not between 2000 and 2099")
    }
    var items: [ReportItem] = [.vehicle(vehicle(sample))]
    if edition == .edition2016 { items.append(.extremes(extremes(sample))) }
    items.append(.alarms(alarms(sample)))
    items += cellItems(sample)
    if !probes.isEmpty {
      items.append(
        .temperatures(
          Counted([
            TemperatureGroup(
              number: 1,
              probes: Counted(
                probes.map { UInt8(truncatingIfNeeded: sample.wire(.temperature, $0).raw) }))
          ])))
    }
    do {
      return try Frame(
        edition: edition, command: command, identifier: identifier,
        unit: .report(Report(time: time, items: items)))
    } catch {
      throw .cannotEncode(row: place, reason: "\(error)")
    }
  }

  private func cellItems(_ sample: Sample) -> [ReportItem] {
    let voltage = sample.wire(is2016 ? .packVoltage2016 : .packVoltage2025, scalars[.packVoltage])
    let current = sample.wire(is2016 ? .packCurrent2016 : .packCurrent2025, scalars[.current])
    let longest = is2016 ? CellVoltageGroup.cellLimit2016 : max(1, cells.count)
    return stride(from: 0, to: cells.count, by: longest).map { start in
      let part = cells[start..<min(start + longest, cells.count)]
      return .cellVoltages(
        Counted([
          CellVoltageGroup(
            number: 1, voltage: voltage, current: current,
            window: is2016
              ? .init(
                total: WireValue(.cellTotal, raw: UInt32(cells.count)),
                firstCell: UInt16(clamping: start + 1)) : nil,
            cells: Counted(
              part.map { UInt16(truncatingIfNeeded: sample.wire(.cellVoltage, $0).raw) }))
        ]))
    }
  }

  private var is2016: Bool { edition == .edition2016 }

  private func vehicle(_ sample: Sample) -> VehicleData {
    var data = VehicleData(edition: edition)
    data.chargeState = ChargeState(rawValue: sample.code(scalars[.chargeState]))
    data.speed = sample.wire(is2016 ? .speed2016 : .speed2025, scalars[.vehicleSpeed])
    data.odometer = sample.wire(.odometer, scalars[.odometer])
    data.voltage = sample.wire(
      is2016 ? .packVoltage2016 : .packVoltage2025, scalars[.packVoltage])
    data.current = sample.wire(
      is2016 ? .packCurrent2016 : .packCurrent2025, scalars[.current])
    data.stateOfCharge = sample.wire(.stateOfCharge, scalars[.stateOfCharge])
    data.insulationResistance = sample.wire(
      .insulationResistance, scalars[.insulationResistance])
    return data
  }

  private func alarms(_ sample: Sample) -> AlarmData {
    let flags = sample.value(scalars[.alarmFlags])
    let bits =
      flags.map { $0 >= 0 && $0 < 4_294_967_294 ? UInt32($0) : UInt32.max } ?? UInt32.max
    var data = AlarmData(level: 0, flags: AlarmFlags(rawValue: bits), edition: edition)
    data.level = sample.wire(
      is2016 ? .alarmLevel2016 : .alarmLevel2025, scalars[.alarmLevel])
    return data
  }

  private func extremes(_ sample: Sample) -> ExtremesData {
    func place(
      _ reported: QuantityKey, _ kind: FieldKind, _ columns: [Int], highest: Bool
    ) -> ExtremesData.Place {
      let found = sample.extreme(of: columns, highest: highest)
      let value =
        scalars[reported] != nil
        ? sample.wire(kind, scalars[reported])
        : found.map { WireValue(kind, orInvalid: $0.value) } ?? .invalid(kind)
      let number = found.map { WireValue(.number8, orInvalid: Double($0.place + 1)) }
      return .init(
        subsystem: WireValue(.number8, raw: 1),
        element: number.flatMap { $0.validValue == nil ? nil : $0 } ?? .invalid(.number8),
        value: value)
    }
    return ExtremesData(
      highestVoltage: place(.cellVoltageMaximum, .cellVoltage, cells, highest: true),
      lowestVoltage: place(.cellVoltageMinimum, .cellVoltage, cells, highest: false),
      highestTemperature: place(.probeTemperatureMaximum, .temperature, probes, highest: true),
      lowestTemperature: place(.probeTemperatureMinimum, .temperature, probes, highest: false))
  }
}

/// One row of a batch, read value by value with its marks.
private struct Sample {
  let batch: RecordBatch
  let row: Int

  func isUsable(_ column: Int) -> Bool {
    batch.columns[column][row].isFinite
      && batch.flags(column: column, row: row).isDisjoint(with: .unusable)
  }

  func value(_ column: Int?) -> Double? {
    guard let column, isUsable(column) else { return nil }
    return batch.columns[column][row]
  }

  func wire(_ kind: FieldKind, _ column: Int?) -> WireValue {
    guard let column else { return .invalid(kind) }
    let flags = batch.flags(column: column, row: row)
    if flags.contains(.abnormal) { return .abnormal(kind) }
    if !flags.isDisjoint(with: [.invalid, .missing, .notNumeric]) { return .invalid(kind) }
    return WireValue(kind, orInvalid: batch.columns[column][row])
  }

  func code(_ column: Int?) -> UInt8 {
    guard let column else { return 0xFF }
    if batch.flags(column: column, row: row).contains(.abnormal) { return 0xFE }
    guard let value = value(column), value >= 0, value < 253.5 else { return 0xFF }
    return UInt8(value.rounded())
  }

  func extreme(of columns: [Int], highest: Bool) -> (place: Int, value: Double)? {
    var best: (place: Int, value: Double)?
    for (place, column) in columns.enumerated() {
      guard let value = value(column) else { continue }
      if let known = best, highest ? value <= known.value : value >= known.value { continue }
      best = (place, value)
    }
    return best
  }
}
