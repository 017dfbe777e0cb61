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
    let side = sideCurrent(state)
    fillModes(
      state, rates, at: 0, negative, rate: negativeRate, current: negativeShare * current - side)
    fillModes(
      state, rates, at: positiveModes, positive, rate: positiveRate,
      current: positiveShare * current)
    // Lithium bound in the film: thickness grows by the molar volume over the charge per molecule.
    rates[filmIndex] =
      -side * film.partialMolarVolume
      / (faraday * film.lithiumPerMolecule * film.initialThickness)
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
    return evaluate(time: time, state: state, into: rates)
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
    let thermalVoltage = PhysicalConstants.gas * temperature / faraday
    half = 0.5 / thermalVoltage
    junction =
      2 * thermalVoltage * (1 - parameters.electrolyte.transferenceNumber)
      * parameters.electrolyte.thermodynamicFactor
  }

  /// Surface stoichiometry of an electrode.
  func surface(_ state: UnsafePointer<Double>, at offset: Int) -> Double {
    var x = state[offset]
    for k in 1..<modeCount { x += modes.surface[k] * state[offset + k] }
    return x
  }

  /// Voltage, its slopes by surface stoichiometries and current, anode potential and heat.
  mutating func evaluateVoltage(_ state: UnsafePointer<Double>) -> Bool {
    let temperature = state[temperatureIndex]
    guard temperature > 100, temperature < 2_000 else { return false }
    prepareFactors(temperature)
    let current = state[currentIndex]
    let xn = surface(state, at: 0)
    let xp = surface(state, at: positiveModes)
    var saltNegative = 1.0
    var saltPositive = 1.0
    var junctionVoltage = 0.0
    if withElectrolyte {
      guard let salt = averages(state) else { return false }
      saltNegative = salt.rootNegative
      saltPositive = salt.rootPositive
      junctionVoltage = junction * salt.logarithm
    }
    let un = negative.openCircuit(xn)
    let up = positive.openCircuit(xp)
    let en = overpotential(
      negativeShare * current, negativeExchange * saltNegative, xn)
    let ep = overpotential(
      positiveShare * current, positiveExchange * saltPositive, xp)
    let filmResistance =
      grows ? negativeShare * state[filmIndex] * film.initialThickness * film.resistivity : 0
    let ohmic =
      ionicResistance / saltConduction + solidResistance + parameters.contactResistance
      + filmResistance
    openCircuit = up.value - un.value
    voltage = openCircuit + ep.value - en.value + junctionVoltage - current * ohmic
    anodePotential = un.value + en.value + current * filmResistance
    slopeNegative = -un.slope - en.byStoichiometry
    slopePositive = up.slope + ep.byStoichiometry
    slopeCurrent = ep.byCurrent * positiveShare - en.byCurrent * negativeShare - ohmic
    if thermal == .lumped {
      let entropyNegative = negative.entropy?.value(at: xn) ?? 0
      let entropyPositive = positive.entropy?.value(at: xp) ?? 0
      heatRate =
        current * (openCircuit - voltage)
        + current * temperature * (entropyNegative - entropyPositive)
    }
    return voltage.isFinite
  }

  /// Overpotential for a current density, inverse of the kinetics, with its slopes.
  @inline(__always)
  private func overpotential(
    _ j: Double, _ exchange: Double, _ x: Double
  ) -> (value: Double, byCurrent: Double, byStoichiometry: Double) {
    let room = max(x * (1 - x), 1e-8)
    let double = 2 * exchange * room.squareRoot()
    let ratio = j / double
    let root = (1 + ratio * ratio).squareRoot()
    // asinh without cancellation for negative ratios.
    let value = (ratio < 0 ? -log(-ratio + root) : log(ratio + root)) / half
    let byCurrent = 1 / (half * double * root)
    let byStoichiometry = x * (1 - x) > 1e-8 ? -byCurrent * j * (1 - 2 * x) / (2 * room) : 0
    return (value, byCurrent, byStoichiometry)
  }

  /// Side current density of film growth, in A/m².
  private func sideCurrent(_ state: UnsafePointer<Double>) -> Double {
    guard grows else { return 0 }
    let thickness = max(0.1, state[filmIndex]) * film.initialThickness
    let total = negativeShare * state[currentIndex]
    return growth.current(
      film, thickness: thickness, potential: anodePotential,
      filmLoss: total * thickness * film.resistivity, temperature: state[temperatureIndex])
  }

  private func fillModes(
    _ state: UnsafePointer<Double>, _ rates: UnsafeMutablePointer<Double>, at offset: Int,
    _ kernel: ElectrodeKernel, rate: Double, current: Double
  ) {
    let flux = 3 / (faraday * kernel.radius * kernel.maximumConcentration) * current
    for k in 0..<modeCount {
      rates[offset + k] = -modes.decay[k] * rate * state[offset + k] - flux * modes.surface[k]
    }
  }

  /// Averages over the electrodes: of the root of the salt, and the difference of its logarithm.
  private func averages(
    _ state: UnsafePointer<Double>
  ) -> (rootNegative: Double, rootPositive: Double, logarithm: Double)? {
    let salt = state + saltOffset
    var rootNegative = 0.0
    var rootPositive = 0.0
    var logarithm = 0.0
    for i in 0..<mesh.negative {
      guard salt[i] > 0 else { return nil }
      rootNegative += slot(.width)[i] * salt[i].squareRoot()
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
    return (rootNegative, rootPositive / length, logarithm / length)
  }

  /// Salt transport, and its tridiagonal matrix.
  private func fillSalt(
    _ state: UnsafePointer<Double>, _ rates: UnsafeMutablePointer<Double>
  ) -> Bool {
    guard nodes > 0 else { return true }
    let rest = parameters.electrolyte.initialConcentration
    let salt = state + saltOffset
    let f = rates + saltOffset
    let (width, factor, source) = (slot(.width), slot(.factor), slot(.source))
    let (diagonal, upper, lower) = (slot(.diagonal), slot(.upper), slot(.lower))
    let table = diffusivityTable.view
    let current = state[currentIndex]
    for i in 0..<nodes {
      guard salt[i] > 0, salt[i] < 100 else { return false }
      f[i] = source[i] * current
      diagonal[i] = leading * slot(.storage)[i] * rest
    }
    var (d, slope) = diffusion(table, salt[0], factor[0])
    for i in 0..<nodes - 1 {
      let (next, nextSlope) = diffusion(table, salt[i + 1], factor[i + 1])
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

  /// Solves with the last matrix, in place.
  public mutating func solve(_ right: UnsafeMutablePointer<Double>) {
    let current = linearizedCurrent
    let (sumNegative, responseNegative) = reduce(right, at: 0, negative, negativeRate)
    let (sumPositive, responsePositive) = reduce(right, at: positiveModes, positive, positiveRate)
    let byState = slopeNegative * sumNegative + slopePositive * sumPositive
    let byCurrent =
      slopeCurrent - slopeNegative * responseNegative * negativeShare
      - slopePositive * responsePositive * positiveShare
    let change: Double
    switch controlKind {
    case .current: change = right[currentIndex]
    case .voltage: change = -(right[currentIndex] + byState) / byCurrent
    case .power:
      change = (right[currentIndex] - current * byState) / (voltage + current * byCurrent)
    }
    right[currentIndex] = change
    expand(right, at: 0, negative, negativeRate, change * negativeShare)
    expand(right, at: positiveModes, positive, positiveRate, change * positiveShare)
    right[filmIndex] /= leading
    right[temperatureIndex] /= leading + (thermal == .lumped ? cooling / heatCapacity : 0)
    solveSalt(right + saltOffset, change)
  }

  private func reduce(
    _ right: UnsafeMutablePointer<Double>, at offset: Int, _ kernel: ElectrodeKernel,
    _ rate: Double
  ) -> (sum: Double, response: Double) {
    var sum = 0.0
    var response = 0.0
    for k in 0..<modeCount {
      let inverse = 1 / (leading + modes.decay[k] * rate)
      right[offset + k] *= inverse
      sum += modes.surface[k] * right[offset + k]
      response += modes.surface[k] * modes.surface[k] * inverse
    }
    return (sum, response * 3 / (faraday * kernel.radius * kernel.maximumConcentration))
  }

  private func expand(
    _ right: UnsafeMutablePointer<Double>, at offset: Int, _ kernel: ElectrodeKernel,
    _ rate: Double, _ change: Double
  ) {
    let flux = 3 / (faraday * kernel.radius * kernel.maximumConcentration) * change
    for k in 0..<modeCount {
      right[offset + k] -= flux * modes.surface[k] / (leading + modes.decay[k] * rate)
    }
  }

  /// Tridiagonal elimination.
  private func solveSalt(_ right: UnsafeMutablePointer<Double>, _ change: Double) {
    guard nodes > 0 else { return }
    let (diagonal, upper, lower) = (slot(.diagonal), slot(.upper), slot(.lower))
    let (source, eliminated) = (slot(.source), slot(.right))
    var pivot = 1 / diagonal[0]
    right[0] = (right[0] + source[0] * change) * pivot
    for i in 1..<nodes {
      eliminated[i - 1] = upper[i - 1] * pivot
      pivot = 1 / (diagonal[i] - lower[i] * eliminated[i - 1])
      right[i] = (right[i] + source[i] * change - lower[i] * right[i - 1]) * pivot
    }
    for i in stride(from: nodes - 2, through: 0, by: -1) {
      right[i] -= eliminated[i] * right[i + 1]
    }
  }
}
