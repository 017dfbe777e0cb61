// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Lithium plating: what all laws share.

import Foundation
import Quantities

/// What a plating law sees at one place of the negative electrode.
public struct PlatingConditions: Hashable, Sendable {
  /// Plated lithium that can be stripped, in mol per m³ of electrode.
  public var plated: Double
  /// Salt concentration in the electrolyte, in mol/m³.
  public var salt: Double
  /// Potential of the solid against lithium in the electrolyte under the film, in volts:
  /// `φ_s − φ_e − j·R_film`.
  public var potential: Double
  /// Thickness of the interphase film over its thickness at the start.
  public var relativeFilm: Double
  /// Temperature, in kelvin.
  public var temperature: Double

  /// Creates conditions.
  public init(
    plated: Double, salt: Double, potential: Double, relativeFilm: Double = 1, temperature: Double
  ) {
    self.plated = plated
    self.salt = salt
    self.potential = potential
    self.relativeFilm = relativeFilm
    self.temperature = temperature
  }
}

/// Current density of plating and stripping with its derivatives, for Newton's method.
public struct PlatingCurrent: Hashable, Sendable {
  /// Current density, in A/m² of particle surface; negative plates, positive strips.
  public var value = 0.0
  /// Derivative by the potential, in A/(m²·V).
  public var byPotential = 0.0
  /// Derivative by the plated lithium, in A·m/mol.
  public var byPlated = 0.0
  /// Derivative by the salt concentration, in A·m/mol.
  public var bySalt = 0.0

  /// No current.
  public init() {}
}

/// A law of lithium plating on the negative electrode.
///
/// With `a` the particle surface per volume of electrode, plated and dead lithium per volume of
/// electrode obey
///
///     d(plated)/dt = −(1 − s)·a·j/F − γ·plated
///     d(dead)/dt   = −s·a·j/F + γ·plated
///
/// where `s` is deadShare and `γ` is deadLithiumRate(_:relativeFilm:).
///
/// - Reference: O'Kane et al. (2020), doi:10.1149/1945-7111/ab90ac; O'Kane et al. (2022),
///   doi:10.1039/D2CP00417H.
public protocol LithiumPlating: Sendable {
  /// Share of the plated lithium that is dead at once.
  var deadShare: Double { get }

  /// Current density of plating and stripping.
  func current(_ parameters: PlatingParameters, _ conditions: PlatingConditions) -> PlatingCurrent

  /// Rate at which plated lithium dies, in 1/s.
  ///
  /// - Parameters:
  ///   - parameters: Of plating.
  ///   - relativeFilm: Thickness of the interphase film over its thickness at the start.
  /// - Returns: The rate; zero or positive.
  func deadLithiumRate(_ parameters: PlatingParameters, relativeFilm: Double) -> Double
}

/// The laws of lithium plating by the name the command line uses.
public enum PlatingLaw: String, CaseIterable, Sendable {
  /// No lithium plates.
  case none
  /// What plates is lost.
  case irreversible
  /// What plates can be stripped.
  case reversible
  /// What plates can be stripped until it dies.
  case partiallyReversible = "partially-reversible"

  /// The law.
  public var plating: any LithiumPlating {
    switch self {
    case .none: NoPlating()
    case .irreversible: IrreversiblePlating()
    case .reversible: ReversiblePlating()
    case .partiallyReversible: PartiallyReversiblePlating()
    }
  }
}

extension PlatingParameters {
  /// `F·k·c_e·exp(−α·F·η/(R·T))` as a current that plates, with its derivatives.
  ///
  /// - Reference: O'Kane et al. (2020), doi:10.1149/1945-7111/ab90ac.
  func deposition(_ conditions: PlatingConditions) -> PlatingCurrent {
    let inverse = PhysicalConstants.faraday / (PhysicalConstants.gas * conditions.temperature)
    let wave = bounded(-transferCoefficient * inverse * conditions.potential)
    var result = PlatingCurrent()
    result.bySalt = -PhysicalConstants.faraday * rateConstant * wave.value
    result.value = result.bySalt * conditions.salt
    result.byPotential =
      -transferCoefficient * inverse * PhysicalConstants.faraday * rateConstant * conditions.salt
      * -wave.slope
    return result
  }

  /// `F·k·c_Li·exp((1 − α)·F·η/(R·T))` as a current that strips, with its derivatives.
  ///
  /// Below 0.01 mol/m³ the current fades smoothly to nothing at 0: what an integrator overshoots to
  /// must not plate at potentials where the exponential is huge.
  ///
  /// - Reference: O'Kane et al. (2020), doi:10.1149/1945-7111/ab90ac.
  func stripping(_ conditions: PlatingConditions) -> PlatingCurrent {
    let inverse = PhysicalConstants.faraday / (PhysicalConstants.gas * conditions.temperature)
    let wave = bounded((1 - transferCoefficient) * inverse * conditions.potential)
    let t = max(0, min(1, conditions.plated / 0.01))
    let available = t < 1 ? 0.01 * t * t * (2 - t) : conditions.plated
    let rate = PhysicalConstants.faraday * rateConstant
    var result = PlatingCurrent()
    result.byPlated = rate * wave.value * (t < 1 ? t * (4 - 3 * t) : 1)
    result.value = rate * wave.value * available
    result.byPotential = (1 - transferCoefficient) * inverse * rate * available * wave.slope
    return result
  }

  /// The exponential and its slope; straight above 14, where lithium strips in milliseconds
  /// anyway, so that currents stay far from where rounding would cost lithium.
  private func bounded(_ exponent: Double) -> (value: Double, slope: Double) {
    let inner = max(-200, min(14, exponent))
    let slope = exp(inner)
    return (max(0, slope * (1 + exponent - inner)), slope)
  }
}
