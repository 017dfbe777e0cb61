// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// An equivalent circuit out of recordings: groups by temperature, joined to one set of parameters.

public import CellModels
import Foundation
import NumericalMethods
import Quantities

/// An equivalent circuit identified from recordings, with intervals and what was assumed.
public struct CircuitIdentification: Sendable {
  /// The circuit.
  public let parameters: CircuitParameters
  /// What the recordings said at each temperature, coldest first.
  public let groups: [Group]
  /// Capacity and open-circuit tests.
  public let start: StartingPoint
  /// Activation energy of the resistances, in J/mol.
  public let activationEnergy: Double
  /// Whether the energy comes from the data and not from an assumption.
  public let energyIsIdentified: Bool
  /// Voltage error in blocks of time left out of the fit, in volts, by number of pairs.
  public let criteria: [(pairs: Int, value: Double)]
  /// What a reader of the numbers should know.
  public let notes: [String]

  /// The circuit at one temperature.
  public struct Group: Sendable {
    /// In kelvin.
    public let temperature: Double
    /// Names of the recordings.
    public let recordings: [String]
    /// Number of samples fitted.
    public let sampleCount: Int
    /// Root-mean-square residual, in volts.
    public let rootMeanSquare: Double
    /// Time constants with standard errors of their logarithms.
    public let timeConstants: [(value: Double, error: Double)]
    /// Series resistance and pairs: ohms and standard errors at the nodes, on discharge.
    public let discharge: [[(value: Double, error: Double)]]
    /// The same on charge; empty where the data charge too little.
    public let charge: [[(value: Double, error: Double)]]
    /// Correction of the open-circuit voltage at uniform nodes, in volts.
    public let openCorrection: [(value: Double, error: Double)]
    /// Nodes of the resistances over the state of charge.
    public let nodes: [Double]
    /// Factor on a standard error that spans 95 % to either side.
    public let intervalFactor: Double
    /// How much of each resistance the data tell and not the smoothness of the maps, 0 to 1: on
    /// discharge, then on charge; blocks and nodes as in ``discharge``.
    public let resolution: (discharge: [[Double]], charge: [[Double]])

    /// Share of the data below which a resistance is called not determined: most of it is then that
    /// of its neighbours.
    public static let determinedResolution = 0.5

    /// Sum of the series resistance and all pairs on discharge at a state of charge, in ohms.
    public func total(at stateOfCharge: Double) -> Double {
      discharge.reduce(0) { $0 + Interpolation.linear(nodes, $1.map(\.value), at: stateOfCharge) }
    }
  }

  /// Identifies a circuit.
  ///
  /// - Parameters:
  ///   - recordings: Slow tests, pulse tests, discharges and drive cycles of one cell.
  ///   - settings: Nodes and priors.
  ///   - progress: Called with the share done, 0 to 1.
  /// - Throws: ``IdentificationError``.
  public init(
    _ recordings: [Recording], settings: CircuitFitSettings = .init(),
    progress: (Double) -> Void = { _ in }
  ) throws(IdentificationError) {
    try Recording.check(recordings)
    let start = try StartingPoint(recordings)
    guard start.jumpCount >= 5 else { throw .noExcitation(steps: start.jumpCount, needed: 5) }
    var notes = Recording.assumptions(of: recordings) + start.tests.compactMap(\.doubt)
    var fits = Self.groups(recordings, start, settings, &notes)
    guard !fits.isEmpty else { throw .noExcitation(steps: 0, needed: 5) }
    let reference =
      fits.indices.min {
        abs(fits[$0].temperature - StartingPoint.referenceTemperature)
          < abs(fits[$1].temperature - StartingPoint.referenceTemperature)
      } ?? 0
    progress(0.05)

    // First pass: the number of pairs and the time constants that serve all temperatures.
    let noises = fits.map { _ in 3e-3 }
    var candidates: [[GroupFit.Solution]] = []
    for (done, count) in settings.pairCounts.sorted().enumerated() {
      let guesses = Self.guesses(count, fits[reference].timeBounds)
      if let found = GroupFit.search(fits, guesses, noises: noises, rounds: settings.rounds) {
        candidates.append(found)
      }
      progress(0.05 + 0.7 * Double(done + 1) / Double(settings.pairCounts.count))
    }
    var criteria: [(pairs: Int, value: Double)] = []
    for found in candidates {
      var (square, count) = (0.0, 0)
      for (fit, solution) in zip(fits, found) {
        guard let part = fit.blockedError(solution.timeConstants, noise: 3e-3) else {
          square = .infinity
          continue
        }
        square += part.square
        count += part.count
      }
      criteria.append(
        (found[0].timeConstants.count, (square / Double(max(1, count))).squareRoot()))
    }
    guard let place = criteria.indices.min(by: { criteria[$0].value < criteria[$1].value }) else {
      throw .notDetermined(what: "the resistances")
    }
    let chosen = (solutions: candidates[place], value: criteria[place].value)
    guard chosen.value < start.poorFit else {
      throw .poorFit(rootMeanSquare: chosen.value, limit: start.poorFit)
    }
    if criteria.count > 1 {
      let list = criteria.map {
        "\($0.pairs): \(String(format: "%.2f", 1e3 * $0.value)) mV"
      }.joined(separator: ", ")
      notes.append(
        "\(criteria[place].pairs) RC pair(s) by the error in blocks of time left out of the fit ("
          + "\(list))")
    }
    var solutions = chosen.solutions
    let energy = Self.energy(fits, solutions) ?? settings.assumedEnergy
    energyIsIdentified = fits.count > 1
    if fits.count == 1 {
      notes.append(
        "one temperature alone: an activation energy of "
          + "\(Int(settings.assumedEnergy / 1_000)) kJ/mol is assumed for the others")
    }

    // Second pass: identified energy and hysteresis, noise as found.
    let loop = Self.hysteresis(start, fits[reference], solutions[reference])
    if let note = loop.note { notes.append(note) }
    for index in fits.indices {
      fits[index].activationEnergy = energy
      fits[index].hysteresis = (loop.amplitude, 50, start.capacity)
    }
    let levels = solutions.map { max(2e-4, $0.rootMeanSquare) }
    if let better = GroupFit.search(
      fits, solutions[reference].timeConstants, noises: levels, rounds: min(3, settings.rounds))
    {
      solutions = better
    }
    progress(0.9)
    // Other temperatures correct the curve of the reference by no more than entropies can.
    let constants = solutions[reference].timeConstants
    let curve = CircuitAssembly.corrected(fits[reference], solutions[reference])
    for index in fits.indices where index != reference {
      let distance = abs(fits[index].temperature - fits[reference].temperature)
      fits[index].base = curve
      fits[index].openLevel = max(1e-3, settings.entropy * distance)
      if let better = fits[index].solve(constants, noise: levels[index]) {
        solutions[index] = better
      }
    }
    var groups: [Group] = []
    for (fit, solution) in zip(fits, solutions) { groups.append(Self.group(fit, solution)) }
    self.start = start
    self.groups = groups
    self.criteria = criteria
    activationEnergy = energy
    var circuit = CircuitAssembly(
      start: start, fits: fits, solutions: solutions, reference: reference, energy: energy,
      hysteresis: loop.amplitude
    ).circuit()
    if let heat = HeatFit(recordings, circuit: circuit, start: start) {
      circuit.heat = heat.balance
      notes.append(heat.note)
    }
    parameters = circuit
    if !fits.contains(where: \.hasCharge) {
      notes.append("the recordings hardly charge: charge takes the resistances of discharge")
    }
    self.notes = notes
    progress(1)
  }

  /// Fits by temperature, coldest first; recordings without jumps of the current add only to
  /// groups that have some.
  private static func groups(
    _ recordings: [Recording], _ start: StartingPoint, _ settings: CircuitFitSettings,
    _ notes: inout [String]
  ) -> [GroupFit] {
    var prepared: [(recording: Recording, temperature: Double)] = []
    for recording in recordings {
      var part = recording.withinTemperature()
      let largest = part.currents.map(abs).max() ?? 0
      if OpenCircuitTest(part) != nil,
        let charge = part.currents.firstIndex(where: { $0 < -0.02 * largest })
      {
        // The charge branch counts its own charge and has done its part in the starting point.
        part = part.prefix(charge)
      }
      prepared.append((part, part.medianTemperature))
    }
    prepared.sort { $0.temperature < $1.temperature }
    var clusters: [[(recording: Recording, temperature: Double)]] = []
    for item in prepared {
      if let last = clusters.last?.last,
        item.temperature - last.temperature < settings.temperatureGap
      {
        clusters[clusters.count - 1].append(item)
      } else {
        clusters.append([item])
      }
    }
    var fits: [GroupFit] = []
    for cluster in clusters {
      let threshold = start.capacity / 36_000
      var sizes: [Double] = []
      var temperatures: [Double] = []
      var charged = 0.0
      for item in cluster {
        let jumps = item.recording.jumps(above: threshold)
        sizes += jumps.map(\.resistance)
        temperatures += jumps.map { item.recording.temperatures[$0.row] }
        let r = item.recording
        for row in r.times.indices.dropFirst() where r.currents[row] < -threshold {
          charged -= r.currents[row] * (r.times[row] - r.times[row - 1])
        }
      }
      guard sizes.count >= 5 else {
        let names = cluster.map(\.recording.name).joined(separator: ", ")
        notes.append(
          "\(names): no pulses at this temperature; used for the open-circuit voltage only")
        continue
      }
      fits.append(
        GroupFit(
          rows: cluster.map {
            FitRows(
              $0.recording, initialCharge: start.initialStateOfCharge($0.recording),
              capacity: start.capacity)
          }, base: start.openCircuit, openLevel: settings.openLevel, settings: settings,
          temperature: RobustStatistics.median(temperatures),
          scale: max(1e-6, RobustStatistics.median(sizes)),
          hasCharge: charged > 0.02 * start.capacity,
          activationEnergy: settings.assumedEnergy, curveNoise: start.tests.first?.noise))
    }
    return fits
  }

  private static func guesses(_ count: Int, _ bounds: ClosedRange<Double>) -> [Double] {
    let all: [[Double]] = [[], [20], [5, 200], [1.5, 20, 300]]
    let low = bounds.lowerBound
    // Coarse sampling moves the fast guesses up.
    return all[min(3, max(0, count))].enumerated().map { max($1, low * pow(4, Double($0))) }
  }

  /// Activation energy from the coldest and the warmest group; nil with one group.
  private static func energy(_ fits: [GroupFit], _ solutions: [GroupFit.Solution]) -> Double? {
    guard fits.count > 1, let cold = fits.first, let warm = fits.last else { return nil }
    let coldTotal = total(cold, solutions[0])
    let warmTotal = total(warm, solutions[solutions.count - 1])
    guard coldTotal > 0, warmTotal > 0 else { return nil }
    let energy =
      PhysicalConstants.gas * log(coldTotal / warmTotal)
      / (1 / cold.temperature - 1 / warm.temperature)
    return max(0, min(80_000, energy))
  }

  /// Mean total resistance on discharge from 20 to 80 % charge.
  private static func total(_ fit: GroupFit, _ solution: GroupFit.Solution) -> Double {
    let nodes = fit.settings.nodes
    let inner = nodes.indices.filter { (0.2...0.8).contains(nodes[$0]) }
    var sum = 0.0
    for block in 0...solution.timeConstants.count {
      for node in inner {
        sum += solution.values[fit.index(block: block, direction: 0, node: node)]
      }
    }
    return sum / Double(max(1, inner.count))
  }

  /// Half-width of the slow loop beyond what the resistances explain.
  private static func hysteresis(
    _ start: StartingPoint, _ fit: GroupFit, _ solution: GroupFit.Solution
  ) -> (amplitude: Double, note: String?) {
    guard let test = start.tests.first else {
      return (0, "no slow test: no hysteresis can be told")
    }
    guard let width = test.halfWidth else {
      return (0, "\(test.name): no slow charge: no hysteresis can be told")
    }
    let inner = width.indices.filter { (0.3...0.9).contains(test.nodes[$0]) }
    let loss = total(fit, solution) * test.current
    let middle = RobustStatistics.median(inner.map { width[$0] })
    return (max(0, min(0.1, middle - loss)), nil)
  }

  private static func group(_ fit: GroupFit, _ solution: GroupFit.Solution) -> Group {
    let errors = fit.errors(solution)
    let nodes = fit.settings.nodes
    func value(_ index: Int) -> (value: Double, error: Double) {
      (solution.values[index], errors?.values[index] ?? .nan)
    }
    func table(_ direction: Int) -> [[(value: Double, error: Double)]] {
      (0...solution.timeConstants.count).map { block in
        nodes.indices.map { value(fit.index(block: block, direction: direction, node: $0)) }
      }
    }
    func resolution(_ direction: Int) -> [[Double]] {
      (0...solution.timeConstants.count).map { block in
        nodes.indices.map {
          errors?.resolution[fit.index(block: block, direction: direction, node: $0)] ?? 0
        }
      }
    }
    return Group(
      temperature: fit.temperature, recordings: fit.rows.map(\.recording.name),
      sampleCount: solution.residuals.count, rootMeanSquare: solution.rootMeanSquare,
      timeConstants: solution.timeConstants.indices.map {
        (solution.timeConstants[$0], errors?.timeConstants[$0] ?? .nan)
      }, discharge: table(0), charge: fit.hasCharge ? table(1) : [],
      openCorrection: (0..<fit.settings.openNodes).map(value), nodes: nodes,
      intervalFactor: errors?.intervalFactor ?? .nan,
      resolution: (resolution(0), fit.hasCharge ? resolution(1) : []))
  }
}
