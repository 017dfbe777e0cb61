// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// An equivalent circuit out of the parameters of an electrochemical model.

import Foundation
import Quantities

extension CircuitParameters {
  /// Reduces an electrochemical set to a circuit with three pairs.
  ///
  /// At each state of charge and temperature, in the small-signal limit with uniform reaction:
  /// - series: electrolyte `L/(3·κ·ε^b)` in the electrodes and `L/(κ·ε^b)` in the separator, solid
  ///   `L/(3·σ)`, contacts, and charge transfer `R·T/(F·j₀·S)` of both electrodes, whose double
  ///   layer settles in milliseconds;
  /// - diffusion in the spheres, `r²/(15·D)·|dU/dx|/(F·ε·L·A·c_max)`: the slowest mode of each
  ///   electrode, share `10/λ₁²`, `τ = r²/(λ₁²·D)`, is a pair of its own; the faster modes of both
  ///   share the third pair with the mean of their time constants.
  ///
  /// Polarisation of the salt is left out, and so is what is not linear in the current.
  ///
  /// - Parameter set: A complete set.
  /// - Throws: ``ParameterError`` of the set.
  /// - Reference: Subramanian, Diwakar & Tapriyal (2005), doi:10.1149/1.2032427, for the modes.
  public init(reducing set: CellParameters) throws(ParameterError) {
    try set.validate()
    let full = try set.stoichiometries(stateOfCharge: 1)
    let empty = try set.stoichiometries(stateOfCharge: 0)
    let balance = ElectrodeBalance(
      negative: (empty: empty.negative, full: full.negative),
      positive: (empty: empty.positive, full: full.positive))
    let hosts = set.hostCapacity
    let capacity =
      hosts.negative * (full.negative - empty.negative) * PhysicalConstants.faraday
    let curve = balance.openCircuitCurve(
      count: 401, positivePotential: set.positive.openCircuitPotential.value,
      negativePotential: set.negative.openCircuitPotential.value)
    let entropy = balance.openCircuitCurve(
      count: 51, positivePotential: set.positive.entropicChange.value,
      negativePotential: set.negative.entropicChange.value)
    let hasEntropy = entropy.values.contains { $0 != 0 }
    let nodes = (0...25).map { Double($0) / 25 }
    // Arrhenius' law holds for each part but not for their sum: tables every 15 to 20 K.
    let temperatures = [253.15, 273.15, 288.15, 298.15, 308.15, 323.15, 338.15]
    var series: [Double] = []
    var pairs = [[Double]](repeating: [], count: 3)
    var constants = [[Double]](repeating: [], count: 3)
    for temperature in temperatures {
      let parts = ReducedParts(set, temperature: temperature)
      constants[0].append(parts.fastTime)
      constants[1].append(parts.negative.time)
      constants[2].append(parts.positive.time)
      for node in nodes {
        let x = balance.negativeStoichiometry(at: node)
        let y = balance.positiveStoichiometry(at: node)
        series.append(
          parts.ohmic + parts.negative.transfer(at: x) + parts.positive.transfer(at: y))
        let negative = parts.negative.diffusion(at: x)
        let positive = parts.positive.diffusion(at: y)
        pairs[0].append((1 - ReducedParts.slowShare) * (negative + positive))
        pairs[1].append(ReducedParts.slowShare * negative)
        pairs[2].append(ReducedParts.slowShare * positive)
      }
    }
    let energy = max(
      set.negative.reactionActivationEnergy, set.positive.reactionActivationEnergy)
    func map(_ values: [Double]) -> CircuitMap {
      CircuitMap(
        temperatures: temperatures, nodes: nodes, discharge: values, activationEnergy: energy)
    }
    let built = (0..<3).map {
      CircuitPair(resistance: map(pairs[$0]), timeConstants: constants[$0])
    }
    self.init(
      name: set.name, source: "reduced from \(set.source)", capacity: capacity,
      cutOff: set.lowerCutOff...set.upperCutOff,
      openCircuit: OpenCircuitVoltage(
        curve: curve, entropyCoefficient: hasEntropy ? entropy : nil,
        referenceTemperature: Temperature(set.referenceTemperature)),
      seriesResistance: map(series),
      pairs: built.sorted { $0.timeConstants[3] < $1.timeConstants[3] })
    nominalCapacity = set.nominalCapacity
    ambientTemperature = set.ambientTemperature
    if let heat = set.heat, set.heatCapacity > 0 {
      self.heat = LumpedHeat(
        capacityJoulesPerKelvin: set.heatCapacity,
        conductanceWattsPerKelvin: heat.transferCoefficient * heat.coolingArea)
      coreSurface = heat.field.map { CoreSurfaceHeat(uniform: $0) }
    }
  }
}

/// Small-signal resistances of a cell at one temperature.
private struct ReducedParts {
  /// Square of the first positive root of `tan λ = λ`.
  static let slowest = 4.493_409_457_909_064 * 4.493_409_457_909_064
  /// Share of the slowest mode in the steady diffusion resistance: `(2/λ²)/(1/5)`.
  static let slowShare = 10 / slowest

  var ohmic: Double
  var negative: Electrode
  var positive: Electrode

  /// Mean time constant of the faster modes of both electrodes.
  ///
  /// All modes have the mean `Σλ⁻⁴/Σλ⁻² = (1/350)/(1/10)` of `r²/D`.
  var fastTime: Double {
    let share = ReducedParts.slowShare
    let factor: Double = (10.0 / 350 - share / ReducedParts.slowest) / (1 - share)
    return factor * ReducedParts.slowest * (negative.time + positive.time) / 2
  }

  init(_ set: CellParameters, temperature: Double) {
    let area = set.coatedArea
    let rest = set.electrolyte.initialConcentration
    let kappa =
      set.electrolyte.conductivity.value(rest)
      * set.electrolyte.conductivity.arrheniusFactor(
        at: temperature, reference: set.referenceTemperature)
    func ionic(_ length: Double, _ porosity: Double, _ exponent: Double) -> Double {
      length / (kappa * pow(porosity, exponent)) / area
    }
    func solid(_ electrode: PorousElectrodeParameters) -> Double {
      electrode.thickness
        / (3 * electrode.conductivity
          * pow(electrode.activeFraction, electrode.bruggemanElectrode)) / area
    }
    let (n, s, p) = (set.negative, set.separator, set.positive)
    let electrodes =
      ionic(n.thickness, n.porosity, n.bruggemanElectrolyte) / 3
      + ionic(p.thickness, p.porosity, p.bruggemanElectrolyte) / 3
    ohmic =
      electrodes + ionic(s.thickness, s.porosity, s.bruggemanElectrolyte) + solid(n)
      + solid(p) + set.contactResistance
    negative = Electrode(n, set, temperature: temperature, hostMoles: set.hostCapacity.negative)
    positive = Electrode(p, set, temperature: temperature, hostMoles: set.hostCapacity.positive)
  }

  struct Electrode {
    /// Time constant of the slowest mode, in seconds.
    let time: Double
    private let transferScale: Double
    private let diffusionScale: Double
    private let potential: PropertyFunction

    init(
      _ electrode: PorousElectrodeParameters, _ set: CellParameters, temperature: Double,
      hostMoles: Double
    ) {
      let kernel = ElectrodeKernel(electrode, set)
      let rate = kernel.diffusionRate(at: temperature)
      time = 1 / (ReducedParts.slowest * rate)
      diffusionScale = 1 / (15 * rate) / (PhysicalConstants.faraday * hostMoles)
      let area = set.coatedArea
      let surface = electrode.surfaceDensity * electrode.thickness * area
      let thermalVoltage = PhysicalConstants.gas * temperature / PhysicalConstants.faraday
      transferScale = thermalVoltage / (kernel.exchangeCurrent(at: temperature) * surface)
      potential = electrode.openCircuitPotential
    }

    func transfer(at x: Double) -> Double {
      transferScale / max(1e-4, x * (1 - x)).squareRoot()
    }

    func diffusion(at x: Double) -> Double {
      // Wide enough to average what a small signal would not see at 1C.
      let width = 0.02
      let (low, high) = (max(1e-3, x - width), min(1 - 1e-3, x + width))
      return diffusionScale * abs(potential.value(high) - potential.value(low)) / (high - low)
    }
  }
}
