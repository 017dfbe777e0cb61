// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a simulation reported, kept for its page.

package import CellModels
import ReportPages

/// What a simulation reported, kept for its page with bounded memory.
package struct SimulationRecord: Sendable {
  /// The curves over time.
  package struct Curves: Sendable {
    package var time: [Double] = []
    package var current: [Double] = []
    package var voltage: [Double] = []
    package var temperature: [Double] = []
    package var platingMargin: [Double] = []
    package var salt: [Double] = []
    package var film: [Double] = []
  }

  /// Profiles at one time.
  package struct Section: Sendable {
    package var time: Double
    package var profiles: CellProfiles
  }

  /// The experiment.
  package let experiment: Experiment
  /// The curves over time, in SI.
  package private(set) var curves = Curves()
  /// Profiles at times spread over the run.
  package private(set) var sections: [Section] = []
  /// Steps that ended, the first ``mostRows`` of them and the last.
  package private(set) var steps: [Experiment.StepResult] = []
  /// Steps that ended, all counted.
  package private(set) var stepCount = 0
  /// Cycles that ended.
  package private(set) var cycles: [Experiment.CycleResult] = []
  /// Cycles that were leapt over.
  package var leaptCycles: Int { max(0, (cycles.last?.cycle ?? 0) - cycles.count) }
  private var profileStride = 1
  private var profileCount = 0

  /// Most points of the curves.
  private static let mostPoints = 400_000
  /// Most profiles.
  private static let mostSections = 80
  /// Most steps that are kept one by one.
  package static let mostRows = 400

  /// Creates an empty record.
  package init(_ experiment: Experiment) { self.experiment = experiment }

  /// Takes a report in order of time.
  package mutating func take(_ report: Experiment.Report) {
    switch report {
    case .sample(let sample): take(sample)
    case .step(let result):
      stepCount += 1
      if steps.count <= Self.mostRows {
        steps.append(result)
      } else {
        steps[steps.count - 1] = result
      }
    case .cycle(let result): cycles.append(result)
    }
  }

  private mutating func take(_ sample: Experiment.Sample) {
    let now = sample.observation
    curves.time.append(sample.time)
    curves.current.append(now.current)
    curves.voltage.append(now.voltage)
    curves.temperature.append(now.temperatures?.highest ?? now.temperature)
    curves.platingMargin.append(now.platingMargin)
    curves.salt.append(now.salt)
    curves.film.append(now.filmThickness)
    if curves.time.count > Self.mostPoints { thin() }
    guard let profiles = sample.profiles else { return }
    defer { profileCount += 1 }
    let isLater = sections.last.map { sample.time > $0.time } ?? true
    guard profileCount.isMultiple(of: profileStride), isLater else { return }
    sections.append(Section(time: sample.time, profiles: profiles))
    guard sections.count > Self.mostSections else { return }
    // Twice as far apart from now on, so that the run stays covered from its start.
    sections = sections.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
    profileStride *= 2
  }

  private mutating func thin() {
    let kept = CurveThinning.indices(
      [curves.voltage, curves.current, curves.temperature, curves.platingMargin],
      limit: Self.mostPoints / 2)
    func pick(_ values: [Double]) -> [Double] { kept.map { values[$0] } }
    curves.time = pick(curves.time)
    curves.current = pick(curves.current)
    curves.voltage = pick(curves.voltage)
    curves.temperature = pick(curves.temperature)
    curves.platingMargin = pick(curves.platingMargin)
    curves.salt = pick(curves.salt)
    curves.film = pick(curves.film)
  }
}
