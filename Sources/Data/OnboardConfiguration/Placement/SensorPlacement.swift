// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Where few temperature probes tell most, and the gains that read all cells from them.

public import BMSCore
public import NumericalMethods

/// How unsure the temperatures of cells are before any probe is read.
public struct HeatUncertainty: Sendable {
  /// Design current whose heat is meant, in amperes.
  public var current: Double
  /// Ohmic resistance of a cell, in ohms.
  public var resistance: Double
  /// Standard deviation of the heat of one cell against the others, as a share.
  public var cellHeat = 0.3
  /// Standard deviation of the heat of all cells together, as a share.
  public var commonHeat = 0.3
  /// Standard deviation of the heat that one cell loses to its coolant, as a share.
  public var cooling = 0.3
  /// Standard deviation of the difference of coolant and air, in kelvin.
  public var air = 10.0
  /// Standard deviation of the coolant at the cells against its sensor, in kelvin.
  public var coolant = 2.0
  /// Standard deviation of a probe, in kelvin.
  public var probe = 0.5

  /// Uncertainties about a design current.
  public init(current: Double, resistance: Double) {
    self.current = current
    self.resistance = resistance
  }
}

/// Cells that carry a probe, and the gains that give every cell's temperature.
///
/// At steady heat the temperatures are `T = T_c + H·I² + δ`, with `H = L⁻¹·R` and δ of the covariance
/// `P` that the uncertainties make through `L⁻¹`. The best linear reading of all cells from probes at
/// `s` is `T + K·(y − T_s)` with `K = P_{:s}·(P_ss + r)⁻¹`, whose error has the covariance
/// `P − K·P_s:`. Written for the core it is `K·y + (1 − ΣK)·T_c + (H − K·H_s)·I²`: weights that sum to
/// one. Places are taken one by one, each where it lowers the trace of that covariance most; the
/// function is nearly submodular, so the greedy choice is near the best one.
///
/// - Reference: Kalman (1960), doi:10.1115/1.3662552, for the reading; Krause, Singh & Guestrin (2008),
///   Journal of Machine Learning Research 9:235–284, for greedy placement in a Gaussian field.
public struct SensorPlacement: Sendable {
  /// Cells that carry a probe, from 0, in the order in which they were chosen.
  public let places: [Int]
  /// Weight of each probe in each cell, `[cells][probes]`.
  public let gains: [[Double]]
  /// Weight of the coolant in each cell.
  public let coolantWeights: [Double]
  /// Warming of each cell beyond that, in K/A².
  public let heat: [Double]
  /// Time constant of that warming, in seconds.
  public let heatSeconds: Double
  /// Predicted standard deviation of each cell, in kelvin.
  public let deviations: [Double]
  /// Predicted root mean square deviation with one probe, two and so on, in kelvin.
  public let progress: [Double]
  /// The same without any probe.
  public let prior: Double

  /// Root mean square of the predicted deviations, in kelvin.
  public var rootMeanSquare: Double { progress.last ?? prior }

  /// Chooses places, or computes the gains of given ones.
  ///
  /// - Parameters:
  ///   - model: The heat network.
  ///   - probes: Number of probes; ignored where places are given.
  ///   - uncertainty: How unsure the temperatures are.
  ///   - given: Cells that carry the probes, from 0; chosen where nil.
  /// - Throws: `NumericalError` where the network has no way to the outside.
  /// - Complexity: O(cells³ + probes·cells²).
  public init(
    _ model: PackHeatModel, probes: Int, uncertainty: HeatUncertainty, at given: [Int]? = nil
  ) throws(NumericalError) {
    let n = model.count
    let inverse = try DenseSolvers.inverse(positiveDefinite: model.conductances, size: n)
    let covariance = Self.prior(model, inverse, uncertainty)
    let noise = uncertainty.probe * uncertainty.probe
    var left = covariance
    var chosen: [Int] = []
    var progress: [Double] = []
    func rms(_ matrix: [Double]) -> Double {
      ((0..<n).reduce(0) { $0 + max(0, matrix[$1 * n + $1]) } / Double(n)).squareRoot()
    }
    prior = rms(covariance)
    for number in 0..<(given?.count ?? min(probes, n)) {
      let place = given?[number] ?? Self.best(left, n, noise, taken: chosen)
      let scale = 1 / (left[place * n + place] + noise)
      let column = (0..<n).map { left[$0 * n + place] }
      for i in 0..<n {
        for j in 0..<n { left[i * n + j] -= column[i] * column[j] * scale }
      }
      chosen.append(place)
      progress.append(rms(left))
    }
    places = chosen
    self.progress = progress
    deviations = (0..<n).map { max(0, left[$0 * n + $0]).squareRoot() }
    let k = chosen.count
    var inner = [Double](repeating: 0, count: k * k)
    for a in 0..<k {
      for b in 0..<k { inner[a * k + b] = covariance[chosen[a] * n + chosen[b]] }
      inner[a * k + a] += noise
    }
    let solved = try DenseSolvers.inverse(positiveDefinite: inner, size: k)
    let gains = (0..<n).map { cell in
      (0..<k).map { b in
        (0..<k).reduce(0) { $0 + covariance[cell * n + chosen[$1]] * solved[$1 * k + b] }
      }
    }
    self.gains = gains
    coolantWeights = gains.map { 1 - $0.reduce(0, +) }
    let warming = (0..<n).map { cell in
      (0..<n).reduce(0) { $0 + inverse[cell * n + $1] } * uncertainty.resistance
    }
    heat = (0..<n).map { cell in
      warming[cell] - (0..<k).reduce(0) { $0 + gains[cell][$1] * warming[chosen[$1]] }
    }
    heatSeconds = min(1e5, model.timeConstant)
  }

  /// The place that lowers the trace most.
  private static func best(
    _ matrix: [Double], _ n: Int, _ noise: Double, taken: [Int]
  ) -> Int {
    var best = (place: 0, gain: -1.0)
    for place in 0..<n where !taken.contains(place) {
      var sum = 0.0
      for i in 0..<n { sum += matrix[i * n + place] * matrix[i * n + place] }
      let gain = sum / (matrix[place * n + place] + noise)
      if gain > best.gain { best = (place, gain) }
    }
    return best.place
  }

  /// Covariance of the temperatures before any probe, `[cells × cells]`.
  private static func prior(
    _ model: PackHeatModel, _ inverse: [Double], _ u: HeatUncertainty
  ) -> [Double] {
    let n = model.count
    let watts = u.resistance * u.current * u.current
    var matrix = [Double](repeating: 0, count: n * n)
    func add(_ column: [Double]) {
      for i in 0..<n {
        for j in 0..<n { matrix[i * n + j] += column[i] * column[j] }
      }
    }
    func response(_ heat: [Double]) -> [Double] {
      (0..<n).map { i in (0..<n).reduce(0) { $0 + inverse[i * n + $1] * heat[$1] } }
    }
    let rise = response(Array(repeating: watts, count: n))
    for cell in 0..<n {
      let own = u.cellHeat * watts
      let lost = u.cooling * model.coolant[cell] * rise[cell]
      let size = (own * own + lost * lost).squareRoot()
      add((0..<n).map { inverse[$0 * n + cell] * size })
    }
    add(rise.map { $0 * u.commonHeat })
    add(response(model.air.map { $0 * u.air }))
    add(Array(repeating: u.coolant, count: n))
    return matrix
  }
}

extension SensorPlacement: ConfigurationChange {
  /// Writes gains, weights and time constant into a configuration of the same size; others stay.
  public func apply<let cells: Int, let probes: Int>(
    to configuration: inout PackConfiguration<cells, probes, Double>
  ) {
    guard cells == gains.count, probes == places.count else { return }
    for cell in 0..<cells {
      for probe in 0..<probes {
        configuration.sensing.temperatureGain[cell][probe] = gains[cell][probe]
      }
      configuration.sensing.temperatureFromCoolant[cell] = coolantWeights[cell]
      configuration.sensing.temperatureFromHeat[cell] = heat[cell]
    }
    configuration.sensing.heatSeconds = heatSeconds
  }
}
