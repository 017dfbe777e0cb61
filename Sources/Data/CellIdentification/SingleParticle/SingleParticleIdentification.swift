// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A single-particle model with electrolyte out of recordings: balance, subset, intervals.

public import CellModels
import Foundation
import NumericalMethods
import Quantities

/// A single-particle model with electrolyte (SPMe) identified from recordings, as far as they
/// determine it.
///
/// First the electrodes are balanced on the slow test; then the losses are fitted to the other
/// recordings, each number held near the base set by what may be assumed of it. Which numbers the
/// data determine is said; an interval holds the correlation of residuals and what all other
/// numbers may be off.
public struct SingleParticleIdentification: Sendable {
  /// What the data say of a number.
  public enum State: String, Sendable {
    /// They narrow what was known of it to a third.
    case determined
    /// They narrow it less; the base set still counts.
    case narrowed
    /// They say next to nothing; the base set holds it.
    case held
  }

  /// One number of the model.
  public struct Finding: Sendable {
    /// Which.
    public let quantity: SingleParticleQuantity
    /// The value in ``parameters``.
    public let value: Double
    /// The value in the base set.
    public let base: Double
    /// What the data say of it.
    public let state: State
    /// Interval of 95 %, in which what all other numbers may be off is contained.
    public let interval: ClosedRange<Double>
    /// Standard deviation of the logarithm over ``SingleParticleQuantity/spread``; 1 when the data
    /// say nothing.
    public let remaining: Double
    /// Collinearity index together with those that are determined.
    public let collinearity: Double
  }

  /// The cell: the base set with what was identified.
  public let parameters: CellParameters
  /// The window of stoichiometries.
  public let balancing: ElectrodeBalancing
  /// Every number that was considered.
  public let findings: [Finding]
  /// Root-mean-square residual of the fit, in volts, and that of the balanced base set.
  public let rootMeanSquare: (fitted: Double, base: Double)
  /// Number of samples fitted, and names of their recordings.
  public let samples: Int
  /// Names of the recordings that were fitted.
  public let recordings: [String]
  /// Median temperature of the fitted recordings, in kelvin.
  public let temperature: Double
  /// Capacity and open-circuit tests.
  public let start: StartingPoint
  /// What keeps the numbers from being used for more than the tests that were given.
  public let warnings: [String]
  /// What a reader of the numbers should know.
  public let notes: [String]

  /// States of charge of samples that are fitted: below, the curve of the slow test is steep and
  /// its error would be taken for a loss.
  static let range = 0.08...1.0
  /// Uncertainty above which the data say next to nothing, the same.
  static let nothing = 0.9
  /// Share of the capacity that a discharge of C/2 or more must take without a break to tell how the
  /// salt moves: its gradient builds up within minutes, and pulses end before.
  static let saltShare = 0.25

  /// Identifies a model.
  ///
  /// - Parameters:
  ///   - recordings: A slow test, and pulse tests and discharges at about its temperature.
  ///   - base: Set of the same materials, whose potentials and unidentified numbers are used.
  ///   - held: Numbers to be held at the base set; the intervals of the others count what they may
  ///     be off by.
  ///   - progress: Called with the share done, 0 to 1.
  /// - Throws: ``IdentificationError``.
  public init(
    _ recordings: [Recording], base: CellParameters, held: Set<SingleParticleQuantity> = [],
    progress: (Double) -> Void = { _ in }
  ) throws(IdentificationError) {
    try Recording.check(recordings)
    guard base.negative.second == nil, base.solidState == nil else {
      throw .unsuitableBase(
        name: base.name, reason: "it has a second active material or a solid electrolyte")
    }
    let start = try StartingPoint(recordings)
    guard let slow = start.tests.first else {
      throw .noOpenCircuitTest(
        longestHours: OpenCircuitTest.longestDischarge(recordings) / 3_600)
    }
    self.start = start
    var notes = Recording.assumptions(of: recordings) + start.tests.compactMap(\.doubt)
    var warnings: [String] = []
    var fits: [FitRows] = []
    for recording in recordings where OpenCircuitTest(recording) == nil {
      let part = recording.withinTemperature()
      guard abs(part.medianTemperature - slow.temperature) < 8 else {
        notes.append(
          "\(recording.name): not fitted, at \(Int(part.medianTemperature - 273.15)) °C and not at "
            + "the temperature of the slow test")
        continue
      }
      fits.append(
        FitRows(
          part, initialCharge: start.initialStateOfCharge(part), capacity: start.capacity))
    }
    guard !fits.isEmpty else { throw .noExcitation(steps: 0, needed: 5) }
    let names = fits.map(\.recording.name)
    let longest =
      fits.map {
        $0.recording.sustainedDischarge(above: start.capacity / 7_200)
      }.max() ?? 0
    if longest < Self.saltShare * start.capacity {
      warnings.append(
        "no discharge of C/2 or more takes a quarter of the capacity without a break. Slow "
          + "and pulse tests do not tell how the salt moves: the electrolyte and the electrode area "
          + "stay near \(base.name), and at high currents the model may run out of salt too early or "
          + "too late. Add a 1C or 2C discharge")
    }
    let temperature = RobustStatistics.median(fits.map(\.recording.medianTemperature))
    let segments = fits.map { SegmentedRecording($0, range: Self.range) }
    progress(0.02)

    var balancing = try ElectrodeBalancing(
      start.openCircuit, capacity: start.capacity, potentials: base)
    var fit = SingleParticleFit(
      segments, base: base, balancing: balancing, cutOff: start.cutOff,
      contact: 0.2 * start.stepResistance)
    let everything = SingleParticleQuantity.allCases
    let before = fit.rootMeanSquare(of: fit.residuals([:]))
    // All at once, held near the base set by what is assumed of it: a place to judge from.
    // Started also from a cell for power: from thick electrodes the salt may run out in tests that
    // the cell has passed, and where the model cannot go there is no slope to follow.
    let starts: [SingleParticleFit.Values] = [
      [:], [.electrodeArea: log(2), .negativeExchange: 1, .positiveExchange: 1],
    ]
    let tried = starts.map {
      fit.solve(everything, from: $0, noise: 5e-3, rounds: 20)
    }
    guard var all = tried.min(by: { $0.rootMeanSquare < $1.rootMeanSquare }) else {
      throw .notDetermined(what: "any loss of the model")
    }
    progress(0.4)
    // The slow test lags by losses that the model now knows; better still once it is fitted to what
    // is left.
    let uncorrected = balancing
    for _ in 0..<2 {
      let corrected = fit.openCircuit(slow, all.values)
      balancing = try ElectrodeBalancing(
        corrected, capacity: start.capacity, potentials: base
      ).doubted(by: uncorrected)
      fit.balancing = balancing
      all = fit.solve(
        everything, from: all.values, noise: max(1e-4, all.rootMeanSquare), rounds: 20)
    }
    // Contact, area and electrolyte stand in for one another, and where the salt runs out a side
    // valley ends at a wall: it is looked for from a low and from the base's contact resistance.
    let noise = max(1e-4, all.rootMeanSquare)
    for contact in [-1.5, 0] {
      var from = all.values
      from[.contactResistance] = contact
      from[.electrodeArea] = 0.5 * (from[.electrodeArea] ?? 0)
      from[.electrolyteDiffusivity] = 0
      let other = fit.solve(everything, from: from, noise: noise, rounds: 12)
      if fit.objective(other, noise: noise) < fit.objective(all, noise: noise) { all = other }
    }
    progress(0.6)
    guard
      let judged = SingleParticleJudgement(
        fit, all, held: held, curveNoise: slow.noise, progress: { progress(0.6 + 0.38 * $0) })
    else { throw .notDetermined(what: "any loss of the model") }
    for (quantity, logarithm) in judged.carriedOff {
      let unheld = quantity.value(in: fit.set([quantity: logarithm]))
      notes.append(
        "\(quantity.rawValue): held at the value of \(base.name), for the data do not determine it "
          + "and would put it at \(String(format: "%.2g", unheld)), which is not plausible; a 1C "
          + "or 2C discharge among the data may tell it")
    }
    all = judged.solution
    let free = all.quantities
    let deviations = judged.deviations
    let determined = judged.determined
    guard !determined.isEmpty else { throw .notDetermined(what: "any loss of the model") }
    guard all.rootMeanSquare < start.poorFit else {
      throw .poorFit(rootMeanSquare: all.rootMeanSquare, limit: start.poorFit)
    }
    let values = all.values
    parameters = fit.set(values)
    self.balancing = balancing
    self.recordings = names
    self.temperature = temperature
    rootMeanSquare = (all.rootMeanSquare, before)
    samples = all.fit.residuals.count
    let cell = parameters
    let plain = fit.set([:])
    findings = everything.map { quantity in
      let value = quantity.value(in: cell)
      guard let index = free.firstIndex(of: quantity) else {
        let span = exp(StudentDistribution.normal * quantity.spread)
        return Finding(
          quantity: quantity, value: value, base: value, state: .held,
          interval: value / span...value * span, remaining: 1, collinearity: .infinity)
      }
      let others = free.indices.filter { $0 != index && determined.contains($0) }
      let ends = judged.ends[index]
      return Finding(
        quantity: quantity, value: value, base: quantity.value(in: plain),
        state: determined.contains(index)
          ? .determined
          : deviations[index] < Self.nothing * quantity.spread ? .narrowed : .held,
        interval: value * exp(max(-20, ends.low))...value * exp(min(20, ends.high)),
        remaining: deviations[index] / quantity.spread,
        collinearity: Collinearity.index((others + [index]).map { all.fit.slopes[$0] }))
    }
    if balancing.rootMeanSquare > 5e-3 {
      notes.append(
        "the potentials of \(base.name) leave "
          + String(format: "%.1f", 1e3 * balancing.rootMeanSquare)
          + " mV rms of the open-circuit voltage unexplained: those of the cell are others")
    }
    if slow.charge == nil {
      notes.append("no slow charge: losses of the slow test are those of the model alone")
    }
    self.notes = notes
    self.warnings = warnings
    progress(1)
  }
}
