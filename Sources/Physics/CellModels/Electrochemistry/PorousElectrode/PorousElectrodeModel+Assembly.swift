// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The Doyle–Fuller–Newman model: right side, and elimination of the particles.

import Foundation
import NumericalMethods
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
    let (bySalt, byPotential) = (node(.reactionBySalt), node(.reactionByPotential))
    for i in 0..<nodes {
      bySalt[i] = 0
      byPotential[i] = 0
    }
    guard condense(state, negative), condense(state, positive) else { return false }
    if let second, !condense(state, second) { return false }
    if hasFilm, let film { condenseFilm(film) }
    if hasFilm, let secondFilm { condenseFilm(secondFilm) }
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
    negative.prepare(temperature)
    positive.prepare(temperature)
    second?.prepare(temperature)
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
    if hasWear, let wear {
      guard readWear(state, wear) else { return false }
      terminals = terminals(state, stack: stackArea)
    }
    if hasFilm, let film {
      fillSalt(state)
      fillLosses(state, film)
      if let secondFilm { fillLosses(state, secondFilm) }
    }
    let concentration = self.salt(state)
    let conductivity = node(.conductivity)
    let conductivitySlope = node(.conductivitySlope)
    let diffusivity = node(.diffusivity)
    let diffusivitySlope = node(.diffusivitySlope)
    let logarithm = node(.logarithm)
    let factor = node(.factor)
    let kappa = conductivityTable.view
    let salt = diffusivityTable.view
    for i in 0..<nodes {
      let c = concentration[i]
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
    for e in 0..<electrodeNodes { rates[solidOffset + e] = 0 }
    react(state, rates, negative)
    react(state, rates, positive)
    if let second { react(state, rates, second) }
    if hasFilm, let film { addFilm(state, rates, film) }
    if hasFilm, let secondFilm { addFilm(state, rates, secondFilm) }
    if hasWear, let wear { addWear(state, rates, wear) }
    return true
  }

  /// Reaction and diffusion of one kind of particle.
  private func react(
    _ state: UnsafePointer<Double>, _ rates: UnsafeMutablePointer<Double>,
    _ particles: ParticlePopulation
  ) {
    let first = particles.firstSurface
    let count = particles.count
    let salt = self.salt(state)
    // The film passes the total current on to the balances itself.
    let isFilmed = hasFilm && particles.firstVolume == 0
    let loss = surface(.loss) + first
    let x = surface(.stoichiometry) + first
    let j = surface(.current) + first
    let bySalt = surface(.bySalt) + first
    let byPotential = surface(.byPotential) + first
    let byStoichiometry = surface(.byStoichiometry) + first
    let overpotential = surface(.overpotential) + first
    let area = surface(.area) + first
    let amplitudes = amplitudes(state, particles)
    for i in 0..<count { x[i] = amplitudes[i] }
    for k in 1..<modeCount {
      let weight = modes.surface[k]
      let q = amplitudes + k * count
      for i in 0..<count { x[i] += weight * q[i] }
    }
    let gap = particles.gap
    let exchange = particles.exchange
    let table = particles.potential
    for e in 0..<count {
      let volume = particles.firstVolume + e
      let i = nodeOf(volume)
      var (u, slope) = ElectrodeKernel.openCircuit(table, x[e])
      if let gap {
        let (half, change) = gap.evaluate(x[e])
        surface(.gap)[first + e] = half
        u += state[particles.hysteresisAt + e] * half
        slope += state[particles.hysteresisAt + e] * change
      }
      let eta = state[solidOffset + volume] - state[potentialOffset + i] - u - loss[e]
      let reaction = ElectrodeKernel.reaction(
        exchange: exchange, salt: salt[i], x: x[e], overpotential: eta, half: half)
      j[e] = reaction.current
      bySalt[e] = reaction.bySalt
      byPotential[e] = reaction.byPotential
      byStoichiometry[e] = reaction.byStoichiometry - reaction.byPotential * slope
      overpotential[e] = eta
      let source = isFilmed ? 0 : area[e] * reaction.current
      rates[i] += saltPerCharge * source
      rates[potentialOffset + i] += source
      rates[solidOffset + volume] -= source
    }
    if gap != nil {
      // dh/dt = Γ·flux·(j − |j|·h)
      let rate = particles.hysteresisRate * particles.flux
      for e in 0..<count {
        let own = particles.hysteresisAt + e
        rates[own] = rate * (j[e] - abs(j[e]) * state[own])
      }
    }
    let target = rates + particles.modesAt
    for k in 0..<modeCount {
      let decay = !particles.isNonlinear ? -modes.decay[k] * particles.rate : 0
      let source = -particles.flux * modes.surface[k]
      let q = amplitudes + k * count
      let f = target + k * count
      for i in 0..<count { f[i] = decay * q[i] + source * j[i] }
    }
    if particles.isNonlinear, let diffusion = particles.diffusion {
      diffusion.addRates(
        amplitudes, into: target, particles: count, rate: particles.rate,
        scratch: scratch(particles))
    }
  }

  /// Eliminates the modes of one kind of particle: derivatives of the reaction at given potentials
  /// and salt, added up over the kinds of a volume.
  private func condense(_ state: UnsafePointer<Double>, _ particles: ParticlePopulation) -> Bool {
    let first = particles.firstSurface
    let response = surface(.response) + first
    guard fillResponse(state, particles, response) else { return false }
    let bySalt = surface(.bySalt) + first
    let byPotential = surface(.byPotential) + first
    let byStoichiometry = surface(.byStoichiometry) + first
    let condensed = surface(.condensed) + first
    let area = surface(.area) + first
    let sumBySalt = node(.reactionBySalt)
    let sumByPotential = node(.reactionByPotential)
    if particles.gap != nil { condenseHysteresis(state, particles) }
    let feedback = surface(.hysteresisResponse) + first
    let gap = surface(.gap) + first
    // The film adds what reacts below it itself.
    let isFilmed = hasFilm && particles.firstVolume == 0
    for e in 0..<particles.count {
      let opposed = byStoichiometry[e] * response[e] + byPotential[e] * gap[e] * feedback[e]
      let gain = 1 / (1 + opposed)
      bySalt[e] *= gain
      byPotential[e] *= gain
      condensed[e] = byStoichiometry[e] * gain
      if isFilmed { continue }
      let i = nodeOf(particles.firstVolume + e)
      sumBySalt[i] += area[e] * bySalt[e]
      sumByPotential[i] += area[e] * byPotential[e]
    }
    return true
  }

  /// Response of the hysteresis to a reaction current, and the inverse of its diagonal.
  private func condenseHysteresis(
    _ state: UnsafePointer<Double>, _ particles: ParticlePopulation
  ) {
    let first = particles.firstSurface
    let rate = particles.hysteresisRate * particles.flux
    for e in 0..<particles.count {
      let current = surface(.current)[first + e]
      let inverse = 1 / (leading + rate * abs(current))
      let h = state[particles.hysteresisAt + e]
      surface(.hysteresisInverse)[first + e] = inverse
      surface(.hysteresisResponse)[first + e] = rate * (1 - (current < 0 ? -h : h)) * inverse
    }
  }

  /// Response of the surface to a reaction current: `Σ φ_k·b_k/(leading + λ_k·D/R²)`.
  private func fillResponse(
    _ state: UnsafePointer<Double>, _ particles: ParticlePopulation,
    _ response: UnsafeMutablePointer<Double>
  ) -> Bool {
    let count = particles.count
    guard particles.isNonlinear, let diffusion = particles.diffusion else {
      var sum = 0.0
      for k in 0..<modeCount {
        sum += modes.surface[k] * modes.surface[k] / (leading + modes.decay[k] * particles.rate)
      }
      sum *= particles.flux
      for e in 0..<count { response[e] = sum }
      return true
    }
    let factors = memory.base + particles.factorsAt
    guard
      diffusion.factor(
        amplitudes(state, particles), particles: count, rate: particles.rate, leading: leading,
        factors: factors, scratch: scratch(particles))
    else { return false }
    let profile = responses(particles)
    for k in 0..<modeCount {
      for e in 0..<count { profile[k * count + e] = particles.flux * modes.surface[k] }
    }
    diffusion.solve(profile, particles: count, factors: factors)
    for e in 0..<count { response[e] = 0 }
    for k in 0..<modeCount {
      for e in 0..<count { response[e] += modes.surface[k] * profile[k * count + e] }
    }
    return true
  }

  /// Transport alone, without derivatives.
  private func addTransport(_ state: UnsafePointer<Double>, _ rates: UnsafeMutablePointer<Double>) {
    let rest = parameters.electrolyte.initialConcentration
    let salt = self.salt(state)
    let width = node(.width)
    let conductivity = node(.conductivity)
    let diffusivity = node(.diffusivity)
    let logarithm = node(.logarithm)
    for i in 0..<nodes - 1 {
      let g = 2 / (width[i] / diffusivity[i] + width[i + 1] / diffusivity[i + 1])
      let flux = g * rest * (salt[i] - salt[i + 1])
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
    if !hasWear { terminals = terminals(state, stack: area) }
    rates[solidOffset + last] -= (current + terminals.leak) / stackArea
    let voltage = terminals.voltage
    switch control {
    case .current(let target):
      rates[currentIndex] = target - current
      controlByPotential = 0
      controlByCurrent = 1
    case .voltage(let target):
      rates[currentIndex] = voltage - target
      controlByPotential = -terminals.voltageByPotential
      controlByCurrent = -terminals.voltageByCurrent
    case .power(let target):
      rates[currentIndex] = target - voltage * current
      controlByPotential = current * terminals.voltageByPotential
      controlByCurrent = voltage + current * terminals.voltageByCurrent
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
    sum += reactionHeat(negative, state[temperatureIndex])
    sum += reactionHeat(positive, state[temperatureIndex])
    if let second { sum += reactionHeat(second, state[temperatureIndex]) }
    if hasFilm, let film { sum += filmHeat(state, film) }
    if hasFilm, let secondFilm { sum += filmHeat(state, secondFilm) }
    let density = (current + terminals.leak) / stackArea
    sum += density * density * (1 / negativeContact + 1 / positiveContact)
    // Charge that leaks gives off all of its energy inside of the cell.
    return stackArea * sum + current * current * contactLoss + terminals.leak * terminals.voltage
  }

  /// Irreversible and reversible heat of one kind of particle, in W/m² of cell.
  private func reactionHeat(_ particles: ParticlePopulation, _ temperature: Double) -> Double {
    let first = particles.firstSurface
    let x = surface(.stoichiometry) + first
    let j = surface(.current) + first
    let eta = surface(.overpotential) + first
    let area = surface(.area) + first
    var sum = 0.0
    for e in 0..<particles.count {
      let entropic = particles.kernel.entropy.map { temperature * $0.value(at: x[e]) } ?? 0
      sum += area[e] * j[e] * (eta[e] + entropic)
    }
    return sum
  }
}
