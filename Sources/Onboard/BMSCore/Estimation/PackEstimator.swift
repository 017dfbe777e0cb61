// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The estimators of a pack, advanced once a cycle in bounded time.

/// All estimators of a pack, advanced once a cycle by advance(_:balancing:estimate:).
///
/// Every cycle counts charge. Once a window the average cell's filter runs on the means of the
/// window; the cells' difference filters follow, no more than a configured number a cycle, so that
/// the longest cycle stays short whatever the number of cells. Nothing allocates and nothing traps:
/// inputs that are not usable widen uncertainties instead.
public struct PackEstimator<let cells: Int, let probes: Int, Real: CoreReal>: Sendable {
  /// What the estimators were told.
  public var configuration: EstimationConfiguration<Real>
  /// The average cell.
  public var average = AverageCell<Real>()
  /// Counted charge with its corrections.
  public var counter = ChargeCounter<Real>()
  /// How each cell differs.
  public var differences: InlineArray<cells, CellDifference<Real>>
  /// Core of each cell.
  @usableFromInline var cores: InlineArray<cells, CoreTemperature<Real>>
  /// Rest after a charge, of each cell.
  @usableFromInline var plateaus: InlineArray<cells, RelaxationPlateau<Real>>
  /// Capacity of the average cell.
  public var capacity: CapacityLearner<Real>
  /// Resistance from steps of the current.
  public var resistance = ResistanceRegression<Real>()
  /// Sums since the last window.
  @usableFromInline var sums: WindowSums<cells, Real>
  /// Readings of the last window, for cells not yet treated.
  @usableFromInline var snapshot: InlineArray<cells, Real>
  /// Balancing of the last window.
  @usableFromInline var snapshotBalancing: InlineArray<cells, Real>
  @usableFromInline var window = CellDifference<Real>.Window()
  @usableFromInline var nextCell = 0
  /// Means of the last window, for the filter in the next cycle.
  @usableFromInline var pendingInput = FilterInput<Real>(
    current: 0, interval: 0, temperature: 298.15, voltage: .nan)
  @usableFromInline var isFilterDue = false
  /// Least runs of the cells' filters and observers in the pass at hand.
  @usableFromInline var leastBeats = InlineArray<2, UInt32>(repeating: .max)
  /// Runs of the slow computations.
  @usableFromInline var limitBeats: UInt32 = 0
  /// Whether the slow computation of the last window has still to run.
  @usableFromInline var isLimitDue = false
  @usableFromInline var siblingLeak: Real = 0
  @usableFromInline var slot = 0
  @usableFromInline var restSeconds: Real = 0
  @usableFromInline var fullSeconds: Real = 0
  @usableFromInline var emptySeconds: Real = 0
  @usableFromInline var contradiction: Real = 1
  @usableFromInline var lastContradiction: UInt64 = 0
  @usableFromInline var meanDischarge: Real = 0
  @usableFromInline var startedMilliseconds: UInt64 = 0
  /// Time and charge since the last discharge, in seconds and coulombs.
  @usableFromInline var wasCharging = false
  @usableFromInline var chargedSeconds: Real = 0
  @usableFromInline var charged: Real = 0
  @usableFromInline var lastUsableCurrent: Real = 0
  @usableFromInline var currentSilence: Real = 0

  /// Estimators that have seen nothing.
  ///
  /// - Parameter configuration: What they are told in advance; must be valid.
  @inlinable
  public init(_ configuration: EstimationConfiguration<Real>) {
    self.configuration = configuration
    var configuration = configuration
    let difference = CellDifference(&configuration)
    differences = InlineArray(repeating: difference)
    cores = InlineArray(repeating: CoreTemperature())
    plateaus = InlineArray(repeating: RelaxationPlateau())
    capacity = CapacityLearner(nominal: configuration.circuit.capacity)
    sums = WindowSums()
    snapshot = InlineArray(repeating: .nan)
    snapshotBalancing = InlineArray(repeating: 0)
    nextCell = cells
    meanDischarge = configuration.circuit.capacity / 3_600 / 3
  }

  /// Starts from state kept across sleep or power loss.
  ///
  /// - Parameters:
  ///   - stateOfCharge: Of the average cell, 0…1.
  ///   - deviation: Its standard deviation, with what self-discharge and the time away add.
  ///   - temperature: In kelvin.
  ///   - timeMilliseconds: Time of the samples.
  @inlinable
  public mutating func restore(
    stateOfCharge: Real, deviation: Real, temperature: Real, timeMilliseconds: UInt64
  ) {
    let z = stateOfCharge.finite(or: 0.5).clamped(0, 1)
    let d = deviation.finite(or: 0.5).clamped(1e-4, 0.5)
    average.start(
      stateOfCharge: z, deviation: d, temperature: temperature, configuration: &configuration)
    counter.start(
      z, deviation: d, cause: .restored, capacity: capacity.capacity,
      timeMilliseconds: timeMilliseconds)
    startedMilliseconds = timeMilliseconds
  }
}

/// Sums over a window.
@usableFromInline
struct WindowSums<let cells: Int, Real: CoreReal>: Sendable {
  @usableFromInline var time: Real = 0
  @usableFromInline var charge: Real = 0
  @usableFromInline var variance: Real = 0
  @usableFromInline var count: Real = 0
  @usableFromInline var voltage = InlineArray<cells, Real>(repeating: 0)
  @usableFromInline var voltageCount = InlineArray<cells, Real>(repeating: 0)
  @usableFromInline var balancing = InlineArray<cells, Real>(repeating: 0)

  @inlinable
  init() {}

  @inlinable
  mutating func clear() {
    time = 0
    charge = 0
    variance = 0
    count = 0
    for cell in 0..<cells {
      voltage[cell] = 0
      voltageCount[cell] = 0
      balancing[cell] = 0
    }
  }
}
