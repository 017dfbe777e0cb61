// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A few hundred rows turned from columns to rows, with unusable samples set to NaN.

import BatteryDomain

/// Where the quantities of the analysis are in a table.
struct RowLayout: Sendable {
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

  /// Loads cleaned rows; a value the cleaner set aside is NaN already.
  mutating func load(
    _ values: [[Double]], rows: Range<Int>, layout: RowLayout, cellCount: Int, probeCount: Int
  ) {
    count = rows.count
    func scalar(_ column: Int?, into target: inout [Double]) {
      target.removeAll(keepingCapacity: true)
      if let column {
        target.append(contentsOf: values[column][rows])
      } else {
        target.append(contentsOf: repeatElement(.nan, count: rows.count))
      }
    }
    scalar(layout.time, into: &time)
    scalar(layout.current, into: &current)
    scalar(layout.stateOfCharge, into: &stateOfCharge)
    scalar(layout.packVoltage, into: &packVoltage)
    scalar(layout.alarmLevel, into: &alarmLevel)
    scalar(layout.chargeState, into: &chargeState)
    scalar(layout.insulation, into: &insulation)
    scalar(layout.speed, into: &speed)
    Self.transpose(values, rows: rows, columns: layout.cells, width: cellCount, into: &cells)
    Self.transpose(values, rows: rows, columns: layout.probes, width: probeCount, into: &probes)
  }

  private static func transpose(
    _ values: [[Double]], rows: Range<Int>, columns: [(column: Int, element: Int)], width: Int,
    into target: inout [Double]
  ) {
    let size = rows.count * width
    // Columns may be fewer than elements: what no column covers stays NaN.
    if target.count != size || columns.count != width {
      target = [Double](repeating: .nan, count: size)
    }
    for (column, element) in columns {
      var position = element
      for value in values[column][rows] {
        target[position] = value
        position += width
      }
    }
  }
}
