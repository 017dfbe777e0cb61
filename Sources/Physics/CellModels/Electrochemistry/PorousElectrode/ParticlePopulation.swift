// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One kind of particle in one electrode of the porous-electrode model.

import Quantities

/// What does not change of one kind of particle, behind one reference: passing it costs one count.
final class ParticleKind: Sendable {
  let kernel: ElectrodeKernel
  /// Diffusion by stoichiometry; nil where the diffusivity is constant.
  let diffusion: NonlinearDiffusion?
  /// Half of the difference of the branches of the potential; nil without hysteresis.
  let gap: FunctionTable?

  init(
    _ kernel: ElectrodeKernel, modes: ParticleModes, gap: FunctionTable?,
    stress: ((Double) -> Double)?
  ) {
    self.kernel = kernel
    self.gap = gap
    diffusion = kernel.nonlinearDiffusion(modes, stress: stress)
  }
}

/// One kind of particle in one electrode: one particle in each of its volumes.
struct ParticlePopulation: Sendable {
  private let kind: ParticleKind
  /// Open-circuit potential, alive with the kind.
  let potential: FunctionTable.View
  /// Half of the difference of the branches of the potential, alive with the kind.
  let gap: FunctionTable.View?
  /// First unknown of the hysteresis, `[particle]`, and its rate; used where there is a gap.
  let hysteresisAt: Int
  let hysteresisRate: Double
  /// Whether ``diffusion`` is not nil.
  let isNonlinear: Bool
  /// Electrode volume of the first particle.
  let firstVolume: Int
  /// Number of particles.
  let count: Int
  /// First particle in the slots of one value per particle.
  let firstSurface: Int
  /// First unknown of the modes, `[mode × particle]`.
  let modesAt: Int
  /// Start of the factors and the scratch of ``diffusion`` in the memory of the model.
  let factorsAt: Int
  /// Change of the mean stoichiometry per reaction current density: `3/(F·R·c_max)`.
  let flux: Double

  /// `m·√c_e0·c_max` at the temperature of the last evaluation, in A/m².
  var exchange = 0.0
  /// `D/R²` at the temperature of the last evaluation, in 1/s.
  var rate = 0.0

  init(
    _ kernel: ElectrodeKernel, modes: ParticleModes, firstVolume: Int, count: Int,
    firstSurface: Int, modesAt: Int, factorsAt: Int, gap: FunctionTable? = nil,
    hysteresisAt: Int = 0, hysteresisRate: Double = 0,
    stress: ((Double) -> Double)? = nil
  ) {
    kind = ParticleKind(kernel, modes: modes, gap: gap, stress: stress)
    self.gap = gap?.view
    self.hysteresisAt = hysteresisAt
    self.hysteresisRate = hysteresisRate
    potential = kernel.potential
    isNonlinear = kind.diffusion != nil
    self.firstVolume = firstVolume
    self.count = count
    self.firstSurface = firstSurface
    self.modesAt = modesAt
    self.factorsAt = factorsAt
    flux = 3 / (PhysicalConstants.faraday * kernel.radius * kernel.maximumConcentration)
  }

  var kernel: ElectrodeKernel { kind.kernel }
  /// Diffusion by stoichiometry; nil where the diffusivity is constant.
  var diffusion: NonlinearDiffusion? { kind.diffusion }

  /// Memory for the factors, the responses to a unit current and the scratch of ``diffusion``.
  static func factorCount(modes: Int, particles: Int) -> Int {
    particles
      * (NonlinearDiffusion.factorCount(modes: modes) + modes
        + NonlinearDiffusion.scratchCount(modes: modes))
  }

  /// Updates the factors that depend on temperature alone.
  mutating func prepare(_ temperature: Double) {
    exchange = kernel.exchangeCurrent(at: temperature)
    rate = kernel.diffusionRate(at: temperature)
  }
}
