// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One usable sample of a cell test, as the accumulators take it.

import Cleaning

/// One usable sample of a cell test.
struct CellSample: Sendable {
  var time: Double
  var voltage: Double
  /// Discharge positive.
  var current: Double
  /// NaN where unknown.
  var temperature: Double
  /// Number of the cycle in the source; NaN where unknown.
  var cycle: Double
  /// Number of the step in the source; NaN where unknown.
  var step: Double
  /// Whether the time does not continue from the sample before.
  var afterBreak: Bool
  /// Charge counters of the source; NaN where unknown.
  var chargeCounter = Double.nan
  var dischargeCounter = Double.nan
  /// Capacity that the source states for the cycle; NaN where unknown.
  var stated = Double.nan
}
