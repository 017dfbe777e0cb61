// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Potential and kinetics of one electrode, prepared for the inner loop.

import Foundation
import Quantities

/// The functions and factors of one electrode that the inner loops use.
struct ElectrodeKernel: Sendable {
  /// Keeps the memory of `potential` alive.
  let potentialTable: FunctionTable
  let potential: FunctionTable.View
  let entropy: FunctionTable?
  let radius: Double
  let maximumConcentration: Double
  let surfaceDensity: Double
  let diffusivity: PropertyFunction
  let diffusivityReference: Double
  let reactionRate: Double
  let reactionActivation: Double
  let reference: Double
  let saltConcentration: Double

  init(_ electrode: PorousElectrodeParameters, _ cell: CellParameters) {
    potentialTable = electrode.openCircuitPotential.table(over: 0...1, intervals: 2_000)
    potential = potentialTable.view
    if electrode.entropicChange.constant == 0 {
      entropy = nil
    } else {
      entropy = electrode.entropicChange.table(over: 0...1, intervals: 1_000)
    }
    radius = electrode.particleRadius
    maximumConcentration = electrode.maximumConcentration
    surfaceDensity = electrode.surfaceDensity
    diffusivity = electrode.diffusivity
    diffusivityReference = electrode.diffusivity.value(0.5)
    reactionRate = electrode.reactionRate
    reactionActivation = electrode.reactionActivationEnergy
    reference = cell.referenceTemperature
    saltConcentration = cell.electrolyte.initialConcentration
  }

  /// Diffusion by stoichiometry in the modes of a model; nil where the diffusivity is constant.
  ///
  /// - Parameters:
  ///   - modes: The modes.
  ///   - stress: Factor of the diffusivity by stoichiometry that stress in the particle adds.
  /// - Returns: The diffusion or nil.
  func nonlinearDiffusion(
    _ modes: ParticleModes, stress: ((Double) -> Double)? = nil
  ) -> NonlinearDiffusion? {
    guard stress != nil || diffusivity.varies(over: 0...1) else { return nil }
    let value = diffusivity.value
    let reference = diffusivityReference
    return NonlinearDiffusion(
      relative: { value($0) / reference * (stress?($0) ?? 1) }, modes: modes)
  }

  /// Particle diffusivity at the stoichiometry 0.5 over radius squared at a temperature, in 1/s.
  func diffusionRate(at temperature: Double) -> Double {
    diffusivityReference * diffusivity.arrheniusFactor(at: temperature, reference: reference)
      / (radius * radius)
  }

  /// `m·√c_e0·c_max` at a temperature, in A/m²: the factor of `√(ĉ·x·(1 − x))`.
  func exchangeCurrent(at temperature: Double) -> Double {
    let arrhenius = PropertyFunction(constant: 1, activationEnergy: reactionActivation)
      .arrheniusFactor(at: temperature, reference: reference)
    return reactionRate * arrhenius * saltConcentration.squareRoot() * maximumConcentration
  }

  /// Open-circuit potential and its slope, in volts, with a barrier at the ends.
  ///
  /// The barrier `1e-6·(1/x − 1/(1 − x))` V keeps potentials monotone and the surface inside its
  /// bounds where a published fit ends; it is below 0.01 mV from 9 to 91 % lithiation. Within
  /// 1e-5 of the ends it continues as a straight line.
  @inline(__always)
  func openCircuit(_ x: Double) -> (value: Double, slope: Double) {
    Self.openCircuit(potential, x)
  }

  /// The same from the table's view, for loops that hold no reference.
  @inline(__always)
  static func openCircuit(
    _ potential: FunctionTable.View, _ x: Double
  ) -> (value: Double, slope: Double) {
    let (value, slope) = potential.evaluate(x)
    let inner = max(1e-5, min(1 - 1e-5, x))
    let inverse = 1 / (inner * (1 - inner))
    let barrier = 1e-6 * (1 - 2 * inner) * inverse
    let barrierSlope = -1e-6 * (2 * inverse + (1 - 2 * inner) * (1 - 2 * inner) * inverse * inverse)
    return (value + barrier + barrierSlope * (x - inner), slope + barrierSlope)
  }

  /// Intercalation current density and its derivatives.
  ///
  /// - Parameters:
  ///   - exchange: From ``exchangeCurrent(at:)``.
  ///   - salt: Salt concentration relative to rest.
  ///   - x: Surface stoichiometry.
  ///   - overpotential: In volts.
  ///   - half: `F/(2·R·T)`, in 1/V.
  /// - Returns: Current density in A/m² and its derivatives.
  @inline(__always)
  static func reaction(
    exchange: Double, salt: Double, x: Double, overpotential: Double, half: Double
  ) -> (current: Double, bySalt: Double, byPotential: Double, byStoichiometry: Double) {
    let (room, slope) = room(x)
    let j0 = exchange * (salt * room).squareRoot()
    let z = half * overpotential
    // Beyond ±30 the hyperbolic sine continues as its tangent; exp cannot overflow.
    let inner = max(-30, min(30, z))
    let e = exp(inner)
    let inverse = 1 / e
    let cosine = j0 * (e + inverse)
    let current = j0 * (e - inverse) + cosine * (z - inner)
    return (current, 0.5 * current / salt, cosine * half, 0.5 * current * slope / room)
  }

  /// `x·(1 − x)` and its slope, positive and smooth beyond the ends as well.
  ///
  /// Where particles fill or empty in a front, surfaces pass their ends by some 1e-4: the root of a
  /// clipped product has a corner there at which Newton's method jumps to and fro. The hyperbola
  /// differs from the product by 1e-10 over the product, and by nothing above 0.05.
  @inline(__always)
  static func room(_ x: Double) -> (value: Double, slope: Double) {
    let product = x * (1 - x)
    if product > 0.05 { return (product, 1 - 2 * x) }
    let root = (product * product + 4e-10).squareRoot()
    // Without cancellation where the product is negative.
    let value = product > 0 ? 0.5 * (product + root) : 2e-10 / (root - product)
    return (value, (1 - 2 * x) * value / root)
  }
}
