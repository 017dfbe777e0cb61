// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the cleaner does with one column, and what it remembers of it between batches.

import BatteryDomain

/// What the cleaner does with one column, worked out once from the schema and the settings.
struct ColumnPlan: Sendable {
  let quantity: QuantityKey
  let element: Int
  /// Mapping of the column, to give the source's own number in examples.
  let scale: Double
  let offset: Double
  /// Valid range of the catalogue.
  let valid: ClosedRange<Double>
  /// Part of the valid range in which no sentinel lies: the fast path.
  let plain: ClosedRange<Double>
  let sentinels: [Sentinel]
  let slips: [UnitSlip]
  let spike: SpikeRule?
  let continuityStep: Double

  init(column: ColumnSchema, quantity: QuantityKey, settings: CleaningSettings) {
    self.quantity = quantity
    element = column.element
    scale = column.scale
    offset = column.offset
    valid = QuantityCatalogue.descriptor(of: quantity).validRange
    sentinels = settings.sentinels.filter { $0.quantities.contains(quantity) }
    slips = settings.unitSlips.filter { $0.quantities.contains(quantity) }
    spike = settings.spikeRules.first { $0.quantities.contains(quantity) }
    continuityStep = settings.continuitySteps[quantity] ?? 0
    var lower = valid.lowerBound
    var upper = valid.upperBound
    let middle = lower + (upper - lower) / 2
    for sentinel in sentinels
    where sentinel.value >= valid.lowerBound - sentinel.tolerance
      && sentinel.value <= valid.upperBound + sentinel.tolerance
    {
      if sentinel.value <= middle {
        lower = max(lower, sentinel.value + 2 * sentinel.tolerance)
      } else {
        upper = min(upper, sentinel.value - 2 * sentinel.tolerance)
      }
    }
    plain = lower <= upper ? lower...upper : valid
  }

  /// The sentinel a value equals, if any.
  func sentinel(_ value: Double) -> Sentinel? {
    sentinels.first { abs(value - $0.value) <= $0.tolerance }
  }
}

/// A withheld sample on which the next one decides.
struct PendingSample: Sendable {
  let sample: SampleReference
  /// Whether it was given back at once, because its siblings jumped with it.
  var isRestored = false
}

/// What is remembered of one column between rows and batches.
struct ColumnState: Sendable {
  /// Last good value; NaN before the first.
  var good = Double.nan
  /// Last good value against the mean of its siblings; NaN after a break in time.
  var departure = Double.nan
  /// Value withheld as a suspected spike in the row before, until the next sample decides.
  var pending: PendingSample?
  /// Row of the last withheld sample.
  var lastWithheld = Int.min / 2
  /// Length, start and last good value of the present run without a usable sample.
  var runLength = 0
  var runStart = 0.0
  var longestRun = 0
  var longestStart = 0.0
  var longestGood = Double.nan
}

/// Counts by rule and column, dense.
struct RuleCounts: Sendable {
  private var counts: [Int]
  private let columns: Int

  init(columns: Int) {
    self.columns = columns
    counts = Array(repeating: 0, count: columns * CleaningRule.allCases.count)
  }

  subscript(rule: CleaningRule, column: Int) -> Int {
    get { counts[rule.index * columns + column] }
    set { counts[rule.index * columns + column] = newValue }
  }
}
