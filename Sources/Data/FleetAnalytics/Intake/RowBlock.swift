// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A few hundred rows turned from columns to rows, with unusable samples set to NaN.

import BatteryDomain

/// Where the quantities of the analysis are in a table.
struct RowLayout {
  var time: Int?
  var current: Int?
  var stateOfCharge: Int?
  var packVoltage: Int?
  var alarmLevel: Int?
  var chargeState: Int?
  var insulation: Int?
  var speed: Int?
  /// Columns of cell voltages with the cell's position from 0.
  var cells: [(column: Int, element: Int)]
  /// Columns of probe temperatures with the probe's position from 0.
  var probes: [(column: Int, element: Int)]
  var cellCount: Int
  var probeCount: Int

  init(_ schema: TableSchema) {
    func elements(_ key: QuantityKey) -> [(column: Int, element: Int)] {
      schema.columns(of: key).map { (column: $0, element: max(0, schema.columns[$0].element)) }
    }
    time = schema.column(of: .time)
    current = schema.column(of: .current)
    stateOfCharge = schema.column(of: .stateOfCharge)
    packVoltage = schema.column(of: .packVoltage)
    alarmLevel = schema.column(of: .alarmLevel)
    chargeState = schema.column(of: .chargeState)
    insulation = schema.column(of: .insulationResistance)
    speed = schema.column(of: .vehicleSpeed)
    cells = elements(.cellVoltage)
    probes = elements(.probeTemperature)
    cellCount = (cells.map(\.element).max() ?? -1) + 1
    probeCount = (probes.map(\.element).max() ?? -1) + 1
  }
}

/// Rows as the analysis walks them: scalars by column, cells and probes by row.
struct RowBlock {
  /// Rows a block holds at most: a block of 100 cells stays in the second-level cache.
  static let capacity = 512

  var count = 0
  var time: [Double] = []
  var current: [Double] = []
  var stateOfCharge: [Double] = []
  var packVoltage: [Double] = []
  var alarmLevel: [Double] = []
  var chargeState: [Double] = []
  var insulation: [Double] = []
  var speed: [Double] = []
  /// `[row × cellCount]`, cell fastest, volts.
  var cells: [Double] = []
  /// `[row × probeCount]`, probe fastest, kelvin.
  var probes: [Double] = []

  /// Loads rows of a batch.
  mutating func load(
    _ batch: RecordBatch, rows: Range<Int>, layout: RowLayout, cellCount: Int, probeCount: Int
  ) {
    count = rows.count
    func scalar(_ column: Int?, _ key: QuantityKey, into target: inout [Double]) {
      target.removeAll(keepingCapacity: true)
      guard let column else {
        target.append(contentsOf: repeatElement(.nan, count: rows.count))
        return
      }
      target.append(contentsOf: batch.columns[column][rows])
      let range = QuantityCatalogue[key].validRange
      for row in 0..<target.count where !range.contains(target[row]) { target[row] = .nan }
      guard !batch.flags[column].isEmpty else { return }
      for row in rows where !batch.flags[column][row].isDisjoint(with: .unusable) {
        target[row - rows.lowerBound] = .nan
      }
    }
    scalar(layout.time, .time, into: &time)
    scalar(layout.current, .current, into: &current)
    scalar(layout.stateOfCharge, .stateOfCharge, into: &stateOfCharge)
    scalar(layout.packVoltage, .packVoltage, into: &packVoltage)
    scalar(layout.alarmLevel, .alarmLevel, into: &alarmLevel)
    scalar(layout.chargeState, .chargeState, into: &chargeState)
    scalar(layout.insulation, .insulationResistance, into: &insulation)
    scalar(layout.speed, .vehicleSpeed, into: &speed)
    Self.transpose(
      batch, rows: rows, columns: layout.cells, width: cellCount,
      range: QuantityCatalogue[.cellVoltage].validRange, into: &cells)
    Self.transpose(
      batch, rows: rows, columns: layout.probes, width: probeCount,
      range: QuantityCatalogue[.probeTemperature].validRange, into: &probes)
  }

  private static func transpose(
    _ batch: RecordBatch, rows: Range<Int>, columns: [(column: Int, element: Int)], width: Int,
    range: ClosedRange<Double>, into target: inout [Double]
  ) {
    let size = rows.count * width
    // A block keeps its size, so the values are overwritten; columns may be fewer than cells.
    if target.count != size || columns.count != width {
      target = [Double](repeating: .nan, count: size)
    }
    let low = range.lowerBound
    let high = range.upperBound
    for (column, element) in columns {
      let source = batch.columns[column]
      var position = element
      for row in rows {
        let value = source[row]
        target[position] = value >= low && value <= high ? value : .nan
        position += width
      }
      let flags = batch.flags[column]
      guard !flags.isEmpty else { continue }
      position = element
      for row in rows {
        if !flags[row].isDisjoint(with: .unusable) { target[position] = .nan }
        position += width
      }
    }
  }
}
