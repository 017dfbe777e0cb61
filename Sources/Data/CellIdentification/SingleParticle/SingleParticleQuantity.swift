// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What of a single-particle model may be identified from current and voltage.

import CellModels
import Foundation

/// What of a single-particle model may be identified from current and voltage once the electrodes
/// are balanced.
///
/// Radii of particles act through `D/R²` and `k/R` alone and are held, as are porosities. The area
/// changes together with the thicknesses, so that the capacities stay: cells for power have thin
/// electrodes of a large area.
public enum SingleParticleQuantity: String, CaseIterable, Sendable {
  case electrodeArea = "Electrode area [m2]"
  case contactResistance = "Contact resistance [Ohm]"
  case negativeDiffusivity = "Negative particle diffusivity [m2.s-1]"
  case positiveDiffusivity = "Positive particle diffusivity [m2.s-1]"
  case negativeExchange = "Negative electrode exchange-current density [A.m-2]"
  case positiveExchange = "Positive electrode exchange-current density [A.m-2]"
  case electrolyteDiffusivity = "Electrolyte diffusivity [m2.s-1]"
  case electrolyteConductivity = "Electrolyte conductivity [S.m-1]"

  /// How far the value of another cell may be off, as the standard deviation of its logarithm.
  ///
  /// Published diffusivities and exchange currents of one material differ by several times, those
  /// of electrolytes by tens of per cent (assumption, from the spread of the sets that ship). A
  /// contact resistance is that of a build and not of a material.
  public var spread: Double {
    switch self {
    case .negativeDiffusivity, .positiveDiffusivity: log(3)
    case .contactResistance, .negativeExchange, .positiveExchange: log(5)
    case .electrodeArea: log(2)
    case .electrolyteDiffusivity, .electrolyteConductivity: log(1.5)
    }
  }

  /// Changes a set by the factor `e^logarithm`; the contact resistance is `reference·e^logarithm`.
  func apply(_ logarithm: Double, to set: inout CellParameters, contact reference: Double) throws {
    let factor = exp(max(-12, min(12, logarithm)))
    switch self {
    case .contactResistance: set.contactResistance = reference * factor
    case .electrodeArea:
      set.electrodeArea *= factor
      set.negative.thickness /= factor
      set.positive.thickness /= factor
    default: try set.change(rawValue, .multiply(factor))
    }
  }

  /// The value in a set: at half of the host's capacity and at the salt concentration at rest.
  func value(in set: CellParameters) -> Double {
    switch self {
    case .contactResistance: set.contactResistance
    case .electrodeArea: set.electrodeArea * set.pairCount
    case .negativeDiffusivity: set.negative.diffusivity.value(0.5)
    case .positiveDiffusivity: set.positive.diffusivity.value(0.5)
    case .negativeExchange: Self.exchange(set.negative, set)
    case .positiveExchange: Self.exchange(set.positive, set)
    case .electrolyteDiffusivity:
      set.electrolyte.diffusivity.value(set.electrolyte.initialConcentration)
    case .electrolyteConductivity:
      set.electrolyte.conductivity.value(set.electrolyte.initialConcentration)
    }
  }

  private static func exchange(
    _ electrode: PorousElectrodeParameters, _ set: CellParameters
  ) -> Double {
    electrode.reactionRate * set.electrolyte.initialConcentration.squareRoot()
      * 0.5 * electrode.maximumConcentration
  }
}
