// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the filters of siblings assume, see and are told.

/// One explanation of why a cell differs from its module: which of its states may move, and how fast.
struct SiblingHypothesis: Sendable {
  /// Time in which a leak grows e-fold, in seconds; infinite where it does not grow by itself.
  var growthTime = Double.infinity
  /// Standard deviation of the leak at the start, as a part of the capacity an hour.
  var leakStart = 5e-5
  /// Random walk of the leak, as a part of the capacity an hour, per √h.
  var leakWalk = 5e-6
  /// Random walk of the capacity difference per √h.
  var capacityWalk = 0.001
  /// Random walk of the series resistance, relative, per √h.
  var seriesWalk = 0.015
  /// Random walk of the slow polarisation, relative, per √h.
  var slowWalk = 0.015
}

/// What a window did to one module, for the prediction.
struct SiblingMove: Sendable {
  /// Part of an error of the curve that stays when the siblings move along it.
  var keep = 1.0
  /// Volts by which a resting cell falls beyond its curve for a whole charge lost: its hysteresis.
  var swing = 0.0
}

/// What a window says about one cell.
struct SiblingMeasurement: Sendable {
  /// Innovation of the first filter in volts.
  var residual = 0.0
  /// Charge difference about which the curve is a straight line.
  var charge = 0.0
  /// Slope of the curve in volts for the whole charge.
  var slope = 0.0
  /// Variance of noise in V².
  var noise = 1.0
  /// Derivatives by leak, series resistance and slow polarisation.
  var leak = 0.0
  var series = 0.0
  var slow = 0.0
}

/// Where the straight line through a resting cell's curve is fixed.
struct SiblingAnchor: Sendable {
  /// Difference to the middle of the module when the rest began, in volts.
  var first = 0.0
  /// Difference to the middle of the module at which the line was fixed, in volts.
  var difference = 0.0
  /// Charge difference of the first filter there.
  var charge = 0.0
  /// Difference of the open-circuit voltages there, in volts.
  var curve = 0.0
  /// Slope of the line in volts for the whole charge.
  var slope = 1.0
  /// Time rested since, in seconds.
  var age = 0.0
  /// Whether there is a line.
  var isSet = false
}
