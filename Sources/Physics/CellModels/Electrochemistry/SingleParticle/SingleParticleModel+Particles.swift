// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The single-particle model: diffusion in the particles and its part of the Newton system.

import NumericalMethods

extension SingleParticleModel {
  /// Memory of one particle: amplitudes, response to a unit of flux, scratch and factors.
  static func particleCount(_ modes: Int) -> Int {
    2 * modes + NonlinearDiffusion.scratchCount(modes: modes)
      + NonlinearDiffusion.factorCount(modes: modes)
  }

  /// The slots of the particle whose modes start at an unknown.
  private func particle(at offset: Int) -> (
    amplitudes: UnsafeMutablePointer<Double>, response: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>, factors: UnsafeMutablePointer<Double>
  ) {
    let place = offset == 0 ? 0 : offset == positiveModes ? 1 : 2
    let base = particleMemory.base + place * Self.particleCount(modeCount)
    let scratch = base + 2 * modeCount
    return (
      base, base + modeCount, scratch, scratch + NonlinearDiffusion.scratchCount(modes: modeCount)
    )
  }

  /// Change of the mean stoichiometry per reaction current density: `3/(F·R·c_max)`.
  @inline(__always)
  private func fluxFactor(_ kernel: ElectrodeKernel) -> Double {
    3 / (faraday * kernel.radius * kernel.maximumConcentration)
  }

  /// Writes the rates of the modes of an electrode of which a share is active.
  func fillModes(
    _ state: UnsafePointer<Double>, _ rates: UnsafeMutablePointer<Double>, at offset: Int,
    _ kernel: ElectrodeKernel, _ diffusion: NonlinearDiffusion?, rate: Double, current: Double,
    active: Double
  ) {
    let flux = fluxFactor(kernel) * current
    rates[offset] = -flux * active
    if let diffusion {
      let slots = particle(at: offset)
      slots.amplitudes[0] = state[offset] / active
      for k in 1..<modeCount {
        slots.amplitudes[k] = state[offset + k]
        rates[offset + k] = -flux * modes.surface[k]
      }
      diffusion.addRates(
        slots.amplitudes, into: rates + offset, particles: 1, rate: rate, scratch: slots.scratch)
      return
    }
    for k in 1..<modeCount {
      rates[offset + k] = -modes.decay[k] * rate * state[offset + k] - flux * modes.surface[k]
    }
  }

  /// Factors the blocks of particles whose diffusivity depends on the stoichiometry, at the last
  /// evaluation; false when that is not possible.
  func factorParticles() -> Bool {
    factorParticle(at: 0, negative, negativeDiffusion, negativeRate)
      && factorParticle(at: positiveModes, positive, positiveDiffusion, positiveRate)
      && (second.map { factorParticle(at: $0.offset, $0.kernel, $0.diffusion, other.rate) } ?? true)
  }

  private func factorParticle(
    at offset: Int, _ kernel: ElectrodeKernel, _ diffusion: NonlinearDiffusion?, _ rate: Double
  ) -> Bool {
    guard let diffusion else { return true }
    let slots = particle(at: offset)
    guard
      diffusion.factor(
        slots.amplitudes, particles: 1, rate: rate, leading: leading, factors: slots.factors,
        scratch: slots.scratch)
    else { return false }
    let flux = fluxFactor(kernel)
    for k in 0..<modeCount { slots.response[k] = flux * modes.surface[k] }
    diffusion.solve(slots.response, particles: 1, factors: slots.factors)
    return true
  }

  /// Solves for the modes without the current.
  ///
  /// - Returns: Change of the surface stoichiometry, and how it falls per change of the current
  ///   density.
  func reduce(
    _ right: UnsafeMutablePointer<Double>, at offset: Int, _ kernel: ElectrodeKernel,
    _ diffusion: NonlinearDiffusion?, _ rate: Double, active: Double
  ) -> (sum: Double, response: Double) {
    var sum = 0.0
    var response = 0.0
    if let diffusion {
      let slots = particle(at: offset)
      right[offset] /= active
      diffusion.solve(right + offset, particles: 1, factors: slots.factors)
      for k in 0..<modeCount {
        sum += modes.surface[k] * right[offset + k]
        response += modes.surface[k] * slots.response[k]
      }
      right[offset] *= active
      return (sum, response)
    }
    right[offset] /= leading
    sum = right[offset] / active
    response = 1 / leading
    for k in 1..<modeCount {
      let inverse = 1 / (leading + modes.decay[k] * rate)
      right[offset + k] *= inverse
      sum += modes.surface[k] * right[offset + k]
      response += modes.surface[k] * modes.surface[k] * inverse
    }
    return (sum, response * fluxFactor(kernel))
  }

  /// Adds the response of the modes to a change of the current density.
  func expand(
    _ right: UnsafeMutablePointer<Double>, at offset: Int, _ kernel: ElectrodeKernel,
    _ diffusion: NonlinearDiffusion?, _ rate: Double, _ change: Double, active: Double
  ) {
    if diffusion != nil {
      let slots = particle(at: offset)
      right[offset] -= change * slots.response[0] * active
      for k in 1..<modeCount { right[offset + k] -= change * slots.response[k] }
      return
    }
    let flux = fluxFactor(kernel) * change
    right[offset] -= flux * active / leading
    for k in 1..<modeCount {
      right[offset + k] -= flux * modes.surface[k] / (leading + modes.decay[k] * rate)
    }
  }
}
