// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The single-particle model: the second material of the negative electrode.

import Quantities

/// A second particle of the negative electrode, of another material.
///
/// Both materials see one potential under their films. Unknowns, from `offset`: modes, then those of
/// `Slot`. The total current density on the particle is algebraic: it makes the potentials equal.
struct SecondMaterial: Sendable {
  /// Unknowns after the modes.
  enum Slot: Int, CaseIterable {
    /// Branch of the potential, −1 to 1, and total current density, in A/m².
    case hysteresis, current
    /// Molecules of film, plated and dead lithium as `LocalAgeing` counts them, and lithium in lost
    /// material relative to the host of the start.
    case film, plated, dead, trapped
  }

  let kernel: ElectrodeKernel
  /// Diffusion by stoichiometry; nil where the diffusivity is constant.
  let diffusion: NonlinearDiffusion?
  /// Half of the difference of the branches of the potential.
  let gap: FunctionTable
  let hysteresisRate: Double
  let local: LocalAgeing
  /// Surface of the particles, in m².
  let surface: Double
  /// Share of the material in the lithium of the full electrode.
  let share: Double
  let offset: Int
  let modeCount: Int

  init?(
    _ parameters: CellParameters, _ local: LocalAgeing?, modes: ParticleModes, offset: Int
  ) {
    guard let material = parameters.negative.second, let local else { return nil }
    let electrode = parameters.negative.second(material)
    kernel = ElectrodeKernel(electrode, parameters)
    diffusion = kernel.nonlinearDiffusion(modes)
    let low = material.lithiationPotential.value
    let high = material.delithiationPotential.value
    gap = FunctionTable(over: 0...1, intervals: 1_000) { 0.5 * (high($0) - low($0)) }
    hysteresisRate = material.hysteresisRate
    self.local = local
    surface =
      parameters.coatedArea * electrode.surfaceDensity * electrode.thickness
    share = parameters.negative.shares.second
    self.offset = offset
    modeCount = modes.count
  }

  @inline(__always)
  func index(_ slot: Slot) -> Int { offset + modeCount + slot.rawValue }
  /// Number of unknowns.
  var unknownCount: Int { modeCount + Slot.allCases.count }
  /// Change of the mean stoichiometry per reaction current density: `3/(F·R·c_max)`.
  var flux: Double {
    3 / (PhysicalConstants.faraday * kernel.radius * kernel.maximumConcentration)
  }
}

/// The second material at the last evaluation.
struct SecondCondition {
  /// Surface stoichiometry.
  var surface = 0.0
  /// Branch of the potential, −1 to 1.
  var branch = 0.0
  /// `m·√c_e0·c_max` in A/m² and `D/R²` in 1/s at the temperature.
  var exchange = 0.0
  var rate = 0.0
  /// Total current density, in A/m², open-circuit potential, and potential under and over the film.
  var current = 0.0
  var openCircuit = 0.0
  var potential = 0.0
  /// Derivatives of the potential over the film.
  var byCurrent = 0.0
  var byStoichiometry = 0.0
  var byBranch = 0.0
  var byPlated = 0.0
  /// Film thickness, in metres, side currents, in A/m², and plated lithium, in mol/m³.
  var film = 0.0
  var side = 0.0
  var plating = 0.0
  var plated = 0.0
  var response = PlatingResponse()
}
