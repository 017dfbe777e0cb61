// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Health as a vector with one covariance.

/// Health of the average cell as a vector: capacity, both resistances and the shift of the
/// open-circuit voltage, with one covariance.
///
/// One number called "state of health" hides which of them has changed, and that errors of one look
/// like changes of another. Resistances and shift come out of one filter, which carries what they
/// share; the capacity is learnt from charge between anchors and shares nothing with them but what
/// a shifted curve does to the anchors: a shift `δU` moves an anchor by `δU / slope`.
public struct StateOfHealth<Real: CoreReal>: Sendable {
  /// Places in ``values`` and ``covariance``.
  public enum Part {
    /// Capacity as a share of nominal.
    public static var capacity: Int { 0 }
    /// Series resistance as a multiple of the new cell's.
    public static var series: Int { 1 }
    /// Resistance of the pairs as a multiple of the new cell's.
    public static var polarisation: Int { 2 }
    /// Shift of the open-circuit voltage against the circuit's, in volts.
    public static var shift: Int { 3 }
  }

  /// The four values.
  public internal(set) var values = InlineArray<4, Real>(repeating: 0)
  /// Their covariance.
  public internal(set) var covariance = SmallMatrix<4, Real>()
  /// Whether a capacity was learnt; else it is nominal with the uncertainty of a new cell.
  public internal(set) var isCapacityLearnt = false
}

extension PackEstimator {
  /// The vector of health with its covariance; for reports, outside the cycle.
  ///
  /// - Returns: The state now.
  public func health() -> StateOfHealth<Real> {
    typealias Part = StateOfHealth<Real>.Part
    var health = StateOfHealth<Real>()
    var places = InlineArray<3, Int>(repeating: FilterState.series)
    places[1] = FilterState.polarisation
    places[2] = FilterState.bias
    for i in 0..<3 {
      health.values[1 + i] = average.state[places[i]]
      for j in 0..<3 {
        health.covariance.rows[1 + i][1 + j] = average.covariance.rows[places[i]][places[j]]
      }
    }
    let share = (capacity.capacity / capacity.nominal).finite(or: 1)
    health.values[Part.capacity] = share
    let own = share * capacity.relativeDeviation
    // A shift moves both anchors, most where the curve is flat; over the whole range the slope is
    // the mean one, and a capacity is the charge over what the anchors say: δQ/Q = −2·δU/ΔU.
    let window = configuration.circuit.upperVoltage - configuration.circuit.lowerVoltage
    let leverage = capacity.isLearnt ? -2 * share / max(window, 0.1) : 0
    for j in 1..<4 {
      let cross = leverage * health.covariance.rows[Part.shift][j]
      health.covariance.rows[Part.capacity][j] = cross
      health.covariance.rows[j][Part.capacity] = cross
    }
    health.covariance.rows[0][0] =
      own * own + leverage * leverage * health.covariance.rows[Part.shift][Part.shift]
    health.isCapacityLearnt = capacity.isLearnt
    return health
  }
}
