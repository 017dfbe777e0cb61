// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Cracking of particles: what all laws share.

/// A law of growth of the cracks in the surface of a particle.
///
/// - Reference: Deshpande et al. (2012), doi:10.1149/2.049210jes; O'Kane et al. (2022),
///   doi:10.1039/D2CP00417H.
public protocol ParticleCracking: Sendable {
  /// Growth of the length of a crack, in m/s; never negative.
  ///
  /// - Parameters:
  ///   - mechanics: Of the electrode.
  ///   - length: Length of the crack, in metres.
  ///   - stress: Tangential stress at the surface, in Pa; tension is positive.
  /// - Returns: The growth.
  func growth(_ mechanics: ParticleMechanics, length: Double, stress: Double) -> Double
}

/// The laws of cracking by the name the command line uses.
public enum CrackingLaw: String, CaseIterable, Sendable {
  /// Particles do not crack.
  case none
  /// Cracks grow by Paris' law.
  case paris

  /// The law.
  public var cracking: any ParticleCracking {
    switch self {
    case .none: NoCracking()
    case .paris: ParisCracking()
    }
  }
}

extension ParticleMechanics {
  /// Area of the cracks per area of the uncracked particle, two walls each: `2·l·w·ρ`.
  ///
  /// - Parameter length: Length of the cracks, in metres.
  /// - Returns: The ratio of the areas.
  /// - Reference: Deshpande et al. (2012), doi:10.1149/2.049210jes.
  public func crackArea(length: Double) -> Double { 2 * length * crackWidth * crackDensity }

  /// The first parameter cracking needs and the source does not give.
  ///
  /// - Parameter electrode: `Negative electrode` or `Positive electrode`.
  /// - Returns: Its key; nil when the parameters are complete.
  func missingForCracking(_ electrode: String) -> String? {
    let needs: [(String, Double)] = [
      ("Young's modulus [Pa]", youngModulus), ("initial crack length [m]", initialCrackLength),
      ("initial crack width [m]", crackWidth),
      ("number of cracks per unit area [m-2]", crackDensity),
      ("Paris' law constant b", parisFactor), ("Paris' law constant m", parisExponent),
      ("cracking rate", crackingRate),
    ]
    return needs.first { $0.1 <= 0 }.map { "\(electrode) \($0.0)" }
  }
}
