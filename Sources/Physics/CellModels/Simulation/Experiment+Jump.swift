// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Experiments that leap over cycles.

extension Experiment {
  /// Runs the cycles, leaping over most of them.
  ///
  /// The cycles after a leap are reported once the leap is accepted, numbered as if all had run.
  /// The first two of them lack its correction, which their estimate of the error covers.
  func leap<Model: ElectrochemicalModel & ~Copyable>(
    _ rules: CycleJump, _ steps: [ExperimentStep], _ simulation: inout CellSimulation<Model>,
    _ surroundings: inout Double, _ report: (Report) throws -> Void
  ) throws {
    let cycles = cycleCount
    guard rules.tolerance > 0, rules.longest >= 1 else {
      throw ParameterError.outOfRange(
        key: "tolerance of leaps", value: rules.tolerance, allowed: "above 0, over 1 or more cycles"
      )
    }
    let unknowns = simulation.model.slowUnknowns
    let hosts = parameters.hostCapacity.negative
    var leaper = CycleLeaper(rules, unknowns, total: cycles)
    var last = Measured(change: [], duration: 0)
    var cycle = 1
    while cycle <= cycles {
      // The first cycles are never leapt over: they settle the cell from its rested start.
      if cycle > 3 {
        let values = simulation.values(unknowns)
        let count = leaper.plan(last.change, values: values, remaining: cycles - cycle + 1)
        if count > 0 {
          let start = (
            state: simulation.snapshot, time: simulation.time, surroundings: surroundings
          )
          simulation.shift(
            unknowns, by: last.change.map { Double(count) * $0 },
            duration: Double(count) * last.duration)
          var held: [Report] = []
          let first = cycle + count
          // One cycle settles the fast unknowns, the next one measures.
          var goesOn = try runCycle(first, steps, on: &simulation, &surroundings) {
            held.append($0)
          }
          var next = last
          if goesOn {
            next = try measure(
              first + 1, steps, on: &simulation, &surroundings, unknowns, &goesOn
            ) { held.append($0) }
          }
          let correction =
            goesOn
            ? leaper.judge(
              count: count, before: last.change, after: next.change) : nil
          guard let correction else {
            // Too long, or past the end of the cell: nothing of it counts.
            if !goesOn { leaper.retreat(to: count / 2) }
            simulation.restore(start.state, at: start.time)
            surroundings = start.surroundings
            continue
          }
          simulation.shift(
            unknowns, by: correction,
            duration: 0.5 * Double(count) * (next.duration - last.duration))
          for item in held { try report(marked(item, error: leaper.error * hosts)) }
          last = next
          cycle = first + 2
          continue
        }
      }
      var goesOn = true
      last = try measure(
        cycle, steps, on: &simulation, &surroundings, unknowns, &goesOn
      ) {
        try report(marked($0, error: leaper.error * hosts))
      }
      guard goesOn else { return }
      cycle += 1
    }
  }

  /// What a cycle changes.
  private struct Measured {
    var change: [Double]
    var duration: Double
  }

  /// Runs a cycle and measures what it changes.
  private func measure<Model: ElectrochemicalModel & ~Copyable>(
    _ cycle: Int, _ steps: [ExperimentStep], on simulation: inout CellSimulation<Model>,
    _ surroundings: inout Double, _ unknowns: [SlowUnknown], _ goesOn: inout Bool,
    _ report: (Report) throws -> Void
  ) throws -> Measured {
    let before = simulation.values(unknowns)
    let start = simulation.time
    goesOn = try runCycle(cycle, steps, on: &simulation, &surroundings, report)
    let after = simulation.values(unknowns)
    return Measured(
      change: zip(after, before).map { $0 - $1 }, duration: simulation.time - start)
  }

  /// A report with the error of the leaps before it.
  private func marked(_ report: Report, error: Double) -> Report {
    guard case .cycle(var result) = report else { return report }
    result.lostLithiumError = error
    return .cycle(result)
  }
}
