// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One report as a row of numbers and marks.

import BatteryDomain
import TelemetryCodec

/// One report as a row of numbers and marks, in the columns of a layout.
struct ReportRow {
  let time: Int64
  var values: [Double]
  var flags: [SampleFlags]
  /// Cells that the report says exist but does not carry: their frame is still to come.
  var missingCells: Int

  /// Decodes a report.
  ///
  /// - Returns: Nil if the time of the report is no time.
  init?(_ report: Report, layout: ReportLayout) {
    guard let time = report.time.unixSeconds else { return nil }
    self.time = time
    let count = ReportLayout.scalars.count + layout.cellCount + layout.probeCount
    values = Array(repeating: .nan, count: count)
    flags = Array(repeating: .missing, count: count)
    missingCells = 0
    values[0] = Double(time)
    flags[0] = []
    addScalars(of: report)
    addCells(of: report, layout)
    addProbes(of: report, layout)
  }

  /// Fills what is missing here from another part of the same report.
  ///
  /// - Returns: Whether the other part brought only cells that were missing.
  mutating func merge(_ other: ReportRow) -> Bool {
    let first = ReportLayout.scalars.count
    guard other.time == time, other.values.count == values.count else { return false }
    var brought = 0
    for index in first..<values.count where !other.flags[index].contains(.missing) {
      guard flags[index].contains(.missing) || values[index] == other.values[index] else {
        return false
      }
      if flags[index].contains(.missing) { brought += 1 }
    }
    guard brought > 0 else { return false }
    for index in 1..<values.count where flags[index].contains(.missing) {
      values[index] = other.values[index]
      flags[index] = other.flags[index]
    }
    missingCells = max(0, missingCells - brought)
    return true
  }

  /// The row in a layout that has grown since.
  func widened(from old: ReportLayout, to new: ReportLayout) -> ReportRow {
    guard old != new else { return self }
    var row = self
    let scalars = ReportLayout.scalars.count
    row.values = Array(values.prefix(scalars))
    row.flags = Array(flags.prefix(scalars))
    let count = new.cellCount + new.probeCount
    row.values += Array(repeating: .nan, count: count)
    row.flags += Array(repeating: .missing, count: count)
    func copy(_ old: ReportLayout.Parts, _ new: ReportLayout.Parts, from: Int, to: Int) {
      for (part, size) in old.sizes {
        for index in 0..<size {
          let source = from + old.start(of: part) + index
          let target = to + new.start(of: part) + index
          row.values[target] = values[source]
          row.flags[target] = flags[source]
        }
      }
    }
    copy(old.cells, new.cells, from: scalars, to: scalars)
    copy(
      old.probes, new.probes, from: scalars + old.cellCount, to: scalars + new.cellCount)
    return row
  }

  // MARK: - Items

  private mutating func addScalars(of report: Report) {
    if let vehicle = report.vehicle {
      put(.chargeState, code: vehicle.chargeState.rawValue, valid: 1...4)
      put(.vehicleSpeed, vehicle.speed.reading)
      put(.odometer, vehicle.odometer.reading)
      put(.packVoltage, vehicle.voltage.reading)
      put(.current, vehicle.current.reading)
      put(.stateOfCharge, vehicle.stateOfCharge.reading)
      put(.insulationResistance, vehicle.insulationResistance.reading)
    }
    if let extremes = report.extremes {
      put(.cellVoltageMaximum, extremes.highestVoltage.value.reading)
      put(.cellVoltageMinimum, extremes.lowestVoltage.value.reading)
      put(.probeTemperatureMaximum, extremes.highestTemperature.value.reading)
      put(.probeTemperatureMinimum, extremes.lowestTemperature.value.reading)
    }
    if let alarms = report.alarms {
      put(.alarmLevel, alarms.level.reading)
      switch alarms.flags.rawValue {
      case .max: put(.alarmFlags, .invalid)
      case .max - 1: put(.alarmFlags, .abnormal)
      default: put(.alarmFlags, .valid(Double(alarms.flags.rawValue)))
      }
    }
  }

  private mutating func addCells(of report: Report, _ layout: ReportLayout) {
    let range = Self.cellRange
    var stated: [UInt8: Int] = [:]
    var carried: [UInt8: Int] = [:]
    for group in report.cellVoltageGroups {
      let count = group.cells.elements.count
      let first = max(0, Int(group.window?.firstCell ?? 1) - 1)
      carried[group.number, default: 0] += count
      if let total = group.window?.total.validValue, total <= Double(ReportLayout.limit) {
        stated[group.number] = max(stated[group.number] ?? 0, Int(total))
      }
      let known = layout.cells.sizes[group.number] ?? 0
      guard first + count <= known else { continue }
      let start = ReportLayout.scalars.count + layout.cells.start(of: group.number) + first
      for (index, reading) in group.readings.enumerated() {
        (values[start + index], flags[start + index]) = Self.sample(reading, range)
      }
    }
    for (part, total) in stated { missingCells += max(0, total - (carried[part] ?? 0)) }
  }

  private mutating func addProbes(of report: Report, _ layout: ReportLayout) {
    let range = Self.probeRange
    for group in report.temperatureGroups {
      let known = layout.probes.sizes[group.number] ?? 0
      guard group.probes.elements.count <= known else { continue }
      let start =
        ReportLayout.scalars.count + layout.cellCount + layout.probes.start(of: group.number)
      for (index, reading) in group.readings.enumerated() {
        (values[start + index], flags[start + index]) = Self.sample(reading, range)
      }
    }
  }

  private mutating func put(_ key: QuantityKey, _ reading: Reading) {
    guard let column = Self.positions[key], let range = Self.ranges[key] else { return }
    (values[column], flags[column]) = Self.sample(reading, range)
  }

  private mutating func put(_ key: QuantityKey, code: UInt8, valid: ClosedRange<UInt8>) {
    switch code {
    case .max: put(key, .invalid)
    case .max - 1: put(key, .abnormal)
    default: put(key, valid.contains(code) ? .valid(Double(code)) : .outOfRange(Double(code)))
    }
  }

  private static func sample(
    _ reading: Reading, _ range: ClosedRange<Double>
  ) -> (Double, SampleFlags) {
    switch reading {
    case .valid(let value): (value, range.contains(value) ? [] : .outOfRange)
    case .outOfRange(let value): (value, .outOfRange)
    case .abnormal: (.nan, .abnormal)
    case .invalid: (.nan, .invalid)
    }
  }

  private static let positions = Dictionary(
    uniqueKeysWithValues: zip(ReportLayout.scalars, ReportLayout.scalars.indices))
  private static let ranges = Dictionary(
    uniqueKeysWithValues: ReportLayout.scalars.map {
      ($0, QuantityCatalogue.descriptor(of: $0).validRange)
    })
  private static let cellRange = QuantityCatalogue.descriptor(of: .cellVoltage).validRange
  private static let probeRange = QuantityCatalogue.descriptor(of: .probeTemperature).validRange
}
