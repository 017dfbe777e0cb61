// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The Doyle–Fuller–Newman model: right side, and elimination of the particles.

import Foundation
import Quantities

extension PorousElectrodeModel {
  /// Evaluates the right side; false where it is not defined.
  public mutating func evaluate(
    time: Double, state: UnsafePointer<Double>, into rates: UnsafeMutablePointer<Double>
  ) -> Bool {
    guard assemble(state, into: rates) else { return false }
    addTransport(state, rates)
    finishRates(state, rates)
    return true
  }

  /// Evaluates the right side and prepares the matrix; false where it is not defined.
  public mutating func linearize(
    time: Double, state: UnsafePointer<Double>, leading: Double,
    into rates: UnsafeMutablePointer<Double>
  ) -> Bool {
    guard assemble(state, into: rates) else { return false }
    self.leading = leading
    condenseParticles()
    guard factorTransport(state, rates) else { return false }
    finishRates(state, rates)
    return true
  }

  /// Updates all factors that depend on temperature alone.
  mutating func prepareFactors(_ temperature: Double) {
    if temperature == factorTemperature { return }
    factorTemperature = temperature
    let reference = parameters.referenceTemperature
    saltDiffusion = parameters.electrolyte.diffusivity.arrheniusFactor(
      at: temperature, reference: reference)
    saltConduction = parameters.electrolyte.conductivity.arrheniusFactor(
      at: temperature, reference: reference)
    negativeExchange = negative.exchangeCurrent(at: temperature)
    positiveExchange = positive.exchangeCurrent(at: temperature)
    negativeRate = negative.diffusionRate(at: temperature)
    positiveRate = positive.diffusionRate(at: temperature)
    let thermalVoltage = PhysicalConstants.gas * temperature / faraday
    half = 0.5 / thermalVoltage
    junction =
      2 * thermalVoltage * (1 - parameters.electrolyte.transferenceNumber)
      * parameters.electrolyte.thermodynamicFactor
  }

  /// Particles, kinetics and reaction sources.
  ///
  /// - Returns: False where a concentration or the temperature is not positive.
  private mutating func assemble(
    _ state: UnsafePointer<Double>, into rates: UnsafeMutablePointer<Double>
  ) -> Bool {
    let temperature = state[temperatureIndex]
    guard temperature > 100, temperature < 2_000 else { return false }
    prepareFactors(temperature)
    let conductivity = node(.conductivity)
    let conductivitySlope = node(.conductivitySlope)
    let diffusivity = node(.diffusivity)
    let diffusivitySlope = node(.diffusivitySlope)
    let logarithm = node(.logarithm)
    let factor = node(.factor)
    let kappa = conductivityTable.view
    let salt = diffusivityTable.view
    for i in 0..<nodes {
      let c = state[i]
      guard c > 0, c < 100 else { return false }
      let (k, kSlope) = kappa.evaluate(c)
      let (d, dSlope) = salt.evaluate(c)
      let floor = max(k, 1e-6)
      let conduction = factor[i] * saltConduction
      let diffusion = factor[i] * saltDiffusion
      conductivity[i] = conduction * floor
      conductivitySlope[i] = k > 1e-6 ? kSlope / floor : 0
      diffusivity[i] = diffusion * max(d, 1e-14)
      diffusivitySlope[i] = d > 1e-14 ? dSlope / d : 0
      logarithm[i] = log(c)
      rates[i] = 0
      rates[potentialOffset + i] = 0
    }
    return react(
      state, rates, negative, first: 0, count: mesh.negative, modesAt: negativeModes,
      exchange: negativeExchange, rate: negativeRate)
      && react(
        state, rates, positive, first: mesh.negative, count: mesh.positive,
        modesAt: positiveModes, exchange: positiveExchange, rate: positiveRate)
  }

  private func react(
    _ state: UnsafePointer<Double>, _ rates: UnsafeMutablePointer<Double>,
    _ kernel: ElectrodeKernel, first: Int, count: Int, modesAt: Int, exchange: Double, rate: Double
  ) -> Bool {
    let x = surface(.stoichiometry) + first
    let j = surface(.current) + first
    let bySalt = surface(.bySalt) + first
    let byPotential = surface(.byPotential) + first
    let byStoichiometry = surface(.byStoichiometry) + first
    let overpotential = surface(.overpotential) + first
    let potential = surface(.potential) + first
    let saltSource = node(.saltSource)
    let chargeSource = node(.chargeSource)
    let amplitudes = state + modesAt
    for i in 0..<count { x[i] = amplitudes[i] }
    for k in 1..<modeCount {
      let weight = modes.surface[k]
      let q = amplitudes + k * count
      for i in 0..<count { x[i] += weight * q[i] }
    }
    for e in 0..<count {
      let i = nodeOf(first + e)
      let (u, slope) = kernel.openCircuit(x[e])
      let eta = state[solidOffset + first + e] - state[potentialOffset + i] - u
      let reaction = ElectrodeKernel.reaction(
        exchange: exchange, salt: state[i], x: x[e], overpotential: eta, half: half)
      j[e] = reaction.current
      bySalt[e] = reaction.bySalt
      byPotential[e] = reaction.byPotential
      byStoichiometry[e] = reaction.byStoichiometry - reaction.byPotential * slope
      overpotential[e] = eta
      potential[e] = u
      rates[i] = saltSource[i] * reaction.current
      rates[potentialOffset + i] = chargeSource[i] * reaction.current
      rates[solidOffset + first + e] = -chargeSource[i] * reaction.current
    }
    let flux = 3 / (faraday * kernel.radius * kernel.maximumConcentration)
    let target = rates + modesAt
    for k in 0..<modeCount {
      let decay = -modes.decay[k] * rate
      let source = -flux * modes.surface[k]
      let q = amplitudes + k * count
      let f = target + k * count
      for i in 0..<count { f[i] = decay * q[i] + source * j[i] }
    }
    return true
  }

  /// Eliminates the particles' modes: derivatives of the reaction at given potentials and salt.
  private mutating func condenseParticles() {
    surfaceSumNegative = surfaceSum(negative, negativeRate)
    surfaceSumPositive = surfaceSum(positive, positiveRate)
    let bySalt = surface(.bySalt)
    let byPotential = surface(.byPotential)
    let byStoichiometry = surface(.byStoichiometry)
    let condensed = surface(.condensed)
    for e in 0..<electrodeNodes {
      let sum = e < mesh.negative ? surfaceSumNegative : surfaceSumPositive
      let gain = 1 / (1 + byStoichiometry[e] * sum)
      bySalt[e] *= gain
      byPotential[e] *= gain
      condensed[e] = byStoichiometry[e] * gain
    }
  }

  /// Response of the surface to a reaction current: `Σ φ_k·b_k/(leading + λ_k·D/R²)`.
  private func surfaceSum(_ kernel: ElectrodeKernel, _ rate: Double) -> Double {
    let flux = 3 / (faraday * kernel.radius * kernel.maximumConcentration)
    var sum = 0.0
    for k in 0..<modeCount {
      sum += modes.surface[k] * modes.surface[k] / (leading + modes.decay[k] * rate)
    }
    return flux * sum
  }

  /// Transport alone, without derivatives.
  private func addTransport(_ state: UnsafePointer<Double>, _ rates: UnsafeMutablePointer<Double>) {
    let rest = parameters.electrolyte.initialConcentration
    let width = node(.width)
    let conductivity = node(.conductivity)
    let diffusivity = node(.diffusivity)
    let logarithm = node(.logarithm)
    for i in 0..<nodes - 1 {
      let g = 2 / (width[i] / diffusivity[i] + width[i + 1] / diffusivity[i + 1])
      let flux = g * rest * (state[i] - state[i + 1])
      rates[i] -= flux
      rates[i + 1] += flux
      let k = 2 / (width[i] / conductivity[i] + width[i + 1] / conductivity[i + 1])
      let fall = state[potentialOffset + i] - state[potentialOffset + i + 1]
      let current = k * (fall + junction * (logarithm[i + 1] - logarithm[i]))
      rates[potentialOffset + i] -= current
      rates[potentialOffset + i + 1] += current
    }
    let solid = node(.solidConductance)
    for e in 0..<electrodeNodes - 1 where solid[e] != 0 {
      let current = solid[e] * (state[solidOffset + e] - state[solidOffset + e + 1])
      rates[solidOffset + e] -= current
      rates[solidOffset + e + 1] += current
    }
  }

  /// Boundary currents, control and heat.
  private mutating func finishRates(
    _ state: UnsafePointer<Double>, _ rates: UnsafeMutablePointer<Double>
  ) {
    let current = state[currentIndex]
    let last = electrodeNodes - 1
    rates[solidOffset] -= negativeContact * state[solidOffset]
    rates[solidOffset + last] -= current / area
    let loss = 1 / (area * positiveContact) + contactLoss
    let voltage = state[solidOffset + last] - current * loss
    switch control {
    case .current(let target):
      rates[currentIndex] = target - current
      controlByPotential = 0
      controlByCurrent = 1
    case .voltage(let target):
      rates[currentIndex] = voltage - target
      controlByPotential = -1
      controlByCurrent = loss
    case .power(let target):
      rates[currentIndex] = target - voltage * current
      controlByPotential = current
      controlByCurrent = voltage - loss * current
    }
    guard thermal == .lumped else {
      rates[temperatureIndex] = 0
      heatDiagonal = leading
      return
    }
    heatRate = heat(state)
    let temperature = state[temperatureIndex]
    rates[temperatureIndex] =
      (heatRate - cooling * (temperature - ambientTemperature)) / heatCapacity
    heatDiagonal = leading + cooling / heatCapacity
  }

  /// Heat generated, in watts: ohmic, irreversible and reversible.
  ///
  /// - Reference: Bernardi, Pawlikowski & Newman (1985), doi:10.1149/1.2113792.
  func heat(_ state: UnsafePointer<Double>) -> Double {
    let width = node(.width)
    let conductivity = node(.conductivity)
    let logarithm = node(.logarithm)
    let solid = node(.solidConductance)
    let charge = node(.chargeSource)
    let current = state[currentIndex]
    var sum = 0.0
    for i in 0..<nodes - 1 {
      let k = 2 / (width[i] / conductivity[i] + width[i + 1] / conductivity[i + 1])
      let fall = state[potentialOffset + i] - state[potentialOffset + i + 1]
      sum += k * (fall + junction * (logarithm[i + 1] - logarithm[i])) * fall
    }
    for e in 0..<electrodeNodes - 1 where solid[e] != 0 {
      let fall = state[solidOffset + e] - state[solidOffset + e + 1]
      sum += solid[e] * fall * fall
    }
    let x = surface(.stoichiometry)
    let j = surface(.current)
    let eta = surface(.overpotential)
    let temperature = state[temperatureIndex]
    for e in 0..<electrodeNodes {
      let table = e < mesh.negative ? negative.entropy : positive.entropy
      let entropic = table.map { temperature * $0.value(at: x[e]) } ?? 0
      sum += charge[nodeOf(e)] * j[e] * (eta[e] + entropic)
    }
    let density = current / area
    sum += density * density * (1 / negativeContact + 1 / positiveContact)
    return area * sum + current * current * contactLoss
  }
}
