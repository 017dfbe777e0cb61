// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The single-particle model: voltage, right side and Newton matrix.

import Foundation
import Quantities

extension SingleParticleModel {
  /// Evaluates the right side; false where it is not defined.
  public mutating func evaluate(
    time: Double, state: UnsafePointer<Double>, into rates: UnsafeMutablePointer<Double>
  ) -> Bool {
    guard evaluateVoltage(state) else { return false }
    let current = state[currentIndex]
    let inside = current + wear.leak
    let side = sideCurrent(state, thickness: wear.film)
    if ages {
      let losses = fillAgeing(state, rates, film: side)
      fillModes(
        state, rates, at: 0, negative, negativeDiffusion, rate: negativeRate,
        current: firstCurrent - losses.side, active: wear.negative)
      fillModes(
        state, rates, at: positiveModes, positive, positiveDiffusion, rate: positiveRate,
        current: positiveShare / wear.positive * inside, active: wear.positive)
      rates[0] -= losses.negative
      rates[positiveModes] -= losses.positive
      if let second { fillSecond(state, rates, second, drying: losses.drying) }
    } else {
      fillModes(
        state, rates, at: 0, negative, negativeDiffusion, rate: negativeRate,
        current: negativeShare * current - side, active: 1)
      fillModes(
        state, rates, at: positiveModes, positive, positiveDiffusion, rate: positiveRate,
        current: positiveShare * current, active: 1)
      // Lithium bound in the film: it grows by the molar volume over the charge per molecule.
      rates[filmIndex] = side * laws.negative.filmFactor
    }
    rates[temperatureIndex] = 0
    if thermal == .lumped {
      let temperature = state[temperatureIndex]
      rates[temperatureIndex] =
        (heatRate - cooling * (temperature - ambientTemperature)) / heatCapacity
    }
    switch control {
    case .current(let target): rates[currentIndex] = target - current
    case .voltage(let target): rates[currentIndex] = voltage - target
    case .power(let target): rates[currentIndex] = target - voltage * current
    }
    return fillSalt(state, rates)
  }

  /// Evaluates the right side and prepares the matrix; false where it is not defined.
  public mutating func linearize(
    time: Double, state: UnsafePointer<Double>, leading: Double,
    into rates: UnsafeMutablePointer<Double>
  ) -> Bool {
    self.leading = leading
    controlKind = control
    linearizedCurrent = state[currentIndex]
    return evaluate(time: time, state: state, into: rates) && factorParticles()
  }

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
    if let second {
      other.exchange = second.kernel.exchangeCurrent(at: temperature)
      other.rate = second.kernel.diffusionRate(at: temperature)
    }
    let thermalVoltage = PhysicalConstants.gas * temperature / faraday
    half = 0.5 / thermalVoltage
    junction =
      2 * thermalVoltage * (1 - parameters.electrolyte.transferenceNumber)
      * parameters.electrolyte.thermodynamicFactor
  }

  /// Surface stoichiometry of an electrode of which a share is active.
  func surface(_ state: UnsafePointer<Double>, at offset: Int, active: Double) -> Double {
    var x = state[offset] / active
    for k in 1..<modeCount { x += modes.surface[k] * state[offset + k] }
    return x
  }

  /// Voltage, its slopes by surface stoichiometries and current, anode potential and heat.
  mutating func evaluateVoltage(_ state: UnsafePointer<Double>) -> Bool {
    let temperature = state[temperatureIndex]
    guard temperature > 100, temperature < 2_000 else { return false }
    prepareFactors(temperature)
    guard readWear(state) else { return false }
    if narrows { narrowing = pow(wear.open, -parameters.negative.bruggemanElectrolyte) }
    let current = state[currentIndex]
    surfaceNegative = surface(state, at: 0, active: wear.negative)
    surfacePositive = surface(state, at: positiveModes, active: wear.positive)
    var salt = SaltAverages()
    if withElectrolyte {
      guard let averaged = averages(state) else { return false }
      salt = averaged
    }
    wear.leak = 0
    wear.internalByCurrent = 1
    if let second {
      other.current = state[second.index(.current)]
      evaluateSecond(state, second, salt, temperature)
    }
    evaluateElectrodes(current, salt, temperature)
    if laws.leaks {
      // The leak follows the voltage, which follows the leak: a few corrections are exact.
      for _ in 0..<4 {
        let leak = laws.selfDischarge.current(voltage: voltage, temperature: temperature)
        let change = (leak.value - wear.leak) / (1 - leak.byVoltage * slopeCurrent)
        wear.leak += change
        evaluateElectrodes(current, salt, temperature)
        wear.internalByCurrent = 1 / (1 - leak.byVoltage * slopeCurrent)
        if abs(change) < 1e-14 * parameters.nominalCapacity { break }
      }
    }
    if thermal == .lumped {
      let entropyNegative = negative.entropy?.value(at: surfaceNegative) ?? 0
      let entropyPositive = positive.entropy?.value(at: surfacePositive) ?? 0
      let inside = current + wear.leak
      // Charge that leaks gives off all of its energy inside of the cell.
      // What the second material carries it gives at its own potential.
      let carried = (second?.surface ?? 0) * wear.wet * other.current
      heatRate =
        inside * openCircuit - current * voltage
        + carried * (openCircuitNegative - other.openCircuit)
        + temperature * ((inside - carried) * entropyNegative - inside * entropyPositive)
    }
    return voltage.isFinite
  }

  /// Voltage and slopes for the present leak.
  private mutating func evaluateElectrodes(
    _ current: Double, _ salt: SaltAverages, _ temperature: Double
  ) {
    let inside = current + wear.leak
    let un = negative.openCircuit(surfaceNegative)
    let up = positive.openCircuit(surfacePositive)
    let shareNegative = negativeShare / wear.negative
    let sharePositive = positiveShare / wear.positive
    var j = shareNegative * inside
    if let second { j -= shareNegative * second.surface * wear.wet * other.current }
    firstCurrent = j
    var en = overpotential(j, negativeExchange * salt.rootNegative, surfaceNegative)
    let ep = overpotential(
      sharePositive * inside, positiveExchange * salt.rootPositive, surfacePositive)
    var negativeByCurrent = en.byCurrent * shareNegative
    if laws.plates {
      let conditions = platingConditions(
        laws.negative, plated: wear.plated, film: wear.film, salt: salt, temperature: temperature)
      let shared = sharePlating(
        laws.negative, conditions, &en, j, un, x: surfaceNegative,
        exchange: negativeExchange * salt.rootNegative)
      wear.plating = shared.plating
      response = shared
      response.byCurrent *= shareNegative
      response.consumption *= wear.negative
      negativeByCurrent = en.byCurrent * shareNegative
    }
    let perFilm = grows ? wear.film * film.resistivity : 0
    let filmResistance = shareNegative * perFilm
    let ionic = ionicResistance + negativeIonicResistance * narrowing
    let ohmic =
      (ionic / saltConduction + solidResistance) / wear.wet
    openCircuitNegative = un.value
    openCircuit = up.value - un.value
    voltage =
      openCircuit + ep.value - en.value + junction * salt.logarithm - inside * ohmic
      - j * perFilm - current * parameters.contactResistance
    anodePotential = un.value + en.value + j * perFilm
    slopeNegative = -un.slope - en.byStoichiometry
    slopePositive = up.slope + ep.byStoichiometry
    slopeFirst = negativeByCurrent + filmResistance
    slopeCurrent =
      ep.byCurrent * sharePositive - slopeFirst - ohmic - parameters.contactResistance
  }

  /// Divides the current density on a material between intercalation and plating at one potential.
  ///
  /// - Parameters:
  ///   - local: Of the material.
  ///   - conditions: Of plating; the potential is found.
  ///   - en: Overpotential of intercalation alone, which becomes that of both.
  ///   - j: Current density, in A/m².
  ///   - un: Open-circuit potential.
  ///   - x: Surface stoichiometry.
  ///   - exchange: Of intercalation, without the factor of the stoichiometry.
  /// - Returns: Plating, and how it answers per current density and with the whole material active.
  func sharePlating(
    _ local: LocalAgeing, _ conditions: PlatingConditions,
    _ en: inout (value: Double, byCurrent: Double, byStoichiometry: Double), _ j: Double,
    _ un: (value: Double, slope: Double), x: Double, exchange: Double
  ) -> PlatingResponse {
    let (room, roomSlope) = ElectrodeKernel.room(x)
    let exchange = exchange * room.squareRoot()
    var conditions = conditions
    var plating = PlatingCurrent()
    var slope = 1.0
    var intercalation = 0.0
    func evaluate(_ value: Double) -> Double {
      conditions.potential = un.value + value
      plating = local.plating.current(local.metal, conditions)
      // Straight beyond ±30, so that a search far from the solution stays finite.
      let z = max(-30, min(30, half * value))
      let e = exp(z)
      let cosine = exchange * (e + 1 / e)
      intercalation = exchange * (e - 1 / e) + cosine * (half * value - z)
      slope = cosine * half + plating.byPotential
      return intercalation + plating.value - j
    }
    // The sum rises with the potential: Newton's method inside of a shrinking bracket.
    var low = -Double.infinity
    var high = Double.infinity
    var value = en.value
    for _ in 0..<60 {
      let residual = evaluate(value)
      if residual > 0 { high = value } else { low = value }
      var next = value - residual / slope
      if next <= low || next >= high, low.isFinite, high.isFinite { next = 0.5 * (low + high) }
      let change = abs(next - value)
      value = next
      if change < 1e-13 { break }
    }
    _ = evaluate(value)
    let byStoichiometry = intercalation * roomSlope / (2 * room)
    let scaled = plating.byPlated * LocalAgeing.metalScale
    let overByStoichiometry = -(byStoichiometry + plating.byPotential * un.slope) / slope
    let overByPlated = -scaled / slope
    en = (value, 1 / slope, overByStoichiometry)
    var response = PlatingResponse()
    response.plating = plating.value
    response.byStoichiometry = plating.byPotential * (un.slope + overByStoichiometry)
    response.byCurrent = plating.byPotential / slope
    response.byPlated = scaled + plating.byPotential * overByPlated
    response.voltageByPlated = -overByPlated
    response.consumption = -local.metalFactor
    response.dying = local.plating.deadLithiumRate(
      local.metal, relativeFilm: conditions.relativeFilm)
    response.deadShare = local.deadShare
    return response
  }

  /// Overpotential for a current density, inverse of the kinetics, with its slopes.
  @inline(__always)
  func overpotential(
    _ j: Double, _ exchange: Double, _ x: Double
  ) -> (value: Double, byCurrent: Double, byStoichiometry: Double) {
    let (room, roomSlope) = ElectrodeKernel.room(x)
    let double = 2 * exchange * room.squareRoot()
    let ratio = j / double
    let root = (1 + ratio * ratio).squareRoot()
    // asinh without cancellation for negative ratios.
    let value = (ratio < 0 ? -log(-ratio + root) : log(ratio + root)) / half
    let byCurrent = 1 / (half * double * root)
    let byStoichiometry = -byCurrent * j * roomSlope / (2 * room)
    return (value, byCurrent, byStoichiometry)
  }

  /// Salt concentrations relative to rest: the unknowns, divided by what is left of the pores.
  ///
  /// The unknown of the salt is its amount per volume of cell, so that it is conserved while films
  /// fill pores.
  func concentrations(_ state: UnsafePointer<Double>) -> UnsafePointer<Double> {
    guard narrows else { return state + saltOffset }
    let salt = slot(.salt)
    for i in 0..<nodes { salt[i] = state[saltOffset + i] }
    let inverse = 1 / openShare(state)
    for i in 0..<mesh.negative { salt[i] *= inverse }
    return UnsafePointer(salt)
  }

  /// Averages over the electrodes: of the root of the salt, and the difference of its logarithm.
  private func averages(
    _ state: UnsafePointer<Double>
  ) -> SaltAverages? {
    let salt = concentrations(state)
    var meanNegative = 0.0
    var rootNegative = 0.0
    var rootPositive = 0.0
    var logarithm = 0.0
    for i in 0..<mesh.negative {
      guard salt[i] > 0 else { return nil }
      rootNegative += slot(.width)[i] * salt[i].squareRoot()
      meanNegative += slot(.width)[i] * salt[i]
      logarithm -= slot(.width)[i] * log(salt[i])
    }
    rootNegative /= parameters.negative.thickness
    logarithm *= parameters.positive.thickness / parameters.negative.thickness
    for i in mesh.negative + mesh.separator..<nodes {
      guard salt[i] > 0 else { return nil }
      rootPositive += slot(.width)[i] * salt[i].squareRoot()
      logarithm += slot(.width)[i] * log(salt[i])
    }
    let length = parameters.positive.thickness
    return SaltAverages(
      rootNegative: rootNegative, rootPositive: rootPositive / length,
      logarithm: logarithm / length,
      meanNegative: meanNegative / parameters.negative.thickness)
  }

  /// Salt transport, and its tridiagonal matrix.
  private func fillSalt(
    _ state: UnsafePointer<Double>, _ rates: UnsafeMutablePointer<Double>
  ) -> Bool {
    guard nodes > 0 else { return true }
    let rest = parameters.electrolyte.initialConcentration
    let salt = concentrations(state)
    let f = rates + saltOffset
    let (width, factor, source) = (slot(.width), slot(.factor), slot(.source))
    let (diagonal, upper, lower) = (slot(.diagonal), slot(.upper), slot(.lower))
    let table = diffusivityTable.view
    let current = (state[currentIndex] + wear.leak) / wear.wet
    for i in 0..<nodes {
      guard salt[i] > 0, salt[i] < 100 else { return false }
      f[i] = source[i] * current
      diagonal[i] = leading * slot(.storage)[i] * rest
    }
    if narrows {
      for i in 0..<mesh.negative { diagonal[i] *= wear.open }
    }
    // Narrowed pores conduct less.
    let inside = mesh.negative
    var (d, slope) = diffusion(table, salt[0], factor[0] / narrowing)
    for i in 0..<nodes - 1 {
      let (next, nextSlope) = diffusion(
        table, salt[i + 1], i + 1 < inside ? factor[i + 1] / narrowing : factor[i + 1])
      let left = width[i] / d
      let right = width[i + 1] / next
      let g = 2 / (left + right)
      let flux = g * rest * (salt[i] - salt[i + 1])
      f[i] -= flux
      f[i + 1] += flux
      let byLeft = g * rest + 0.5 * flux * g * left * slope
      let byRight = -g * rest + 0.5 * flux * g * right * nextSlope
      diagonal[i] += byLeft
      upper[i] = byRight
      lower[i + 1] = -byLeft
      diagonal[i + 1] -= byRight
      (d, slope) = (next, nextSlope)
    }
    return true
  }

  /// Effective diffusivity and its relative slope.
  @inline(__always)
  private func diffusion(
    _ table: FunctionTable.View, _ salt: Double, _ factor: Double
  ) -> (Double, Double) {
    let (value, slope) = table.evaluate(salt)
    let floor = max(value, 1e-14)
    return (floor * factor * saltDiffusion, value > 1e-14 ? slope / floor : 0)
  }
}

/// Averages of the salt over the electrodes, relative to rest.
struct SaltAverages {
  var rootNegative = 1.0
  var rootPositive = 1.0
  /// Difference of the mean logarithms, positive less negative.
  var logarithm = 0.0
  var meanNegative = 1.0
}
