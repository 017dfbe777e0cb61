// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Drive cycles: reading tables, and running them exactly.

import CellModels
import Foundation
import Quantities
import Testing

@Suite("Drive cycles")
struct DriveProfileTests {
  static let models: [CellModelKind] = [.ecm, .spm, .spme, .dfn]

  @Test("Tables are read by the names and units of their headings")
  func tables() throws {
    let expected = try DriveProfile(kind: .current, times: [0, 60, 120], values: [0, 2, -1])
    for text in [
      "time_s,current_A\n0,0\n60,2\n120,-1\n",
      "# a comment\nTime [min];I [mA]\n5;0\n6;2000\n7;-1e3",
      "i/A\tT/h\n0\t0\n2\t0.016666666666666666\n-1\t0.03333333333333333\n\n",
      "\"Test Time (s)\",\"Voltage (V)\",\"Current (A)\"\r\n0,4,0\r\n60,4,2\r\n120,4,-1\r\n",
    ] {
      let profile = try #require(try DriveProfile(table: text), "\(text)")
      #expect(profile.kind == expected.kind && profile.values == expected.values)
      #expect(zip(profile.times, expected.times).allSatisfy { abs($0 - $1) < 1e-9 })
    }
    let power = try DriveProfile(table: "t_s,p_kW\n0,1\n1,-2\n")
    #expect(power?.kind == .power && power?.values == [1_000, -2_000])
    for other in [
      "", "a,b\n1,2\n", "time_s,voltage_V\n0,1\n", "time_A,current_s\n0,1", "time,current\n0,1",
    ] {
      #expect(try DriveProfile(table: other) == nil, "\(other)")
    }
  }

  @Test(
    "A wrong value is named with its line",
    arguments: zip(
      [
        "time_s,current_A\n0,0\n1,x\n", "time_s,current_A\n0,0\n\n1\n",
        "time_s,current_A\n5,0\n1,1\n",
        "time_s,current_A\n0,0\n", "time_s,current_A\n1,0\n1,2\n", "time_s,current_A\n0,0\n1,nan\n",
      ], ["line 3", "line 4", "line 3", "two rows", "no time", "line 3"]))
  func wrong(text: String, place: String) {
    #expect {
      try DriveProfile(table: text)
    } throws: { error in
      (error as? DriveProfileError).map { "\($0)".contains(place) } ?? false
    }
  }

  static func run(
    _ texts: [String], _ profile: DriveProfile, model: CellModelKind = .spm,
    thermal: ThermalModel = .isothermal, interval: Double? = nil, soc: Double = 0.6
  ) throws -> (
    samples: [Experiment.Sample], steps: [Experiment.StepResult], cycles: [Experiment.CycleResult]
  ) {
    let blocks = try ExperimentBlock.blocks(texts) { (_: String) throws(ExperimentError) in profile
    }
    var experiment = Experiment(blocks: blocks, parameters: .chen2020)
    experiment.model = model
    experiment.thermal = thermal
    experiment.interval = interval
    experiment.initialStateOfCharge = soc
    var samples: [Experiment.Sample] = []
    var steps: [Experiment.StepResult] = []
    var cycles: [Experiment.CycleResult] = []
    try experiment.run { report in
      switch report {
      case .sample(let sample): samples.append(sample)
      case .step(let step): steps.append(step)
      case .cycle(let cycle): cycles.append(cycle)
      }
    }
    return (samples, steps, cycles)
  }

  static func drive(_ kind: DriveProfile.Kind = .current) throws -> DriveProfile {
    let times = (0...120).map { Double($0) * 5 }
    let values = times.map { 4 * sin($0 / 17) + 3 * sin($0 / 5.3) + 1.5 }
    return try DriveProfile(kind: kind, times: times, values: values)
  }

  // The lithium that moved is the charge of the profile; the tolerance is that of the integrator.
  @Test(
    "The charge of a current profile passes through the cell", arguments: models)
  func charge(model: CellModelKind) throws {
    let profile = try Self.drive()
    let result = try Self.run(["Follow x"], profile, model: model)
    #expect(result.steps.map(\.end) == [.duration])
    #expect(abs(result.steps[0].charge / profile.integral - 1) < 5e-4)
    #expect(abs(result.steps[0].time - 600) < 1e-9)
    // A row for each point of the file, with its current.
    #expect(result.samples.count == profile.times.count)
    for (sample, (time, value)) in zip(result.samples, zip(profile.times, profile.values)) {
      #expect(abs(sample.time - time) < 1e-6 && abs(sample.observation.current - value) < 1e-6)
    }
    let cycle = result.cycles[0]
    let positive = zip(profile.values, profile.values.dropFirst()).reduce(0.0) {
      $0 + 2.5 * (max(0, $1.0) + max(0, $1.1))
    }
    #expect(abs((cycle.discharged - cycle.charged) / profile.integral - 1) < 1e-9)
    #expect(abs(cycle.discharged / positive - 1) < 0.02 && cycle.charged > 100)
  }

  @Test("A ramp gives the voltages of many short steps of its mean currents")
  func ramp() throws {
    let profile = try DriveProfile(kind: .current, times: [0, 300], values: [1, 6])
    let smooth = try Self.run(["Follow x"], profile, interval: 30)
    let pieces = (0..<300).map { "Discharge at \(1 + 5 * (Double($0) + 0.5) / 300) A for 1 s" }
    let stepped = try Self.run(pieces, profile, interval: nil)
    #expect(smooth.samples.map(\.time) == (0...10).map { Double($0) * 30 })
    for (index, sample) in smooth.samples.enumerated().dropFirst() {
      let end = stepped.steps[30 * index - 1]
      // Half a step of the staircase is 8 mA, below a tenth of a millivolt.
      #expect(abs(sample.observation.voltage - end.voltage) < 3e-4)
    }
  }

  @Test("Power is delivered at every point, and jumps and pauses are met")
  func power() throws {
    let profile = try DriveProfile(
      kind: .power, times: [0, 60, 60, 180, 180, 240], values: [10, 10, 0, 0, -8, -4])
    let result = try Self.run(["Follow x (10 s period)"], profile, model: .spme)
    #expect(result.steps.map(\.end) == [.duration])
    for sample in result.samples {
      let power = sample.observation.voltage * sample.observation.current
      switch sample.time {
      case ..<59.9: #expect(abs(power - 10) < 1e-3)
      case 61..<179.9: #expect(abs(power) < 1e-6)
      case 181...: #expect(abs(power - (-8 + (sample.time - 180) / 15)) < 1e-3)
      default: break
      }
    }
    // 10 W for a minute out, 6 W for a minute in.
    #expect(abs(result.cycles[0].dischargedEnergy - 600) < 60)
    #expect(abs(result.cycles[0].chargedEnergy - 360) < 45)
  }

  @Test("A profile ends at a cut-off, and the experiment goes on")
  func cutOff() throws {
    let profile = try DriveProfile(kind: .current, times: [0, 10, 3_600], values: [0, 10, 10])
    let result = try Self.run(["Repeat 2 times: Follow x; Rest for 1 minute"], profile, soc: 0.3)
    #expect(result.steps.first?.end == .event(.lowerVoltage))
    #expect(result.steps.count == 4 && result.cycles.count == 2)
    #expect(abs((result.steps.first?.voltage ?? 0) - 2.5) < 1e-4)
    let short = try Self.run(["Follow x scaled by 0.1 for 100 s"], profile)
    #expect(abs(short.steps[0].time - 100) < 1e-9)
    #expect(abs(short.steps[0].charge - (95)) < 0.05)
  }

  @Test("Steps take the temperature of their surroundings", arguments: models)
  func ambient(model: CellModelKind) throws {
    let profile = try Self.drive()
    let texts = [
      "Discharge at C/2 for 1 minute", "Rest for 1 minute at 10 °C", "Rest for 1 minute",
      "Set ambient to -10 °C", "Discharge at C/2 for 1 minute", "Rest for 1 minute at 40 degC",
      "Rest for 1 minute",
    ]
    let result = try Self.run(texts, profile, model: model)
    let ends = (1...7).map { step in
      result.samples.last { $0.step == step }?.observation.temperature ?? .nan
    }
    let expected = [298.15, 283.15, 298.15, .nan, 263.15, 313.15, 263.15]
    for (found, wanted) in zip(ends, expected) where wanted.isFinite {
      #expect(abs(found - wanted) < 1e-9)
    }
    #expect(result.steps[3].time == result.steps[3].startTime && result.steps[3].charge == 0)
    // A cell with heat of its own only moves towards them.
    let lumped = try Self.run(texts, profile, model: model, thermal: .lumped)
    let warm = lumped.samples.last?.observation.temperature ?? 0
    #expect(warm > 270 && warm < 300)
    let cold = lumped.samples.last { $0.step == 2 }?.observation.temperature ?? 0
    #expect(cold < 298.2 && cold > 290)
  }

  @Test("Energies of a cycle are those of a fine record")
  func energy() throws {
    let profile = try Self.drive()
    let texts = [
      "Discharge at 1C until 2.5 V", "Charge at C/2 until 4.2 V", "Hold at 4.2 V until C/50",
    ]
    let own = try Self.run(texts, profile, soc: 1).cycles[0]
    let fine = try Self.run(texts, profile, interval: 1, soc: 1).cycles[0]
    #expect(abs(own.dischargedEnergy / fine.dischargedEnergy - 1) < 5e-3)
    #expect(abs(own.chargedEnergy / fine.chargedEnergy - 1) < 5e-3)
    #expect(fine.chargedEnergy > fine.dischargedEnergy && fine.dischargedEnergy > 16 * 3_600)
  }
}
