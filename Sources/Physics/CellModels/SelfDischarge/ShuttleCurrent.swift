// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Self-discharge by molecules that carry charge between the electrodes.

import Foundation
import Quantities

/// Self-discharge by molecules that shuttle between the electrodes, limited by their diffusion:
/// `I = I₀·exp(E/R·(1/T₀ − 1/T))`, whatever the voltage.
///
/// The lithium goes back into the positive electrode: the loss is undone by the next charge.
///
/// - Reference: doi:10.1149/2.0111512eel (2015), for reversible self-discharge by lithium that
///   intercalates again.
public struct ShuttleCurrent: SelfDischarge {
  /// Current at the reference temperature of 298.15 K, in amperes.
  public var current: Double
  /// Activation energy, in J/mol.
  public var activationEnergy: Double

  /// Creates the law.
  public init(current: Double, activationEnergy: Double = 0) {
    self.current = current
    self.activationEnergy = activationEnergy
  }

  /// The current by this law.
  public func current(voltage: Double, temperature: Double) -> LeakCurrent {
    let inverse = 1 / PhysicalConstants.referenceTemperature - 1 / temperature
    return LeakCurrent(value: current * exp(activationEnergy / PhysicalConstants.gas * inverse))
  }
}
