// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Turns the state of an analysis into standings and findings.

import BatteryDomain
import NumericalMethods

/// Turns the state of an analysis into standings and findings.
struct AssessmentBuilder {
  let analysis: VehicleAnalysis
  let buckets: [Bucket]
  let comparison: CellComparison
  let load: LoadResponse?
  /// The same over the last load steps, where a resistance that has just risen shows undiluted.
  let recentLoad: LoadResponse?
  let capacity: CapacityComparison?
  let shape: RecentShape
  let text: PlainText
  let packCapacity: (range: ValueRange, source: String)?
  var result: VehicleAssessment
  var findings: [Finding] = []
  /// Start times of the buckets with cells compared.
  let times: [Double]
  /// Length of a bucket in seconds.
  let interval: Double

  init(_ analysis: VehicleAnalysis) {
    self.analysis = analysis
    buckets = analysis.history.snapshot()
    let cellCount = analysis.cellCount
    comparison = CellComparison(
      buckets, cellCount: cellCount, model: LikeChargeModel(analysis.openCircuit))
    var sums = LoadSums(cellCount: cellCount)
    for bucket in buckets { sums.merge(bucket.load) }
    let whole = LoadResponse(sums, cellCount: cellCount)
    load = whole
    recentLoad =
      whole == nil
      ? nil : LoadResponse(Self.lastSteps(buckets), cellCount: cellCount, groups: whole?.groups)
    capacity = comparison.capacity
    shape = RecentShape(analysis.recent, groups: comparison.modules, cellCount: cellCount)
    text = PlainText(
      offset: analysis.wallClockOffset, hasDates: analysis.timeReference == .unixEpoch)
    packCapacity = CapacityEstimate.range(
      sessions: analysis.charge.allSessions, discharges: analysis.charge.dischargeCapacities)
    result = VehicleAssessment(identity: analysis.identity)
    let clock = analysis.history.clock
    let all = buckets
    times = comparison.buckets.map { clock.start(of: all[$0].index) }
    interval = clock.length
  }

  /// Sums over the last buckets with together at least four times the fewest steps.
  private static func lastSteps(_ buckets: [Bucket]) -> LoadSums {
    var sums = LoadSums(cellCount: 0)
    for bucket in buckets.reversed() {
      sums.merge(bucket.load)
      if sums.steps >= 4 * LoadResponse.fewestSteps { break }
    }
    return sums
  }

  /// Number of buckets that "at first" and "at last" are taken over: a tenth of all, at least 3.
  var edgeCount: Int { min(comparison.buckets.count, max(3, comparison.buckets.count / 10)) }

  mutating func build() -> VehicleAssessment {
    describeRows()
    describePack()
    describeModules()
    standCells()
    findCells()
    findReadings()
    findPack()
    findTemperatures()
    findEvents()
    rank()
    return result
  }

  private mutating func describeRows() {
    result.timeReference = analysis.timeReference
    result.wallClockOffset = analysis.wallClockOffset
    result.rows = analysis.counts
    result.cellCount = analysis.cellCount
    result.probeCount = analysis.probeCount
    result.cleaning = analysis.cleaning
    if let first = analysis.firstTime, let last = analysis.gate.last {
      result.span = TimeSpan(start: first, end: last)
    }
    result.alarms = analysis.alarms.episodes
    result.chargeSessions = analysis.charge.allSessions
    result.telemetry = describeTelemetry()
    result.series = analysis.charts.series
    result.series.buckets = describeBuckets()
  }

  private func describeTelemetry() -> TelemetryQuality {
    let tracker = analysis.telemetry
    var quality = TelemetryQuality()
    quality.interval = tracker.usualInterval
    quality.gaps = tracker.gaps
    quality.longestGap = tracker.longestGap
    quality.rowsWithUnusableCells = tracker.rowsWithUnusableCells
    guard tracker.rows > 0 else { return quality }
    let rows = Double(tracker.rows)
    // Channels that never gave a value are not part of the pack.
    let fitted = tracker.fittedCells
    if fitted > 0 {
      let absent = tracker.rows * (analysis.cellCount - fitted)
      quality.unusableCellShare =
        Double(max(0, tracker.unusableCells - absent)) / (rows * Double(fitted))
    }
    if analysis.probeCount > 0 {
      let usable = tracker.probeSamples.reduce(0, +)
      quality.unusableProbeShare = 1 - Double(usable) / (rows * Double(analysis.probeCount))
    }
    quality.chargeStateShare = Double(tracker.chargeStateRows) / rows
    quality.stuckCells = stuckCells.map { $0 + 1 }
    return quality
  }

  /// Cells that keep within 2 mV while the median cell moves by more than 50 mV, over all rows or
  /// from some row to the last.
  var stuckCells: [Int] {
    let tracker = analysis.telemetry
    let moves = RobustStatistics.median(tracker.cellRanges.map(\.width)) > 0.050
    return tracker.cellRanges.indices.filter {
      tracker.stillness[$0].isFrozen
        || moves && tracker.cellRanges[$0].width < 0.002 && tracker.cellSamples[$0] >= 100
    }
  }

  private func describeBuckets() -> BucketSeries {
    var series = BucketSeries()
    series.interval = interval
    let clock = analysis.history.clock
    let places = Dictionary(
      uniqueKeysWithValues: comparison.buckets.enumerated().map { ($0.element, $0.offset) })
    func known(_ value: Double) -> Double? { value.isNaN ? nil : value }
    for bucket in buckets {
      series.time.append(clock.start(of: bucket.index))
      series.steadyRows.append(bucket.steadyRows)
      let spread = bucket.spread.rows.values.map(Double.init).sorted()
      series.spreadMedian.append(known(RobustStatistics.medianOfSorted(spread)))
      series.spread95.append(known(RobustStatistics.quantileOfSorted(spread, 0.95)))
      series.temperatureSpread.append(
        bucket.thermal.rows > 0 ? bucket.thermal.spreadSum / Double(bucket.thermal.rows) : nil)
      series.insulation.append(bucket.insulation)
      series.alarmLevel.append(bucket.alarmLevel)
    }
    for cell in 0..<analysis.cellCount {
      series.packDeviation.append(
        buckets.indices.map { place in
          places[place].flatMap { known(comparison.asRead[$0, cell]) }
        })
      series.moduleDeviation.append(
        buckets.indices.map { place in
          places[place].flatMap { known(comparison.moduleRelative[$0, cell]) }
        })
    }
    return series
  }

  private mutating func describePack() {
    var pack = PackSummary()
    pack.capacity = packCapacity?.range
    pack.capacitySource = packCapacity?.source ?? ""
    pack.referenceSlope = comparison.model.referenceSlope
    let spreads = result.series.buckets.spreadMedian.compactMap { $0 }
    if !spreads.isEmpty {
      let edge = min(spreads.count, max(3, spreads.count / 10))
      pack.firstSpread = RobustStatistics.median(Array(spreads.prefix(edge)))
      pack.lastSpread = RobustStatistics.median(Array(spreads.suffix(edge)))
    }
    pack.cellVoltageMaximum = analysis.tracks.cellVoltage.maximum
    pack.cellVoltageMinimum = analysis.tracks.cellVoltage.minimum
    pack.temperatureMaximum = analysis.tracks.temperature.maximum
    pack.temperatureMinimum = analysis.tracks.temperature.minimum
    pack.temperatureSpreadMaximum = analysis.tracks.spread.maximum
    pack.temperatureRateMaximum = analysis.tracks.fastestRise
    pack.insulationBaseline = analysis.tracks.insulation.median
    pack.insulationMinimum = analysis.tracks.insulation.extremes.minimum
    result.pack = pack
  }

  private mutating func describeModules() {
    let count = comparison.buckets.count
    let edge = edgeCount
    result.modules = comparison.modules.enumerated().map { number, group in
      var module = CellModule(
        module: number + 1, firstCell: group.lowerBound + 1, lastCell: group.upperBound)
      guard count > 0 else { return module }
      let first = comparison.packRelative.medians(over: 0..<edge)
      let last = comparison.packRelative.medians(over: (count - edge)..<count)
      func known(_ value: Double) -> Double? { value.isNaN ? nil : value }
      module.firstDeviation = known(CellMatrix.median(group.map { first[$0] }))
      module.deviation = known(CellMatrix.median(group.map { last[$0] }))
      let own = group.map { last[$0] }.filter { !$0.isNaN }
      module.spread = known(
        RobustStatistics.scaledMAD(own, about: RobustStatistics.median(own)))
      return module
    }
  }

  private mutating func rank() {
    findings.sort(by: Finding.ranksAbove)
    result.findings = findings
    result.severity = findings.map(\.severity).max() ?? .note
    result.risk = VehicleRisk.combined(findings)
    for finding in findings {
      guard case .cell(let number) = finding.subject, result.cells.indices.contains(number - 1)
      else { continue }
      if finding.severity > result.cells[number - 1].severity {
        result.cells[number - 1].severity = finding.severity
      }
      result.cells[number - 1].risk = max(result.cells[number - 1].risk, finding.risk)
    }
  }

  /// Adds a finding if its magnitude reaches a step of the rule; `limit` is the highest severity
  /// the evidence carries here, where that is less than the rule's.
  mutating func report(
    _ rule: FindingRule, magnitude: Double, subject: Subject, since: Double? = nil,
    confidence: Double, title: String, baseline: String, evidence: [Evidence],
    limit: Severity = .stop
  ) {
    guard magnitude.isFinite, let reached = rule.step(for: magnitude) else { return }
    let step =
      reached.severity <= limit
      ? reached : rule.steps.last { $0.severity <= limit } ?? reached
    guard step.severity <= limit else { return }
    findings.append(
      Finding(
        kind: rule.kind, title: title, subject: subject, since: since, severity: step.severity,
        confidence: confidence,
        risk: rule.risk(magnitude, step: step, confidence: confidence),
        controlNode: rule.controlNode, baseline: baseline,
        evidence: evidence.filter { $0.value.isFinite && ($0.reference?.isFinite ?? true) },
        recommendedAction: step.action))
  }
}

/// The risk of a vehicle from its findings; see <doc:Risk>.
enum VehicleRisk {
  /// Combines findings in ranked order.
  static func combined(_ findings: [Finding]) -> Double {
    guard let first = findings.first else { return 0 }
    let ceiling = 25 * Double(first.severity.rank + 1)
    var rest = 1.0
    for finding in findings.dropFirst() {
      // (1 − r)^0.1 ≈ 1 − 0.1·r for the small shares that count here.
      rest *= 1 - 0.1 * finding.risk / 100
    }
    return first.risk + (ceiling - first.risk) * (1 - rest)
  }
}
