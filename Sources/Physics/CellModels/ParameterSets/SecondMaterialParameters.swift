// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The parameters of a second active material in an electrode, in coherent SI.

/// The parameters of a second active material in an electrode, such as silicon in graphite.
///
/// Its potential has two branches, one for lithium going in and one for lithium going out. A state
/// `h` from −1 (going in) to 1 (going out) blends them and moves with the charge that passes:
///
///     dh/dt = −Γ·(dx/dt + |dx/dt|·h)
///
/// with `x` the mean stoichiometry of the particle and `Γ` the ``hysteresisRate``.
///
/// - Reference: Ai et al. (2022), doi:10.1016/j.jpowsour.2022.231142; Axén et al. (2022),
///   doi:10.1016/j.est.2022.103985, for the state.
public struct SecondMaterialParameters: Sendable {
  /// Volume fraction of the material in the electrode.
  public var activeFraction = 0.0
  /// Radius of its particles, in metres.
  public var particleRadius = 0.0
  /// Lithium concentration of the full host, in mol/m³.
  public var maximumConcentration = 0.0
  /// Lithium concentration at the start, in mol/m³.
  public var initialConcentration = 0.0
  /// Diffusivity of lithium in the particle, in m²/s, by stoichiometry.
  public var diffusivity = PropertyFunction(constant: 0)
  /// Potential against lithium while lithium goes in, in volts, by stoichiometry.
  public var lithiationPotential = PropertyFunction(constant: 0)
  /// Potential against lithium while lithium goes out, in volts, by stoichiometry.
  public var delithiationPotential = PropertyFunction(constant: 0)
  /// How fast the potential goes from one branch to the other per change of stoichiometry.
  public var hysteresisRate = 0.0
  /// `m` of the exchange-current density `m·√(c_e·c·(c_max − c))`, in A/m²·(m³/mol)^1.5.
  public var reactionRate = 0.0
  /// Activation energy of `m`, in J/mol.
  public var reactionActivationEnergy = 0.0

  /// Creates a material with nothing set.
  public init() {}
}

extension PorousElectrodeParameters {
  /// The electrode as if it had its second material alone, with the mean of both branches.
  func second(_ material: SecondMaterialParameters) -> PorousElectrodeParameters {
    var electrode = self
    electrode.second = nil
    electrode.mechanics = nil
    electrode.activeFraction = material.activeFraction
    electrode.particleRadius = material.particleRadius
    electrode.maximumConcentration = material.maximumConcentration
    electrode.initialConcentration = material.initialConcentration
    electrode.diffusivity = material.diffusivity
    electrode.reactionRate = material.reactionRate
    electrode.reactionActivationEnergy = material.reactionActivationEnergy
    electrode.entropicChange = PropertyFunction(constant: 0)
    let low = material.lithiationPotential.value
    let high = material.delithiationPotential.value
    electrode.openCircuitPotential = PropertyFunction { 0.5 * (low($0) + high($0)) }
    return electrode
  }

  /// Lithium per volume of electrode that all materials hold when full, in mol/m³.
  public var hostConcentration: Double {
    let other = second.map { $0.activeFraction * $0.maximumConcentration } ?? 0
    return activeFraction * maximumConcentration + other
  }

  /// Mean stoichiometry of the initial concentrations over all materials.
  public var initialStoichiometry: Double {
    let other = second.map { $0.activeFraction * $0.initialConcentration } ?? 0
    return (activeFraction * initialConcentration + other) / hostConcentration
  }

  /// Potential of the rested electrode by its mean stoichiometry over all materials, in volts.
  func restPotential(_ x: Double) -> Double { openCircuitPotential.value(restSplit(x).first) }

  /// Stoichiometries of the materials of the rested electrode between the branches; twice the mean
  /// where there is one material.
  func restSplit(_ x: Double) -> (first: Double, second: Double) {
    guard let second else { return (x, x) }
    let other = self.second(second).openCircuitPotential.value
    return Self.split(x, shares: shares, first: openCircuitPotential.value, second: other)
  }

  /// Shares of both materials in the lithium of the full electrode.
  var shares: (first: Double, second: Double) {
    let first = activeFraction * maximumConcentration / hostConcentration
    return (first, 1 - first)
  }

  /// Divides lithium between two materials so that their potentials are equal.
  ///
  /// Both potentials must fall with the stoichiometry. Where no division makes them equal, the one
  /// at the end of its range keeps that end.
  ///
  /// - Parameters:
  ///   - x: Mean stoichiometry, 0 to 1.
  ///   - shares: Of the materials in the lithium of the full electrode.
  ///   - first: Potential of the first material by stoichiometry.
  ///   - second: Potential of the second material by stoichiometry.
  /// - Returns: Stoichiometries.
  /// - Complexity: Some 50 evaluations of both.
  static func split(
    _ x: Double, shares: (first: Double, second: Double), first: (Double) -> Double,
    second: (Double) -> Double
  ) -> (first: Double, second: Double) {
    func other(_ own: Double) -> Double { (x - shares.first * own) / shares.second }
    var low = max(1e-9, (x - shares.second * (1 - 1e-9)) / shares.first)
    var high = min(1 - 1e-9, (x - shares.second * 1e-9) / shares.first)
    // The difference falls with the first material's stoichiometry.
    for _ in 0..<60 where high > low {
      let middle = 0.5 * (low + high)
      if first(middle) > second(other(middle)) { low = middle } else { high = middle }
    }
    let own = 0.5 * (low + high)
    return (own, other(own))
  }
}
