// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// An experiment: steps, repeated, on a cell model chosen by name.

import NumericalMethods

/// The cell models an experiment can run on.
public enum CellModelKind: String, CaseIterable, Sendable {
  /// Equivalent circuit.
  case ecm
  /// Single-particle model.
  case spm
  /// Single-particle model with electrolyte.
  case spme
  /// Doyle–Fuller–Newman model.
  case dfn
  /// Lithium metal, solid electrolyte and composite cathode.
  case solidState = "solid-state"
}

/// An experiment: steps, repeated, on a cell model.
public struct Experiment: Sendable {
  /// What is done in order; each repetition of a block is a cycle.
  public var blocks: [ExperimentBlock]
  /// Repetitions of all blocks.
  public var cycles = 1
  /// The model.
  public var model = CellModelKind.dfn
  /// The cell.
  public var parameters: CellParameters
  /// The circuit of the model ``CellModelKind/ecm``; reduced from ``parameters`` when nil.
  public var circuit: CircuitParameters?
  /// Treatment of the temperature.
  public var thermal = ThermalModel.isothermal
  /// Phenomena of ageing; the models ecm and solid-state have none.
  public var ageing = AgeingOptions()
  /// How the run may leap over cycles; it takes every one when nil. The models spm, spme and dfn
  /// can leap, without a temperature field; a run ends with an exact cycle.
  public var jump: CycleJump?
  /// State of charge at the start, 0 to 1.
  public var initialStateOfCharge = 1.0
  /// Ambient and initial temperature, in kelvin; that of the set when nil.
  public var ambientTemperature: Double?
  /// Spacing of recorded times, in seconds; nil records the integrator's own steps.
  public var interval: Double?

  /// Whether samples hold profiles across the cell; the model dfn has them.
  public var recordsProfiles = false

  /// Whether to use ``CellResolution/fine`` and a relative tolerance of 1e-7, for references.
  public var isFine = false

  /// Creates an experiment whose steps form one cycle, on the DFN model.
  public init(steps: [ExperimentStep], parameters: CellParameters) {
    self.init(blocks: [ExperimentBlock(steps: steps)], parameters: parameters)
  }

  /// Creates an experiment on the DFN model.
  public init(blocks: [ExperimentBlock], parameters: CellParameters) {
    self.blocks = blocks
    self.parameters = parameters
  }

  /// Creates an experiment whose steps form one cycle, on an equivalent circuit.
  public init(steps: [ExperimentStep], circuit: CircuitParameters) {
    self.init(blocks: [ExperimentBlock(steps: steps)], circuit: circuit)
  }

  /// Creates an experiment on an equivalent circuit.
  public init(blocks: [ExperimentBlock], circuit: CircuitParameters) {
    self.blocks = blocks
    self.circuit = circuit
    model = .ecm
    parameters = CellParameters(name: circuit.name, source: circuit.source)
    parameters.nominalCapacity = circuit.nominalCapacity
    parameters.lowerCutOff = circuit.lowerCutOff
    parameters.upperCutOff = circuit.upperCutOff
    parameters.ambientTemperature = circuit.ambientTemperature
  }

  /// Cycles of the whole experiment: the repetitions of its blocks, as often as they are repeated.
  public var cycleCount: Int {
    max(1, cycles) * blocks.reduce(0) { $0 + max(0, $1.repetitions) }
  }

  /// Steps of the whole experiment.
  public var stepCount: Int {
    max(1, cycles) * blocks.reduce(0) { $0 + max(0, $1.repetitions) * $1.steps.count }
  }

  /// A recorded time.
  public struct Sample: Sendable {
    /// Time since the start, in seconds.
    public var time: Double
    /// Cycle, from 1.
    public var cycle: Int
    /// Step within the cycle, from 1.
    public var step: Int
    /// What can be measured.
    public var observation: CellObservation
    /// Profiles across the cell, where ``Experiment/recordsProfiles`` asks for them and the model
    /// resolves them.
    public var profiles: CellProfiles?
  }

  /// One step that ended.
  public struct StepResult: Hashable, Sendable {
    /// Cycle, from 1.
    public var cycle: Int
    /// Step within the cycle, from 1.
    public var step: Int
    /// The words of the step.
    public var text: String
    /// Time of the start, in seconds.
    public var startTime: Double
    /// Time of the end, in seconds.
    public var time: Double
    /// How it ended.
    public var end: StepEnd
    /// Charge that left the cell during the step, in coulombs; negative when charged.
    public var charge: Double
    /// Voltage at the end.
    public var voltage: Double
    /// What can be measured at the end.
    public var last: CellObservation
    /// Time, place and value of the event that ended it; nil if none did.
    public var detail: CellEventDetail?
  }

  /// One cycle that ended.
  public struct CycleResult: Hashable, Sendable {
    /// Cycle, from 1.
    public var cycle: Int
    /// Charge discharged during the cycle, in coulombs.
    public var discharged: Double
    /// Charge charged during the cycle, in coulombs.
    public var charged: Double
    /// Energy discharged during the cycle, in joules, by the trapezoidal rule over recorded times.
    public var dischargedEnergy = 0.0
    /// Energy charged during the cycle, in joules, by the trapezoidal rule over recorded times.
    public var chargedEnergy = 0.0
    /// What can be measured at the end of the cycle.
    public var observation: CellObservation
    /// Highest temperature recorded during the cycle, in kelvin.
    public var highestTemperature: Double
    /// Smallest anode potential recorded during the cycle, in volts.
    public var platingMargin: Double
    /// Time of the end, in seconds.
    public var time: Double
    /// Estimated error of the lost lithium by leaps over cycles so far, in moles; 0 without leaps.
    public var lostLithiumError = 0.0
  }

  /// What a run reports while it goes on.
  public enum Report: Sendable {
    /// A recorded time.
    case sample(Sample)
    /// A step ended.
    case step(StepResult)
    /// A cycle ended.
    case cycle(CycleResult)
  }

  /// Runs the experiment.
  ///
  /// A run ends early after a step that is impossible, that fails, or that ends because the
  /// electrolyte is depleted, a dendrite starts or the particles cracked through; the last report
  /// then is that step.
  ///
  /// - Parameter report: Called in order of time.
  /// - Throws: ``ParameterError``, or whatever `report` throws.
  public func run(_ report: (Report) throws -> Void) throws {
    if model != .ecm, circuit != nil {
      throw ParameterError.unsupported(
        key: "format", reason: "an equivalent circuit has no electrodes: choose the model ecm")
    }
    if thermal == .fieldAlongLine || thermal == .fieldInPlane { return try runField(report) }
    try checkModel()
    switch model {
    case .ecm:
      guard ageing == AgeingOptions() else {
        throw ParameterError.unsupported(
          key: "ageing", reason: "film growth needs the model spm, spme or dfn")
      }
      let circuit = try circuit ?? CircuitParameters(reducing: parameters)
      try run(
        on: CircuitModel(circuit, thermal: thermal), isCircuit: true, report)
    case .solidState:
      try run(
        on: SolidStateModel(
          parameters, resolution: isFine ? .fine : .solidState, thermal: thermal), report)
    case .dfn:
      try run(
        on: PorousElectrodeModel(
          parameters, resolution: isFine ? .fine : .standard, thermal: thermal,
          ageing: ageing), report)
    case .spm, .spme:
      let single = try SingleParticleModel(
        parameters, withElectrolyte: model == .spme,
        resolution: isFine ? .fine : .singleParticle, thermal: thermal, ageing: ageing)
      try run(on: single, report)
    }
  }

  func run<Model: ElectrochemicalModel & ~Copyable>(
    on model: consuming Model, isCircuit: Bool = false, _ report: (Report) throws -> Void
  ) throws {
    let start: (negative: Double, positive: Double)
    if isCircuit {
      guard (0...1).contains(initialStateOfCharge) else {
        throw ParameterError.outOfRange(
          key: "initial state of charge", value: initialStateOfCharge, allowed: "0 to 1")
      }
      start = (initialStateOfCharge, 1 - initialStateOfCharge)
    } else {
      start = try parameters.stoichiometries(stateOfCharge: initialStateOfCharge)
    }
    let ambient = ambientTemperature ?? parameters.ambientTemperature
    guard (200...450).contains(ambient) else {
      throw ParameterError.outOfRange(
        key: "Ambient temperature [K]", value: ambient, allowed: "200 to 450")
    }
    model.ambientTemperature = ambient
    var options = CellSimulation<Model>.standardOptions
    if isFine { options.relativeTolerance = 1e-7 }
    var simulation = CellSimulation(
      model, negative: start.negative, positive: start.positive, temperature: ambient,
      options: options)
    var surroundings = ambient
    if let jump {
      guard blocks.count == 1, let steps = blocks.first?.steps else {
        throw ParameterError.unsupported(
          key: "jump",
          reason: "cycles can be leapt over when they are all alike: one block of steps")
      }
      guard !simulation.model.slowUnknowns.isEmpty else {
        throw ParameterError.unsupported(
          key: "jump",
          reason: "cycles can be leapt over with spm, spme or dfn, without a temperature field")
      }
      return try leap(jump, steps, &simulation, &surroundings, report)
    }
    let runs = (0..<max(1, cycles)).lazy.flatMap { _ in
      blocks.lazy.flatMap { Array(repeating: $0.steps, count: max(0, $0.repetitions)) }
    }
    var cycle = 0
    for steps in runs {
      cycle += 1
      guard try runCycle(cycle, steps, on: &simulation, &surroundings, report) else { return }
    }
  }

  /// Runs one cycle; false when the run ends in it.
  func runCycle<Model: ElectrochemicalModel & ~Copyable>(
    _ cycle: Int, _ steps: [ExperimentStep], on simulation: inout CellSimulation<Model>,
    _ surroundings: inout Double, _ report: (Report) throws -> Void
  ) throws -> Bool {
    var result = CycleResult(
      cycle: cycle, discharged: 0, charged: 0, observation: CellObservation(),
      highestTemperature: 0, platingMargin: .infinity, time: 0)
    for (index, step) in steps.enumerated() {
      if case .ambient(let kelvin) = step.drive { surroundings = kelvin }
      simulation.setAmbient(step.ambient ?? surroundings, thermal: thermal)
      let before = simulation.observe()
      let startTime = simulation.time
      var previous: (time: Double, current: Double, power: Double)?
      // What a profile takes out and puts in; its sum says nothing of either.
      var passed = (out: 0.0, in: 0.0)
      var failure: (any Error)?
      let end = simulation.run(step, for: parameters, interval: interval) {
        time, state, model in
        let now = model.observe(state)
        result.highestTemperature = max(
          result.highestTemperature, now.temperatures?.highest ?? now.temperature)
        result.platingMargin = min(result.platingMargin, now.platingMargin)
        let power = now.voltage * now.current
        if let previous {
          let span = time - previous.time
          let (out, back) = Self.trapezoid(previous.power, power, span)
          result.dischargedEnergy += out
          result.chargedEnergy += back
          let charge = Self.trapezoid(previous.current, now.current, span)
          passed = (passed.out + charge.positive, passed.in + charge.negative)
        }
        previous = (time, now.current, power)
        do {
          var sample = Sample(time: time, cycle: cycle, step: index + 1, observation: now)
          if recordsProfiles { sample.profiles = model.crossSection(state) }
          try report(.sample(sample))
          return true
        } catch {
          failure = error
          return false
        }
      }
      if let failure { throw failure }
      let after = simulation.observe()
      let charge = after.charge - before.charge
      if case .profile = step.drive {
        result.discharged += passed.out
        result.charged += passed.in
      } else if charge > 0 {
        result.discharged += charge
      } else {
        result.charged -= charge
      }
      try report(
        .step(
          StepResult(
            cycle: cycle, step: index + 1, text: step.text, startTime: startTime,
            time: simulation.time, end: end, charge: charge, voltage: after.voltage,
            last: after, detail: simulation.detail(of: end))))
      switch end {
      case .impossible, .failed, .event(.electrolyteDepleted), .event(.criticalPlating),
        .alreadyPast(.criticalPlating), .event(.lithiumDepleted), .event(.crackedThrough):
        return false
      default: break
      }
    }
    result.observation = simulation.observe()
    result.time = simulation.time
    try report(.cycle(result))
    return true
  }

  /// Integral of the positive and size of the integral of the negative part of a straight line.
  static func trapezoid(
    _ first: Double, _ last: Double, _ span: Double
  ) -> (positive: Double, negative: Double) {
    if first * last >= 0 {
      let area = 0.5 * (first + last) * span
      return area > 0 ? (area, 0) : (0, -area)
    }
    let before = 0.5 * first * span * first / (first - last)
    let after = 0.5 * last * span * last / (last - first)
    return first > 0 ? (before, -after) : (after, -before)
  }
}
