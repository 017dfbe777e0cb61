// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Growth of the solid-electrolyte interphase: what all laws share.

import Foundation
import Quantities

/// A law of growth of the solid-electrolyte interphase (SEI) on the negative electrode.
///
/// The reaction consumes lithium and thickens the film: `dL/dt = −V̄·j/(F·z)` with `j ≤ 0`.
public protocol InterphaseGrowth: Sendable {
  /// Whether the current depends on the potential.
  var dependsOnPotential: Bool { get }
  /// Whether the current depends on the potential less the loss across the film.
  var dependsOnFilmLoss: Bool { get }

  /// Side current density, in A/m²; never positive.
  ///
  /// - Parameters:
  ///   - parameters: Of the film.
  ///   - thickness: Film thickness, in metres; positive.
  ///   - potential: Potential of the solid against the electrolyte, in volts, before the film loss.
  ///   - filmLoss: Loss across the film, `j_total·L·ρ`, in volts.
  ///   - temperature: In kelvin.
  /// - Returns: Current density; zero or negative.
  func current(
    _ parameters: InterphaseParameters, thickness: Double, potential: Double, filmLoss: Double,
    temperature: Double
  ) -> Double
}

/// The laws of growth by the name the command line uses.
public enum InterphaseLaw: String, CaseIterable, Sendable {
  /// The film does not grow.
  case none
  /// Limited by the reaction.
  case reaction = "reaction-limited"
  /// Limited by diffusion of solvent through the film.
  case solvent = "solvent-diffusion"
  /// Limited by migration of electrons through the film.
  case electron = "electron-migration"
  /// Limited by diffusion of lithium interstitials.
  case interstitial = "interstitial-diffusion"
  /// Limited by reaction and diffusion of ethylene carbonate.
  case carbonate = "ec-reaction"

  /// The law.
  public var growth: any InterphaseGrowth {
    switch self {
    case .none: NoInterphaseGrowth()
    case .reaction: ReactionLimitedGrowth()
    case .solvent: SolventDiffusionGrowth()
    case .electron: ElectronMigrationGrowth()
    case .interstitial: InterstitialDiffusionGrowth()
    case .carbonate: CarbonateReactionGrowth()
    }
  }
}

extension InterphaseParameters {
  /// Arrhenius' factor of growth at a temperature, both in kelvin.
  func arrheniusFactor(at temperature: Double) -> Double {
    if activationEnergy == 0 { return 1 }
    let inverse = 1 / PhysicalConstants.referenceTemperature - 1 / temperature
    return exp(activationEnergy / PhysicalConstants.gas * inverse)
  }

  /// `F·x/(R·T)` with the exponent bounded, so that a search far from the solution stays finite.
  func reduced(_ potential: Double, _ temperature: Double) -> Double {
    let value =
      PhysicalConstants.faraday * potential / (PhysicalConstants.gas * temperature)
    return max(-200, min(200, value))
  }
}
