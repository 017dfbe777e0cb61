// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne simulate --measure: CPU time of repeated runs in one process.

import CellModels
import Foundation

/// CPU time of repeated runs of an experiment in one process.
struct SimulateMeasure {
  /// CPU time of the first run with building the model, in milliseconds.
  var first = 0.0
  /// Smallest CPU time of a run on the built model, in milliseconds.
  var smallest = Double.infinity

  /// Measures an experiment.
  ///
  /// - Parameters:
  ///   - experiment: All its steps are run; ambient temperatures in words are passed over.
  ///   - repetitions: Number of runs, at least one.
  /// - Throws: `ParameterError` of the model.
  init(_ experiment: Experiment, repetitions: Int) throws {
    let start = Self.cpuMilliseconds
    // The models below refuse a temperature field by name.
    let fine = experiment.isFine
    switch experiment.model {
    case .ecm:
      let set = experiment.parameters
      try measure(
        CircuitModel(
          experiment.circuit ?? CircuitParameters(reducing: set), thermal: experiment.thermal),
        experiment, repetitions, since: start)
    case .dfn:
      try measure(
        PorousElectrodeModel(
          experiment.parameters, resolution: fine ? .fine : .standard,
          thermal: experiment.thermal, ageing: experiment.ageing),
        experiment, repetitions, since: start)
    case .solidState:
      try measure(
        SolidStateModel(
          experiment.parameters, resolution: fine ? .fine : .solidState,
          thermal: experiment.thermal), experiment, repetitions, since: start)
    case .spm, .spme:
      try measure(
        SingleParticleModel(
          experiment.parameters, withElectrolyte: experiment.model == .spme,
          resolution: fine ? .fine : .singleParticle, thermal: experiment.thermal,
          ageing: experiment.ageing), experiment, repetitions, since: start)
    }
  }

  private mutating func measure<Model: ElectrochemicalModel & ~Copyable>(
    _ model: consuming Model, _ experiment: Experiment, _ repetitions: Int, since start: Double
  ) throws {
    let set = experiment.parameters
    let charge = experiment.initialStateOfCharge
    let rest =
      experiment.model == .ecm
      ? (negative: charge, positive: 1 - charge) : try set.stoichiometries(stateOfCharge: charge)
    let ambient = experiment.ambientTemperature ?? set.ambientTemperature
    model.ambientTemperature = ambient
    var simulation = CellSimulation(
      model, negative: rest.negative, positive: rest.positive, temperature: ambient)
    for run in 0..<max(1, repetitions) {
      let begin = run == 0 ? start : Self.cpuMilliseconds
      simulation.reset(negative: rest.negative, positive: rest.positive, temperature: ambient)
      for _ in 0..<max(1, experiment.cycles) {
        for block in experiment.blocks {
          for _ in 0..<block.repetitions {
            for step in block.steps { _ = simulation.run(step, for: set) }
          }
        }
      }
      let spent = Self.cpuMilliseconds - begin
      if run == 0 { first = spent } else { smallest = min(smallest, spent) }
    }
    if !smallest.isFinite { smallest = first }
  }

  /// CPU time of the process so far.
  static var cpuMilliseconds: Double {
    var time = timespec()
    guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return .nan }
    return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) * 1e-6
  }
}
