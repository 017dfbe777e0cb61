// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Cells of a batch side by side.

import NumericalMethods

extension CellBatch {
  /// Whether cells run side by side in vector registers: single-particle models without ageing.
  ///
  /// A cell whose steps follow a profile or change the ambient temperature, or whose diffusivities
  /// depend on the stoichiometry, runs alone even so.
  public var runsInLanes: Bool {
    guard experiment.model == .spm || experiment.model == .spme else { return false }
    guard experiment.thermal == .isothermal || experiment.thermal == .lumped else { return false }
    return experiment.ageing == AgeingOptions() && !experiment.isFine
  }

  /// A cell ready to be put into a lane.
  private struct Prepared {
    let index: Int
    let experiment: Experiment
    let start: (negative: Double, positive: Double)
    let ambient: Double
  }

  private func prepare(_ index: Int) throws(ParameterError) -> Prepared {
    let experiment = experiment(of: cells[index])
    let start = try experiment.parameters.stoichiometries(
      stateOfCharge: experiment.initialStateOfCharge)
    let ambient = experiment.ambientTemperature ?? experiment.parameters.ambientTemperature
    guard (200...450).contains(ambient) else {
      throw .outOfRange(
        key: "Ambient temperature [K]", value: ambient, allowed: "200 to 450")
    }
    return Prepared(index: index, experiment: experiment, start: start, ambient: ambient)
  }

  private func model(_ prepared: Prepared) throws(ParameterError) -> SingleParticleModel {
    var model = try SingleParticleModel(
      prepared.experiment.parameters, withElectrolyte: experiment.model == .spme,
      thermal: experiment.thermal)
    model.ambientTemperature = prepared.ambient
    return model
  }

  private func job(_ prepared: Prepared) -> LaneJob {
    let parameters = prepared.experiment.parameters
    let blocks = prepared.experiment.blocks.filter { $0.repetitions > 0 && !$0.steps.isEmpty }
    return LaneJob(
      cell: prepared.index,
      blocks: blocks.map { block in
        let steps = block.steps.map { step in
          LaneJob.Step(
            control: step.control(nominalCapacity: parameters.nominalCapacity),
            duration: step.duration ?? ExperimentStep.longestDuration,
            limits: step.limits(for: parameters))
        }
        return (steps, block.repetitions)
      }, cycles: max(1, prepared.experiment.cycles), outcome: CellOutcome())
  }

  /// Whether a cell's steps are all of constant control at one ambient temperature, and its
  /// diffusivities constant, with one material in each electrode.
  private func isPlain(_ cell: Cell) -> Bool {
    if cell.parameters.negative.second != nil { return false }
    for electrode in [cell.parameters.negative, cell.parameters.positive]
    where electrode.diffusivity.varies(over: 0...1) { return false }
    let blocks = cell.blocks ?? experiment.blocks
    let steps = blocks.filter { $0.repetitions > 0 }.flatMap(\.steps)
    return !steps.isEmpty
      && steps.allSatisfy { step in
        switch step.drive {
        case .current, .rate, .power, .voltage, .rest: step.ambient == nil
        case .profile, .ambient: false
        }
      }
  }

  /// Runs cells side by side.
  func runInLanes(_ range: Range<Int>) -> [Outcome] {
    var outcomes = [Outcome](
      repeating: .failure(.malformed(reason: "the cell did not run")), count: range.count)
    var left: [Int] = []
    for index in range {
      if isPlain(cells[index]) {
        left.append(index)
      } else {
        outcomes[index - range.lowerBound] = runAlone(cells[index])
      }
    }
    left.reverse()
    // The first cell that can be built gives the lanes their sizes.
    while let first = left.last {
      do throws(ParameterError) {
        let example = try model(try prepare(first))
        run(like: example, &left, range.lowerBound, &outcomes)
      } catch {
        outcomes[first - range.lowerBound] = .failure(error)
        left.removeLast()
      }
    }
    return outcomes
  }

  private func run(
    like example: borrowing SingleParticleModel, _ left: inout [Int], _ origin: Int,
    _ outcomes: inout [Outcome]
  ) {
    var options = CellSimulation<SingleParticleModel>.standardOptions
    options.stepLimit = .max
    var runner = LaneRunner(SingleParticleLanes(like: example), options: options)
    var refused: [(cell: Int, error: ParameterError)] = []
    let done = runner.run { lanes, lane, state in
      while let index = left.popLast() {
        do throws(ParameterError) {
          let prepared = try prepare(index)
          lanes.load(try model(prepared), lane: lane)
          lanes.fillRest(
            negative: prepared.start.negative, positive: prepared.start.positive,
            temperature: prepared.ambient, lane: lane, into: state)
          return job(prepared)
        } catch { refused.append((index, error)) }
      }
      return nil
    }
    for (cell, outcome) in done { outcomes[cell - origin] = .success(outcome) }
    for (cell, error) in refused { outcomes[cell - origin] = .failure(error) }
  }
}
