// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Internal shorts at telemetry rate: a leak that no sibling has, against rival explanations.

import BatteryDomain

/// Finds cells that lose charge inside, and names cells of less capacity or more resistance.
///
/// Readings are gathered over ten minutes while parked and four while in use. Each window updates four
/// Kalman filters a cell against the middle of its module: one in which nothing changes, two in which a
/// leak grows e-fold in fifty minutes or in six hours, and one in which capacity and resistances change.
/// The logarithms of their likelihood ratios against the first are summed from zero (Page 1954,
/// doi:10.1093/biomet/41.1-2.100) and fade within a day. An explanation is told when its sum passes the
/// limit and leads those of its rivals.
///
/// At rest nothing flows but a leak: a rest begins anew from the first difference of each cell, wherever on
/// its curve it stands, and what changes afterwards is evidence, at the knees most of all. In use only the
/// parts of the curve count that bend little, and a window adds less.
public struct SiblingShortDetector: FaultDetector {
  /// Limits of the decision.
  public struct Limits: Codable, Hashable, Sendable {
    /// Logarithm of the likelihood ratio that tells an explanation: above the highest sum, 28, that
    /// met the other conditions in the 19,000 healthy vehicle-days on which it was chosen.
    public var evidence = 36.0
    /// Lead before rival explanations.
    public var margin = 3.0
    /// Smallest leak as a part of the capacity an hour.
    public var leakRate = 1.0 / 1_200
    /// Standard deviations of the leak above zero.
    public var significance = 4.0
    /// Smallest loss of capacity that is called an outlier, relative.
    public var capacity = 0.08
    /// Smallest rise of resistance that is called an outlier, relative.
    public var resistance = 0.3
    /// Most that one window at rest adds to the evidence.
    public var restStep = 8.0
    /// Most that one window in use adds to it.
    public var useStep = 3.0
    /// Time in which evidence fades e-fold, in seconds.
    public var memory = 86_400.0

    /// The default limits.
    public init() {}
  }

  /// Slope from which a curve counts as a knee in use, in volts for the whole charge.
  static let steep = 2.5
  /// Length of a window while parked and in use, in seconds; a little short of ten minutes, as
  /// readings come when they come.
  static let windows = (parked: 590.0, used: 240.0)

  /// Place of each explanation in the lanes.
  enum Hypothesis: Int, CaseIterable { case steady, fastLeak, slowLeak, change }

  let context: DetectorContext
  let limits: Limits
  var filters: SiblingFilters
  var place: SiblingPlace
  var window: SiblingWindow
  var lastTime = Double.nan
  var windowStart = Double.nan
  var windowParked = true
  var previousCurrent = 0.0
  /// Log-likelihood ratio of each explanation against the first, summed from zero.
  var evidence: [SIMD4<Double>]
  /// Log-likelihood ratio of the leaks against a change of capacity or resistance, from −10 to 10.
  var leads: [SIMD4<Double>]
  var lastShift: [Double]
  var told: Set<String> = []
  /// Cells told to be shorted.
  var isShorted: [Bool]
  var measurements: [SiblingMeasurement]
  var isMeasured: [Bool]
  /// Variance of the curve's error at each cell, in V².
  var errors: [Double]
  /// Factor on the standard deviations of each module, at least 1.
  var scales: [Double]
  var normals: [Double] = []
  var moduleNormals: [Double] = []
  /// Whether the pack rests in this window, and rested in the last.
  var isResting = true
  var wasResting = false
  var anchors: [SiblingAnchor]

  /// Creates a detector.
  public init(_ context: DetectorContext, limits: Limits = Limits()) {
    self.context = context
    self.limits = limits
    var fast = SiblingHypothesis()
    fast.growthTime = 3_000
    fast.leakStart = 5e-4
    fast.leakWalk = 5e-4
    var slow = SiblingHypothesis()
    slow.growthTime = 6 * 3_600
    slow.leakStart = 5e-4
    slow.leakWalk = 2e-4
    var change = SiblingHypothesis()
    change.capacityWalk = 0.015
    change.seriesWalk = 0.1
    change.slowWalk = 0.1
    filters = SiblingFilters(
      cells: context.cells, capacity: context.cell.capacity,
      resistance: context.cell.seriesResistance, [SiblingHypothesis(), fast, slow, change])
    window = SiblingWindow(cells: context.cells, perModule: context.cellsPerModule)
    place = SiblingPlace(context.cell, cells: context.cells, modules: window.modules)
    let cells = context.cells
    evidence = Array(repeating: .zero, count: cells)
    leads = evidence
    lastShift = Array(repeating: -.infinity, count: cells)
    anchors = Array(repeating: SiblingAnchor(), count: cells)
    measurements = Array(repeating: SiblingMeasurement(), count: cells)
    isShorted = Array(repeating: false, count: cells)
    isMeasured = Array(repeating: false, count: cells)
    errors = Array(repeating: 0, count: cells)
    scales = Array(repeating: 1, count: window.modules)
  }

  /// Leak of a cell, from 0, in amperes with its standard deviation.
  public func leak(of cell: Int) -> (value: Double, deviation: Double) {
    let lane = Hypothesis.slowLeak.rawValue
    return (filters.value(lane, cell, .leak), filters.deviation(lane, cell, .leak))
  }

  /// Takes one reading; see ``FaultDetector``.
  public mutating func ingest(_ reading: PackReading, verdicts: inout [Verdict]) {
    let interval = reading.time - lastTime
    guard !lastTime.isNaN, interval >= 0 else {
      // The first reading, or a clock set back: the time since is not known.
      lastTime = reading.time
      windowStart = reading.time
      window.clear()
      return
    }
    guard interval > 0 else { return }
    let isParked = reading.mode == .parked
    if interval > 1_800 {
      // Nothing is known of the use in a long silence but that it was at most full.
      endWindow(length: lastTime - windowStart, verdicts: &verdicts)
      skip(interval)
      lastTime = reading.time
      windowStart = reading.time
      return
    }
    if isParked != windowParked, lastTime > windowStart {
      endWindow(length: lastTime - windowStart, verdicts: &verdicts)
      windowStart = lastTime
    }
    windowParked = isParked
    lastTime = reading.time
    // The reading's current held during the interval before it; behind open contactors there is
    // none, whatever the sensor's offset.
    let isOpen = !reading.contactorsCommanded && !reading.contactorsClosed
    let current = isOpen ? 0 : reading.current.isFinite ? reading.current : previousCurrent
    previousCurrent = current
    place.follow(current: current, interval: interval, reading: reading)
    window.add(
      reading, current: current, interval: interval, bleed: context.bleedCurrent, place: place)
    let length = reading.time - windowStart
    guard length >= (isParked ? Self.windows.parked : Self.windows.used) else { return }
    endWindow(length: length, verdicts: &verdicts)
    windowStart = reading.time
  }

  /// Lets a long silence pass.
  private mutating func skip(_ interval: Double) {
    place.widen(by: interval)
    // Nobody knows whether the pack went on resting.
    wasResting = false
    for cell in 0..<context.cells {
      anchors[cell].isSet = false
      filters.predict(
        cell, duration: interval, current: 0, bled: 0, unknown: min(0.5, interval / 14_400),
        move: SiblingMove(keep: 0, swing: 0), error: errors[cell])
    }
  }

  /// Ends a window: one prediction, one update of every filter, then the decision.
  private mutating func endWindow(length: Double, verdicts: inout [Verdict]) {
    defer { window.clear() }
    guard length > 0, window.rows > 0 else { return }
    let current = window.charge / length
    isResting = abs(window.charge) < 1e-4 * context.cell.capacity && windowParked
    locate(current: current, length: length)
    predict(current: current, length: length)
    measure(current: current, length: length)
    measureScales()
    weigh(length: length)
    decide(verdicts: &verdicts)
  }
}
