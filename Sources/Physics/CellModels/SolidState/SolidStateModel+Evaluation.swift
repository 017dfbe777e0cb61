// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A lithium metal cell with a solid electrolyte: right side.

import Foundation
import Quantities

extension SolidStateModel {
  /// Evaluates the right side; false where it is not defined.
  public mutating func evaluate(
    time: Double, state: UnsafePointer<Double>, into rates: UnsafeMutablePointer<Double>
  ) -> Bool {
    let temperature = state[temperatureIndex]
    guard temperature > 100, temperature < 2_000, state[filmIndex] > 0, state[voidIndex] > -1
    else { return false }
    prepareFactors(temperature)
    react(state, rates)
    evaluateSeparator(state)
    let ionic = conductivity * ionicFactor / width
    rates[0] += separatorCurrent
    for i in 0..<nodes - 1 {
      let flow = ionic * (state[i] - state[i + 1])
      rates[i] -= flow
      rates[i + 1] += flow
      let electrons = electronConductance * (state[solidOffset + i] - state[solidOffset + i + 1])
      rates[solidOffset + i] -= electrons
      rates[solidOffset + i + 1] += electrons
    }
    let current = state[currentIndex]
    rates[solidOffset + nodes - 1] -= current / area
    setControl(state, rates)
    let growth = growInterphase(state, rates)
    rates[lithiumIndex] = -current / (faraday * lithiumHost) - growth * filmLithium / lithiumHost
    moveVoids(state, rates)
    heatRate = heat(state)
    rates[temperatureIndex] =
      thermal == .lumped
      ? (heatRate - cooling * (temperature - ambientTemperature)) / heatCapacity : 0
    return separatorCurrent.isFinite
  }

  mutating func prepareFactors(_ temperature: Double) {
    if temperature == factorTemperature { return }
    factorTemperature = temperature
    let reference = parameters.referenceTemperature
    conductivity =
      solid.conductivity.value(0.5)
      * solid.conductivity.arrheniusFactor(at: temperature, reference: reference)
    exchange = cathode.exchangeCurrent(at: temperature)
    rate = cathode.diffusionRate(at: temperature)
    half = 0.5 * faraday / (PhysicalConstants.gas * temperature)
    lithiumExchange =
      solid.exchangeCurrentDensity
      * PropertyFunction(constant: 1, activationEnergy: solid.exchangeActivationEnergy)
      .arrheniusFactor(at: temperature, reference: reference)
    resistivity =
      solid.interphaseResistivity
      / PropertyFunction(constant: 1, activationEnergy: solid.interphaseActivationEnergy)
      .arrheniusFactor(at: temperature, reference: reference)
    strippingLimit = solid.limits.stripping(
      pressure: solid.stackPressure, temperature: temperature)
    platingLimit = solid.limits.plating(pressure: solid.stackPressure, temperature: temperature)
  }

  /// Surfaces, kinetics and the particles' modes.
  private func react(_ state: UnsafePointer<Double>, _ rates: UnsafeMutablePointer<Double>) {
    let flux =
      3 * cathodeContact / (faraday * cathode.radius * cathode.maximumConcentration)
    for i in 0..<nodes {
      var x = state[modesOffset + i]
      for k in 1..<modeCount { x += modes.surface[k] * state[modesOffset + k * nodes + i] }
      let (potential, slope) = cathode.openCircuit(x)
      let eta = state[solidOffset + i] - state[i] - potential
      let reaction = ElectrodeKernel.reaction(
        exchange: exchange, salt: 1, x: x, overpotential: eta, half: half)
      slot(.surface)[i] = x
      slot(.current)[i] = reaction.current
      slot(.byPotential)[i] = reaction.byPotential
      slot(.byStoichiometry)[i] = reaction.byStoichiometry - reaction.byPotential * slope
      slot(.overpotential)[i] = eta
      rates[i] = reactionArea * reaction.current
      rates[solidOffset + i] = -reactionArea * reaction.current
      for k in 0..<modeCount {
        rates[modesOffset + k * nodes + i] =
          -modes.decay[k] * rate * state[modesOffset + k * nodes + i]
          - flux * modes.surface[k] * reaction.current
      }
    }
  }

  /// Contact that voids leave, relative to the interface without voids.
  func voidContact(_ state: UnsafePointer<Double>) -> Double {
    exp(-max(0, state[voidIndex]) * solid.voidRefilling / solid.voidContactLoss)
  }

  /// Resistance of the interphase over the area in contact, in Ω·m².
  func interphaseResistance(_ state: UnsafePointer<Double>) -> Double {
    resistivity * solid.interphaseThickness * state[filmIndex]
      / (pressedContact * voidContact(state))
  }

  /// Current density from the lithium to the first volume, and its slope by the potential there.
  ///
  /// The fall is `(2RT/F)·asinh(i/(2·i₀)) + R·i`; with `i = 2·i₀·sinh y` Newton's method on `y` from
  /// above converges monotonically.
  private mutating func evaluateSeparator(_ state: UnsafePointer<Double>) {
    let resistance =
      interphaseResistance(state) + parameters.separator.thickness / conductivity
      + 0.5 * width / (conductivity * ionicFactor)
    let double = 2 * lithiumExchange * pressedContact * voidContact(state)
    let fall = abs(state[0])
    let unit = 1 / half
    let loss = resistance * double
    var y = min(fall / unit, asinh(fall / loss))
    for _ in 0..<60 {
      let step = (unit * y + loss * sinh(y) - fall) / (unit + loss * cosh(y))
      y -= step
      if abs(step) <= 1e-15 * max(1, y) { break }
    }
    separatorCurrent = (state[0] > 0 ? -1 : 1) * double * sinh(y)
    separatorSlope = 1 / (unit / (double * cosh(y)) + resistance)
  }

  private mutating func setControl(
    _ state: UnsafePointer<Double>, _ rates: UnsafeMutablePointer<Double>
  ) {
    let current = state[currentIndex]
    let loss = terminalLoss
    let voltage = voltage(state)
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
  }

  /// Resistance from the last volume to the terminals, in ohms.
  var terminalLoss: Double { 0.5 / (electronConductance * area) + parameters.contactResistance }

  /// Terminal voltage of a state, in volts.
  func voltage(_ state: UnsafePointer<Double>) -> Double {
    state[solidOffset + nodes - 1] - state[currentIndex] * terminalLoss
  }

  /// Interphase growth.
  ///
  /// - Returns: Rate of the relative thickness, in 1/s.
  private mutating func growInterphase(
    _ state: UnsafePointer<Double>, _ rates: UnsafeMutablePointer<Double>
  ) -> Double {
    let start = solid.interphaseThickness
    let growth = solid.interphaseGrowth.rate(
      thickness: state[filmIndex] * start, temperature: state[temperatureIndex])
    rates[filmIndex] = growth.value / start
    filmSlope = growth.slope
    return rates[filmIndex]
  }

  /// Voids: stripped lithium opens them, creep and plating close them.
  private mutating func moveVoids(
    _ state: UnsafePointer<Double>, _ rates: UnsafeMutablePointer<Double>
  ) {
    let density = state[currentIndex] / area
    let scale = SolidStateParameters.lithiumMolarVolume / (faraday * solid.voidRefilling)
    let remaining = exp(-max(0, state[voidIndex]))
    let refill = strippingLimit + max(0, -density)
    // Below zero, where Newton's method may look, refilling continues as a straight line.
    let filled = state[voidIndex] > 0 ? 1 - remaining : state[voidIndex]
    rates[voidIndex] = scale * (max(0, density) - refill * filled)
    voidSlope = -scale * refill * (state[voidIndex] > 0 ? remaining : 1)
  }

  /// Heat generated, in watts: ohmic, irreversible and reversible.
  func heat(_ state: UnsafePointer<Double>) -> Double {
    // From the lithium to the first volume everything is lost.
    var sum = -separatorCurrent * state[0]
    let ionic = conductivity * ionicFactor / width
    for i in 0..<nodes - 1 {
      let fall = state[i] - state[i + 1]
      let drop = state[solidOffset + i] - state[solidOffset + i + 1]
      sum += ionic * fall * fall + electronConductance * drop * drop
    }
    for i in 0..<nodes {
      let entropic =
        cathode.entropy.map { state[temperatureIndex] * $0.value(at: slot(.surface)[i]) } ?? 0
      sum += reactionArea * slot(.current)[i] * (slot(.overpotential)[i] + entropic)
    }
    return area * sum + state[currentIndex] * state[currentIndex] * terminalLoss
  }
}
