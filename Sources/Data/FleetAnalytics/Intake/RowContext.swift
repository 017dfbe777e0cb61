// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What one row says about the state of the battery, against the row before.

/// What one row says about the state of the battery, against the row before.
struct RowContext {
  let time: Double
  /// Seconds since the row before; nil for the first row.
  let interval: Double?
  /// Whether the row continues the one before.
  let isContinuous: Bool
  let current: Double?
  /// Change of current since the row before; 0 where unknown.
  let currentChange: Double
  let isLoadStep: Bool
  /// Since when the current has been low; nil while it is not.
  let lowSince: Double?
  let stateOfCharge: Double?
  let speed: Double?
  let chargeState: Int?
  /// Current at the row before where the row continues it.
  let previousCurrent: Double?

  init(
    _ block: borrowing RowBlock, _ row: Int, previous: PreviousRow,
    settings: VehicleAnalysisSettings
  ) {
    func known(_ value: Double) -> Double? { value.isFinite ? value : nil }
    time = block.time[row]
    interval = previous.time.map { block.time[row] - $0 }
    isContinuous = interval.map { $0 <= settings.continuityLimit } ?? false
    current = known(block.current[row])
    stateOfCharge = known(block.stateOfCharge[row])
    speed = known(block.speed[row])
    chargeState = known(block.chargeState[row]).map { Int($0) }
    previousCurrent = isContinuous ? previous.current : nil
    if isContinuous, let current, let last = previous.current {
      currentChange = current - last
    } else {
      currentChange = 0
    }
    isLoadStep = abs(currentChange) >= settings.loadStep
    // Without a current sensor the steady-voltage test alone has to do.
    let isLow = current.map { abs($0) <= settings.restCurrent } ?? true
    if isLow {
      lowSince = isContinuous ? previous.lowSince ?? time : time
    } else {
      lowSince = nil
    }
  }
}
