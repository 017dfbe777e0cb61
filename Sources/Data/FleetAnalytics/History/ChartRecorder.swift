// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The thinned series for charts.

/// The thinned series for charts.
struct ChartRecorder: Codable, Hashable, Sendable {
  private var packVoltage: EnvelopeRecorder
  private var current: EnvelopeRecorder
  private var stateOfCharge: EnvelopeRecorder
  private var cellVoltage: EnvelopeRecorder
  private var temperature: EnvelopeRecorder

  init(limit: Int) {
    packVoltage = EnvelopeRecorder(limit: limit)
    current = EnvelopeRecorder(limit: limit)
    stateOfCharge = EnvelopeRecorder(limit: limit)
    cellVoltage = EnvelopeRecorder(limit: limit)
    temperature = EnvelopeRecorder(limit: limit)
  }

  mutating func add(
    _ row: RowContext, packVoltage: Double, cells: CellRow,
    temperature: (low: Double, median: Double, high: Double)?
  ) {
    self.packVoltage.add(time: row.time, low: packVoltage, mean: packVoltage, high: packVoltage)
    if let value = row.current { current.add(time: row.time, low: value, mean: value, high: value) }
    if let value = row.stateOfCharge {
      stateOfCharge.add(time: row.time, low: value, mean: value, high: value)
    }
    cellVoltage.add(time: row.time, low: cells.minimum, mean: cells.mean, high: cells.maximum)
    if let temperature {
      self.temperature.add(
        time: row.time, low: temperature.low, mean: temperature.median, high: temperature.high)
    }
  }

  /// The series recorded so far, without the bucket statistics.
  var series: VehicleSeries {
    var result = VehicleSeries()
    result.packVoltage = packVoltage.envelope
    result.current = current.envelope
    result.stateOfCharge = stateOfCharge.envelope
    result.cellVoltage = cellVoltage.envelope
    result.temperature = temperature.envelope
    return result
  }
}
