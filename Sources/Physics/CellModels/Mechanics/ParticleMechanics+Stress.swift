// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Stress and displacement at the surface of a particle by the lithium in it.

import Quantities

extension ParticleMechanics {
  /// Tangential stress at the surface of a particle, in Pa; tension is positive.
  ///
  /// `σ_t = Ω·E/(3·(1 − ν))·(c̄ − c_surface)`: an elastic sphere in which lithium spreads slowly
  /// against sound. The radial stress at a free surface is zero.
  ///
  /// - Parameters:
  ///   - mean: Mean lithium concentration of the particle, in mol/m³.
  ///   - surface: Lithium concentration at its surface, in mol/m³.
  /// - Returns: The stress.
  /// - Reference: Zhang, Shyy & Sastry (2007), doi:10.1149/1.2759840; Ai et al. (2020),
  ///   equation 8, doi:10.1149/2.0122001JES.
  public func tangentialStress(mean: Double, surface: Double) -> Double {
    partialMolarVolume * youngModulus / (3 * (1 - poissonRatio)) * (mean - surface)
  }

  /// Factor by which stress in the particle speeds diffusion.
  ///
  /// Lithium also drifts down the gradient of hydrostatic stress that its own gradient makes; in a
  /// sphere both act alike: `1 + 2·Ω²·E/(9·R·T·(1 − ν))·(c − c₀)`.
  ///
  /// - Parameters:
  ///   - concentration: Lithium concentration, in mol/m³.
  ///   - temperature: In kelvin.
  /// - Returns: The factor; at least 0.01.
  /// - Reference: Zhang, Shyy & Sastry (2007), doi:10.1149/1.2759840; Ai et al. (2020),
  ///   doi:10.1149/2.0122001JES.
  public func diffusionFactor(concentration: Double, temperature: Double) -> Double {
    let volume = partialMolarVolume
    let coefficient =
      2 * volume * volume * youngModulus
      / (9 * PhysicalConstants.gas * temperature * (1 - poissonRatio))
    return max(0.01, 1 + coefficient * (concentration - referenceConcentration))
  }

  /// Hydrostatic stress at the surface, in Pa: a third of the sum of the principal stresses, of
  /// which the radial one is zero.
  ///
  /// - Parameter tangential: Tangential stress at the surface, in Pa.
  /// - Returns: The hydrostatic stress.
  public func hydrostaticStress(tangential: Double) -> Double { 2 * tangential / 3 }

  /// Displacement of the surface of a particle, in metres; outward is positive.
  ///
  /// `u = Ω·R/3·(c̄ − c₀)`.
  ///
  /// - Parameters:
  ///   - mean: Mean lithium concentration of the particle, in mol/m³.
  ///   - radius: Radius of the particle, in metres.
  /// - Returns: The displacement.
  /// - Reference: Ai et al. (2020), equation 10, doi:10.1149/2.0122001JES.
  public func displacement(mean: Double, radius: Double) -> Double {
    partialMolarVolume * radius / 3 * (mean - referenceConcentration)
  }
}

extension PorousElectrodeParameters {
  /// Change of the thickness of the coating between two mean stoichiometries, in metres.
  ///
  /// The pores keep their volume, so the coating takes all of the particles' change.
  ///
  /// - Parameters:
  ///   - start: Mean stoichiometry at the start.
  ///   - end: Mean stoichiometry at the end.
  ///   - fraction: Share of the active material of the start that is left.
  /// - Returns: Zero where the set has no mechanics.
  /// - Reference: Ai et al. (2020), doi:10.1149/2.0122001JES.
  public func thicknessChange(from start: Double, to end: Double, fraction: Double = 1) -> Double {
    guard let change = mechanics?.volumeChange.value else { return 0 }
    return thickness * activeFraction * (fraction * change(end) - change(start))
  }
}
