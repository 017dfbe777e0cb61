// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The names of everything the cleaner can do to a sample or a row.

/// What a cleaning rule did, or why a sample was set aside.
///
/// The raw value is the name in reports and JSON.
public enum CleaningRule: String, CaseIterable, Codable, Hashable, Sendable {
  /// The source has no value.
  case missing
  /// An all-ones code or another agreed "no value" number, such as 65.535 V.
  case sentinelInvalid = "sentinel_invalid"
  /// An all-ones-minus-one code: the sensor reports itself faulty, such as 65.534 V.
  case sentinelAbnormal = "sentinel_abnormal"
  /// Text where a number belongs.
  case notNumeric = "not_numeric"
  /// Outside the valid range of the quantity catalogue, and not reached step by step.
  case outOfRange = "out_of_range"
  /// Outside the valid range but reached step by step: kept, because a failing cell does that.
  case continuousExcursion = "continuous_excursion"
  /// Scaled back from a slipped unit; the value is kept in its right unit.
  case unitSlip = "unit_slip"
  /// An isolated single-sample spike that neighbours and siblings contradict.
  case isolatedSpike = "isolated_spike"
  /// A suspected spike that the next sample confirmed as real: given back to the analysis.
  case releasedJump = "released_jump"
  /// Outside the whiskers of the box plot.
  case interquartileOutlier = "interquartile_outlier"
  /// Too far from what a model predicts.
  case modelResidualOutlier = "model_residual_outlier"
  /// The row repeats the time and the values of the row before.
  case duplicateRow = "duplicate_row"
  /// The row repeats the time of the row before with other values.
  case conflictingRow = "conflicting_row"
  /// The row lies before the row before it.
  case outOfOrderRow = "out_of_order_row"
  /// The row has no usable time.
  case untimedRow = "untimed_row"
  /// The clock stepped back for good; rows are accepted again from the new time on.
  case clockStep = "clock_step"
  /// The time restarted together with a new cycle or step, as some cyclers count.
  case timeRestart = "time_restart"
  /// An interval without rows, far longer than usual.
  case gap
  /// Filled in by linear interpolation.
  case linearRepair = "linear_repair"
  /// Filled in by Lagrange interpolation.
  case lagrangeRepair = "lagrange_repair"
  /// A gap longer than the stated limit, left open.
  case gapLeftOpen = "gap_left_open"

  /// Position in `allCases`, for dense counters.
  package var index: Int { Self.positions[self] ?? 0 }

  private static let positions = Dictionary(
    uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })

  /// Whether the rule makes the sample unusable (true) or only notes what was done (false).
  public var setsAside: Bool {
    switch self {
    case .missing, .sentinelInvalid, .sentinelAbnormal, .notNumeric, .outOfRange, .isolatedSpike,
      .interquartileOutlier, .modelResidualOutlier, .duplicateRow, .conflictingRow,
      .outOfOrderRow, .untimedRow:
      true
    case .continuousExcursion, .unitSlip, .releasedJump, .clockStep, .timeRestart, .gap,
      .linearRepair, .lagrangeRepair, .gapLeftOpen:
      false
    }
  }
}
