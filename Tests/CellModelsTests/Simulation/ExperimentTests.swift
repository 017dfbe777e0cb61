// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Experiments in words: understanding, refusing, running.

import CellModels
import Testing

@Suite("Experiments in words")
struct ExperimentTests {
  @Test("Steps are understood as people write them")
  func understanding() throws {
    let cases: [(String, ExperimentStep.Drive, Double?, ExperimentStep.Stop?)] = [
      ("Discharge at 1C until 2.5 V", .rate(1), nil, .voltage(2.5)),
      ("charge at C/2 until 4.2V", .rate(-0.5), nil, .voltage(4.2)),
      ("Hold at 4.2 V until C/20", .voltage(4.2), nil, .rate(0.05)),
      ("Hold at 4100 mV until 50 mA", .voltage(4.1), nil, .current(0.05)),
      ("Rest for 1 hour", .rest, 3_600, nil),
      ("Discharge at 10 W for 5 minutes", .power(10), 300, nil),
      ("Charge at 2.5 A for 30 min or until 4.1 V", .current(-2.5), 1_800, .voltage(4.1)),
      ("Discharge  at 500 mA for 90 seconds", .current(0.5), 90, nil),
    ]
    for (text, drive, duration, stop) in cases {
      let step = try ExperimentStep(text)
      #expect(step.drive == drive)
      #expect(step.duration == duration)
      #expect(step.stop == stop)
    }
  }

  @Test(
    "A wrong word is named",
    arguments: zip(
      [
        "Dischrage at 1C until 2.5 V", "Discharge at 1C", "Discharge at 1X until 2.5 V",
        "Rest until 3 V", "Hold at 4.2 V until 3 V", "Charge at -1 A for 1 hour",
        "Discharge at C/0 for 1 hour", "Discharge at 1C until", "", "Charge at 1e999 A for 1 h",
      ], ["Dischrage", "", "1X", "until", "V", "-1", "C/0", "", "", "1e999"]))
  func refusing(text: String, word: String) {
    #expect {
      try ExperimentStep(text)
    } throws: { error in
      guard let error = error as? ExperimentError else { return false }
      return error.word == word && !error.allowed.isEmpty && error.text == text
    }
  }

  // Stoichiometries at open-circuit cut-offs, to the digits an independent solver gives.
  @Test("States of charge are those of the open-circuit cut-offs")
  func stateOfCharge() throws {
    let published: [(CellParameters, [Double])] = [
      (.chen2020, [0.910618, 0.263845, 0.026346, 0.853975]),
      (.marquis2019, [0.949321, 0.512597, 0.183223, 0.961025]),
      (.prada2013, [0.810043, 0.003762, 0.017618, 0.703502]),
    ]
    for (set, values) in published {
      let full = try set.stoichiometries(stateOfCharge: 1)
      let empty = try set.stoichiometries(stateOfCharge: 0)
      let found = [full.negative, full.positive, empty.negative, empty.positive]
      for (a, b) in zip(found, values) { #expect(abs(a - b) < 2e-4) }
    }
    #expect(throws: ParameterError.self) {
      try CellParameters.chen2020.stoichiometries(stateOfCharge: 1.2)
    }
    #expect(CellParameters.names.allSatisfy { CellParameters.named($0.uppercased()) != nil })
    #expect(CellParameters.named("chen2021") == nil)
  }

  @Test(
    "A cycle runs step by step, and film growth costs capacity",
    arguments: [CellModelKind.spm, .spme, .dfn])
  func running(model: CellModelKind) throws {
    let words = [
      "Discharge at 1C until 2.5 V", "Rest for 10 minutes", "Charge at C/2 until 4.2 V",
      "Hold at 4.2 V until C/20",
    ]
    var experiment = Experiment(
      steps: try words.map { try ExperimentStep($0) }, parameters: .chen2020)
    experiment.model = model
    experiment.cycles = 3
    experiment.ageing.interphase = model == .ecm ? .none : .carbonate
    experiment.interval = 60
    var ends: [StepEnd] = []
    var cycles: [Experiment.CycleResult] = []
    var times: [Double] = []
    try experiment.run { report in
      switch report {
      case .sample(let sample): times.append(sample.time)
      case .step(let result): ends.append(result.end)
      case .cycle(let result): cycles.append(result)
      }
    }
    let expected: [StepEnd] = [
      .event(.lowerVoltage), .duration, .event(.upperVoltage), .event(.currentBelow),
    ]
    #expect(ends == expected + expected + expected)
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(cycles.count == 3)
    #expect(cycles[0].discharged > 4.5 * 3_600 && cycles[0].discharged < 5.2 * 3_600)
    #expect(abs(cycles[2].charged / cycles[2].discharged - 1) < 0.05)
    if model != .ecm {
      #expect(cycles[0].observation.lostLithium > 0)
      #expect(cycles[2].observation.lostLithium > cycles[0].observation.lostLithium)
      #expect(cycles[2].discharged < cycles[1].discharged)
    }
  }

  @Test("What a set does not have is refused by name")
  func refusedModel() throws {
    var experiment = Experiment(
      steps: [try ExperimentStep("Rest for 1 s")], parameters: .prada2013)
    experiment.ageing.interphase = .reaction
    #expect(throws: ParameterError.self) { try experiment.run { _ in } }
    experiment.ageing.interphase = .none
    experiment.ambientTemperature = 25
    #expect(throws: ParameterError.self) { try experiment.run { _ in } }
  }

  @Test("Samples hold profiles where they are asked for and the model resolves them")
  func profiles() throws {
    var experiment = Experiment(
      steps: [try ExperimentStep("Discharge at 1C for 10 minutes")], parameters: .chen2020)
    experiment.interval = 300
    for (model, asks) in [(CellModelKind.dfn, true), (.dfn, false), (.spme, true)] {
      experiment.model = model
      experiment.recordsProfiles = asks
      var profiles: [CellProfiles?] = []
      try experiment.run { if case .sample(let sample) = $0 { profiles.append(sample.profiles) } }
      #expect(profiles.count >= 3)
      guard model == .dfn, asks else {
        #expect(profiles.allSatisfy { $0 == nil })
        continue
      }
      let first = try #require(profiles.first ?? nil)
      let last = try #require(profiles.last ?? nil)
      // Salt gathers where lithium leaves the particles.
      #expect(last.salt[0] > 1_050 && (last.salt.last ?? 0) < 950)
      #expect(last.meanStoichiometry[0] < first.meanStoichiometry[0] - 0.05)
      #expect(last.surfaceStoichiometry[0] < last.meanStoichiometry[0])
      #expect(last.porosity.count == last.position.count && last.porosity[0] == 0.25)
      #expect(last.filmThickness[0].isNaN && last.lithiumPotential[0] > 0)
    }
  }
}
