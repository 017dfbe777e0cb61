// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Runs of cell models for the tests.

import CellModels
import NumericalMethods

/// A voltage curve sampled at equal intervals, and how it ended.
struct VoltageCurve {
  var times: [Double] = []
  var voltages: [Double] = []
  var temperatures: [Double] = []
  var end = 0.0
  var outcome = StepEnd.failed
  var observation = CellObservation()
  var start = CellObservation()

  /// Root mean square difference over common times after the first, in volts.
  func difference(from other: VoltageCurve) -> Double {
    let count = min(times.count, other.times.count) - 1
    var sum = 0.0
    for k in 1..<count {
      sum += (voltages[k] - other.voltages[k]) * (voltages[k] - other.voltages[k])
    }
    return (sum / Double(count - 1)).squareRoot()
  }
}

extension CellParameters {
  /// Stoichiometries of the set's initial concentrations.
  var initialStoichiometries: (negative: Double, positive: Double) {
    (
      negative.initialConcentration / negative.maximumConcentration,
      positive.initialConcentration / positive.maximumConcentration
    )
  }

  /// Current of one C, in amperes.
  var unitCurrent: Double { nominalCapacity / 3_600 }

  /// The set with a part of the negative host told again as a second material of equal numbers.
  func withSecondMaterialLikeFirst(_ fraction: Double = 0.3) -> CellParameters {
    var split = self
    var second = SecondMaterialParameters()
    second.activeFraction = fraction
    second.particleRadius = negative.particleRadius
    second.maximumConcentration = negative.maximumConcentration
    second.initialConcentration = negative.initialConcentration
    second.diffusivity = negative.diffusivity
    second.lithiationPotential = negative.openCircuitPotential
    second.delithiationPotential = negative.openCircuitPotential
    second.hysteresisRate = 10
    second.reactionRate = negative.reactionRate
    second.reactionActivationEnergy = negative.reactionActivationEnergy
    split.negative.second = second
    split.negative.activeFraction -= fraction
    return split
  }
}

/// Discharges a model to the lower cut-off, sampled 300 times an hour divided by the rate.
func discharge<Model: ElectrochemicalModel & ~Copyable>(
  _ model: consuming Model, _ parameters: CellParameters, rate: Double,
  options: StiffOptions = CellSimulation<Model>.standardOptions
) -> VoltageCurve {
  let start = parameters.initialStoichiometries
  var simulation = CellSimulation(
    model, negative: start.negative, positive: start.positive,
    temperature: parameters.ambientTemperature, options: options)
  var limits = CellLimits()
  limits.lowerVoltage = parameters.lowerCutOff
  var curve = VoltageCurve()
  curve.outcome = simulation.run(
    .current(rate * parameters.unitCurrent), duration: 6_000 / rate, limits: limits,
    interval: 12 / rate
  ) { time, state, model in
    let observation = model.observe(state)
    if curve.times.isEmpty { curve.start = observation }
    curve.times.append(time)
    curve.voltages.append(observation.voltage)
    curve.temperatures.append(observation.temperature)
    return true
  }
  curve.end = simulation.time
  curve.observation = simulation.observe()
  return curve
}
