// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Spectral particles against analytic diffusion in a sphere.

import CellModels
import Foundation
import NumericalMethods
import Testing

@Suite("Particle modes")
struct ParticleModesTests {
  /// Positive roots of `tan β = β`.
  func roots(_ count: Int) throws -> [Double] {
    try (1...count).map { n in
      let centre = (Double(n) + 0.5) * Double.pi
      return try RootFinding.brent(in: (centre - 0.5)...(centre - 1e-9)) { sin($0) - $0 * cos($0) }
    }
  }

  @Test("The slow decay rates are the squared roots of tan β = β")
  func decay() throws {
    let modes = ParticleModes(count: 13)
    #expect(modes.decay[0] == 0 && modes.surface[0] == 1)
    for (k, root) in try roots(4).enumerated() {
      #expect(abs(modes.decay[k + 1] / (root * root) - 1) < 1e-6)
    }
  }

  @Test(
    "Under constant flux the surface settles a fifth of the flux off the mean", arguments: 2...12)
  func steadyProfile(count: Int) {
    let modes = ParticleModes(count: count)
    // q_k = −b_k/λ_k for unit flux: the sum at the surface is −1/5 for any number of modes.
    let amplitudes = (0..<count).map { $0 == 0 ? 0 : -3 * modes.surface[$0] / modes.decay[$0] }
    let atSurface = zip(amplitudes, modes.surface).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(atSurface + 0.2) < 1e-11)
    // The profile is the parabola −(r²/2 − 3/10).
    for r in [0.0, 0.3, 0.7, 1] {
      #expect(abs(modes.profile(amplitudes, at: r) + 0.5 * r * r - 0.3) < 1e-10)
    }
  }

  @Test("A discharge follows the analytic series for the surface stoichiometry")
  func series() throws {
    let p = CellParameters.chen2020
    let model = try SingleParticleModel(p, withElectrolyte: false)
    let start = p.initialStoichiometries
    var simulation = CellSimulation(
      model, negative: start.negative, positive: start.positive, temperature: 298.15,
      options: StiffOptions(relativeTolerance: 1e-8))
    let electrode = p.negative
    let area = p.electrodeArea * electrode.surfaceDensity * electrode.thickness
    let radius = electrode.particleRadius
    let diffusivity = electrode.diffusivity.value(0.5)
    let scale =
      5 / area * radius / (96_485.332_12 * diffusivity * electrode.maximumConcentration)
    let betas = try roots(60)
    let modes = ParticleModes(count: 8)
    for time in [200.0, 1_000, 2_500] {
      let outcome = simulation.run(.current(5), duration: time - simulation.time)
      #expect(outcome == .duration)
      let tau = diffusivity * time / (radius * radius)
      let transient = betas.reduce(0) { $0 + exp(-$1 * $1 * tau) / ($1 * $1) }
      let exact = start.negative - scale * (3 * tau + 0.2 - 2 * transient)
      var surface = 0.0
      for k in 0..<8 { surface += modes.surface[k] * simulation.state[k] }
      #expect(abs(surface - exact) < 1e-6)
    }
  }
}
