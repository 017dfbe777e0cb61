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
  /// What a reader of the numbers should know.
  public let notes: [String]

  /// States of charge of samples that are fitted: below, the curve of the slow test is steep and
  /// its error would be taken for a loss.
  static let range = 0.08...1.0
  /// Largest uncertainty of a determined number, as a share of what was known before.
  static let limit = 1.0 / 3
  /// Uncertainty above which the data say next to nothing, the same.
  static let nothing = 0.9
  /// Standard deviations from the base set that a number may be moved without being determined.
  static let farthest = 2.5

  /// Identifies a model.
  ///
  /// - Parameters:
  ///   - recordings: A slow test, and pulse tests and discharges at about its temperature.
  ///   - base: Set of the same materials, whose potentials and unidentified numbers are used.
  ///   - progress: Called with the share done, 0 to 1.
  /// - Throws: ``IdentificationError``.
  public init(
    _ recordings: [Recording], base: CellParameters, progress: (Double) -> Void = { _ in }
  ) throws(IdentificationError) {
    for recording in recordings where recording.count < 20 {
      throw .tooFewSamples(recording: recording.name, count: recording.count, needed: 20)
    }
    guard base.negative.second == nil, base.solidState == nil else {
      throw .unsuitableBase(
        name: base.name, reason: "it has a second active material or a solid electrolyte")
    }
    let start = try StartingPoint(recordings)
    guard let slow = start.tests.first else {
      throw .noOpenCircuitTest(
        longestHours: (recordings.map(\.duration).max() ?? 0) / 3_600)
    }
    self.start = start
    var notes: [String] = []
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
    // A number that the data do not determine, and that leaves what is plausible all the same, takes
    // up what is wrong with the model: it is held at the base set, and the others fitted again.
    var free = everything
    guard var judged = SingleParticleErrors(fit, all, curveNoise: slow.noise) else {
      throw .notDetermined(what: "any loss of the model")
    }
    while free.count > 1,
      let worst = free.indices.filter({
        judged.deviations[$0] >= Self.limit * free[$0].spread
          && abs(all.fit.values[$0]) > Self.farthest * free[$0].spread
      }).max(by: {
        abs(all.fit.values[$0]) / free[$0].spread < abs(all.fit.values[$1]) / free[$1].spread
      })
    {
      let quantity = free.remove(at: worst)
      let unheld = quantity.value(in: fit.set(all.values))
      notes.append(
        "\(quantity.rawValue): held at the value of \(base.name), for the data do not determine it "
          + "and would put it at \(String(format: "%.2g", unheld)), which is not plausible; a 1C "
          + "or 2C discharge among the data may tell it")
      all = fit.solve(free, from: all.values, noise: max(1e-4, all.rootMeanSquare), rounds: 20)
      guard let again = SingleParticleErrors(fit, all, curveNoise: slow.noise) else {
        throw .notDetermined(what: "any loss of the model")
      }
      judged = again
    }
    progress(0.7)
    guard
      let profile = SingleParticleProfile(
        fit, all, errors: judged, curveNoise: slow.noise,
        progress: { progress(0.7 + 0.28 * $0) })
    else { throw .notDetermined(what: "any loss of the model") }
    all = profile.solution
    let deviations = profile.deviations
    let determined = free.indices.filter { deviations[$0] < Self.limit * free[$0].spread }
    guard !determined.isEmpty else { throw .notDetermined(what: "any loss of the model") }
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
      let ends = profile.ends[index]
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
    progress(1)
  }
}
