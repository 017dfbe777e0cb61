// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The equivalent circuit as a model that experiments can run on.

import Foundation
import NumericalMethods

/// The equivalent circuit as a model that experiments can run on.
///
/// Unknowns, in order: state of charge, voltages of three pairs, hysteresis, temperature, current,
/// and with two temperatures that of the surface, the other then being that of the core. Under an
/// imposed current at constant temperature the state moves in closed form; everything else is
/// integrated. In observations and rest states the stoichiometry of the negative electrode stands for the
/// state of charge and that of the positive one for its complement; the anode potential is NaN.
public struct CircuitModel: ElectrochemicalModel, ~Copyable {
  /// What is imposed.
  public var control = CellControl.current(0)
  /// Where steps end.
  public var limits = CellLimits()
  /// Ambient temperature, in kelvin.
  public var ambientTemperature: Double
  /// The parameters.
  public let parameters: CircuitParameters
  /// How the temperature is treated.
  public let thermal: ThermalModel

  let heatCapacity: Double
  let cooling: Double
  /// Core and surface; nil with one temperature.
  let division: CoreSurfaceHeat?
  let pairCount: Int
  /// The maps in use: those of one temperature when isothermal.
  var table: CircuitTable
  var activeTemperature = -1.0

  var voltage = 0.0
  /// Of the series resistance and the pairs, as in the table.
  var resistances = SIMD4<Double>.zero
  var timeConstants = SIMD4<Double>(repeating: 1)
  var chargeSlope = 0.0
  var heatRate = 0.0
  var leading = 1.0
  var linearizedCurrent = 0.0
  var linearizedHysteresis = 0.0
  /// Change of the imposed current in A/s while the state moves in closed form.
  var imposedSlope = 0.0

  static let hysteresisIndex = 4
  static let temperatureIndex = 5
  static let currentIndex = 6
  static let surfaceIndex = 7

  /// Creates the model.
  ///
  /// - Parameters:
  ///   - parameters: The circuit.
  ///   - thermal: Treatment of the temperature; lumped needs ``CircuitParameters/heat``, core and
  ///     surface also ``CircuitParameters/coreSurface``.
  /// - Throws: ``ParameterError`` when the heat balance is missing.
  public init(
    _ parameters: CircuitParameters, thermal: ThermalModel = .isothermal
  ) throws(ParameterError) {
    if thermal != .isothermal, parameters.heat == nil { throw .missing(key: "heat") }
    if thermal == .coreAndSurface, parameters.coreSurface == nil {
      throw .missing(key: "heat.internal_conductance_watts_per_kelvin")
    }
    division = thermal == .coreAndSurface ? parameters.coreSurface : nil
    self.parameters = parameters
    self.thermal = thermal
    heatCapacity = parameters.heat?.capacity ?? 1
    cooling = parameters.heat?.conductance ?? 0
    pairCount = parameters.pairs.count
    ambientTemperature = parameters.ambientTemperature
    table = CircuitTable(parameters)
  }

  /// Number of unknowns.
  public var unknownCount: Int { division == nil ? 7 : 8 }
  /// Number of limits.
  public var eventCount: Int { CellEvent.allCases.count }
  /// True: the matrix costs little more than the right side.
  public var refreshesMatrixEveryIteration: Bool { true }

  /// Writes the diagonal mass: zero for the current.
  public func fillMass(_ mass: UnsafeMutablePointer<Double>) {
    for i in 0..<unknownCount { mass[i] = 1 }
    mass[Self.currentIndex] = 0
  }

  /// Writes tolerances in units of each unknown's size.
  public func fillAbsoluteTolerances(
    _ tolerances: UnsafeMutablePointer<Double>, relativeTolerance: Double
  ) {
    for i in 0..<unknownCount { tolerances[i] = 0.1 * relativeTolerance }
    // 0.2 mV at the standard tolerance: corners of piecewise linear maps would cost steps.
    for k in 1...3 { tolerances[k] = 4 * relativeTolerance }
    tolerances[Self.hysteresisIndex] = 10 * relativeTolerance
    tolerances[Self.currentIndex] = 0.1 * relativeTolerance * parameters.nominalCapacity / 3_600
  }

  /// Tightens those of temperatures as ``SingleParticleModel`` does.
  public func adjustRelativeTolerances(_ tolerances: UnsafeMutablePointer<Double>) {
    tolerances[Self.temperatureIndex] *= SingleParticleModel.temperatureTightening
    if division != nil {
      tolerances[Self.surfaceIndex] *= SingleParticleModel.temperatureTightening
    }
  }

  /// Writes the state of a rested cell in the middle of its hysteresis loop.
  public func fillRest(
    negative: Double, positive: Double, temperature: Double,
    into state: UnsafeMutablePointer<Double>
  ) {
    for i in 0..<unknownCount { state[i] = 0 }
    state[0] = negative
    setTemperature(temperature, in: state)
  }

  /// The temperature that the circuit has: the mean of core and surface by heat capacity.
  @inline(__always)
  func circuitTemperature(_ state: UnsafePointer<Double>) -> Double {
    let core = state[Self.temperatureIndex]
    guard let division else { return core }
    return core + division.surfaceShare * (state[Self.surfaceIndex] - core)
  }

  mutating func prepare(_ temperature: Double) {
    guard thermal == .isothermal, temperature != activeTemperature else { return }
    activeTemperature = temperature
    table = CircuitTable(parameters, at: temperature)
    timeConstants = table.constants(temperature: temperature)
  }

  /// Voltage and heat of a state; false where they are not defined.
  mutating func evaluateVoltage(_ state: UnsafePointer<Double>) -> Bool {
    let z = state[0]
    let temperature = circuitTemperature(state)
    guard temperature > 100, temperature < 2_000, z > -1, z < 2 else { return false }
    prepare(temperature)
    let current = state[Self.currentIndex]
    let share = parameters.dischargeShare(current)
    resistances = table.resistances(
      stateOfCharge: z, temperature: temperature, dischargeShare: share)
    if thermal != .isothermal { timeConstants = table.constants(temperature: temperature) }
    let series = resistances[0]
    var loss = 0.0
    for k in 1...3 { loss += state[k] }
    let loop = parameters.hysteresisAmplitude * state[Self.hysteresisIndex]
    let open = parameters.openCircuit.voltage(at: z, temperature: temperature)
    voltage = open + loop - current * series - loss
    if thermal != .isothermal {
      heatRate =
        current * current * series - current * loop
        - current * temperature * parameters.openCircuit.entropy(at: z)
      for k in 1..<1 + pairCount where resistances[k] > 2 * CircuitMap.smallestResistance {
        heatRate += state[k] * state[k] / resistances[k]
      }
    }
    return voltage.isFinite
  }

  /// Evaluates the right side; false where it is not defined.
  public mutating func evaluate(
    time: Double, state: UnsafePointer<Double>, into rates: UnsafeMutablePointer<Double>
  ) -> Bool {
    guard evaluateVoltage(state) else { return false }
    let current = state[Self.currentIndex]
    rates[0] = -current / parameters.capacity
    for k in 1...3 { rates[k] = (current * resistances[k] - state[k]) / timeConstants[k] }
    let rate = parameters.hysteresisRate / parameters.capacity
    rates[Self.hysteresisIndex] =
      -rate * (current.magnitude * state[Self.hysteresisIndex] + current)
    rates[Self.temperatureIndex] = 0
    if thermal == .lumped {
      let excess = state[Self.temperatureIndex] - ambientTemperature
      rates[Self.temperatureIndex] = (heatRate - cooling * excess) / heatCapacity
    } else if let division {
      let surface = state[Self.surfaceIndex]
      let inward = division.internalConductance * (state[Self.temperatureIndex] - surface)
      let share = division.surfaceHeatShare
      rates[Self.temperatureIndex] =
        ((1 - share) * heatRate - inward) / ((1 - division.surfaceShare) * heatCapacity)
      rates[Self.surfaceIndex] =
        (share * heatRate + inward - cooling * (surface - ambientTemperature))
        / (division.surfaceShare * heatCapacity)
    }
    switch control {
    case .current(let target): rates[Self.currentIndex] = target - current
    case .voltage(let target): rates[Self.currentIndex] = voltage - target
    case .power(let target): rates[Self.currentIndex] = target - voltage * current
    }
    return true
  }

  /// Evaluates the right side and prepares the matrix; false where it is not defined.
  public mutating func linearize(
    time: Double, state: UnsafePointer<Double>, leading: Double,
    into rates: UnsafeMutablePointer<Double>
  ) -> Bool {
    self.leading = leading
    linearizedCurrent = state[Self.currentIndex]
    linearizedHysteresis = state[Self.hysteresisIndex]
    chargeSlope = parameters.openCircuit.curve.derivative(at: state[0])
    return evaluate(time: time, state: state, into: rates)
  }

  /// Solves with the last matrix, in place; couplings by the slopes of the maps are left out.
  public mutating func solve(_ right: UnsafeMutablePointer<Double>) {
    let current = linearizedCurrent
    let chargeGain = -1 / (parameters.capacity * leading)
    right[0] /= leading
    var byState = chargeSlope * right[0]
    var byCurrent = chargeSlope * chargeGain - resistances[0]
    for k in 1...3 {
      let inverse = 1 / (leading * timeConstants[k] + 1)
      right[k] *= timeConstants[k] * inverse
      byState -= right[k]
      byCurrent -= resistances[k] * inverse
    }
    let rate = parameters.hysteresisRate / parameters.capacity
    let loopInverse = 1 / (leading + rate * current.magnitude)
    let sign: Double = current < 0 ? -1 : 1
    let loopGain = -rate * (sign * linearizedHysteresis + 1) * loopInverse
    right[Self.hysteresisIndex] *= loopInverse
    byState += parameters.hysteresisAmplitude * right[Self.hysteresisIndex]
    byCurrent += parameters.hysteresisAmplitude * loopGain
    solveTemperatures(right)
    let change: Double
    switch control {
    case .current: change = right[Self.currentIndex]
    case .voltage: change = -(right[Self.currentIndex] + byState) / byCurrent
    case .power:
      change =
        (right[Self.currentIndex] - current * byState) / (voltage + current * byCurrent)
    }
    right[Self.currentIndex] = change
    right[0] += chargeGain * change
    for k in 1...3 {
      right[k] += resistances[k] * change / (leading * timeConstants[k] + 1)
    }
    right[Self.hysteresisIndex] += loopGain * change
  }

  /// The rows of the temperatures, whose coupling to the rest is left to the iteration.
  private func solveTemperatures(_ right: UnsafeMutablePointer<Double>) {
    guard let division else {
      right[Self.temperatureIndex] /=
        leading + (thermal == .lumped ? cooling / heatCapacity : 0)
      return
    }
    let core = division.internalConductance / ((1 - division.surfaceShare) * heatCapacity)
    let inner = division.internalConductance / (division.surfaceShare * heatCapacity)
    let outer = cooling / (division.surfaceShare * heatCapacity)
    let determinant: Double = (leading + core) * (leading + inner + outer) - core * inner
    let (a, b) = (right[Self.temperatureIndex], right[Self.surfaceIndex])
    right[Self.temperatureIndex] = ((leading + inner + outer) * a + core * b) / determinant
    right[Self.surfaceIndex] = ((leading + core) * b + inner * a) / determinant
  }

  /// Writes the distances to the limits; one that falls to zero ends a step.
  public mutating func evaluateEvents(
    time: Double, state: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>
  ) {
    for event in CellEvent.allCases { values[event.rawValue] = 1 }
    guard evaluateVoltage(state) else { return }
    values[CellEvent.lowerVoltage.rawValue] = voltage - max(limits.lowerVoltage, -1e3)
    values[CellEvent.upperVoltage.rawValue] = min(limits.upperVoltage, 1e3) - voltage
    values[CellEvent.currentBelow.rawValue] =
      abs(state[Self.currentIndex]) - limits.currentBelow
    values[CellEvent.temperatureAbove.rawValue] =
      min(limits.temperatureAbove, 1e4)
      - max(state[Self.temperatureIndex], division == nil ? 0 : state[Self.surfaceIndex])
  }

  /// What can be measured of a state.
  public mutating func observe(_ state: UnsafePointer<Double>) -> CellObservation {
    var result = CellObservation()
    _ = evaluateVoltage(state)
    result.current = state[Self.currentIndex]
    result.voltage = voltage
    result.temperature = circuitTemperature(state)
    if division != nil {
      let (core, surface) = (state[Self.temperatureIndex], state[Self.surfaceIndex])
      result.temperatures = TemperatureSummary(
        mean: result.temperature, highest: max(core, surface), hottestPlace: .zero,
        lowest: min(core, surface), surface: surface)
    }
    result.platingMargin = .nan
    result.salt = .nan
    result.negativeStoichiometry = state[0]
    result.positiveStoichiometry = 1 - state[0]
    result.charge = parameters.capacity * (1 - state[0])
    result.heat = heatRate
    return result
  }
}
