// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One seed of a scenario: plant, user, instruments, controller and detectors in one loop.

import BatteryDomain
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One seed of a scenario. The same scenario and seed give the same run, whatever else runs.
public struct VehicleRun: Sendable {
  /// Delay from the command to the opened contactor, in seconds.
  public static let contactorDelay = 0.02
  /// Delay from the command to the fired fuse, in seconds.
  public static let fuseDelay = 0.001
  /// Current of a balancing switch in amperes.
  public static let bleedCurrent = 0.1
  /// Resistance of the precharge path in ohms, at the low end of what is built in (assumed).
  static let prechargeResistance = 3.0
  /// Time constant of the precharge with a capacitor of 1.5 mF, in seconds.
  static let prechargeTime = 0.004_5
  /// Time a run goes on after a runaway, in seconds.
  static let afterRunaway = 60.0

  /// The scenario.
  public let scenario: Scenario
  /// The seed.
  public let seed: UInt64
  /// The faults of this vehicle.
  public let faults: [PlantFault]
  /// The truth.
  public internal(set) var plant: PlantPack

  var instruments: Instruments
  var duty: DutyCycle
  var random: Xoshiro256
  var reading: PackReading
  var output: ControllerOutput
  var current = 0.0
  var externalResistance = Double.infinity
  var isWelded = false
  var isConnected = true
  var openAt = Double.infinity
  var chargerIgnoresLimits = false
  var pumpBroken = false
  var blocked: Set<Int> = []
  var heaterStuck = 0.0
  var warmModule: Int?
  var baseCapacity: [Double]
  var baseScale: [Double]
  var record: RunRecord
  var inrushUntil = -1.0
  var prechargeAt = Double.infinity
  var silentUntil = -1.0
  var powerUntil = -1.0
  var linkVoltage = 0.0

  /// Prepares a vehicle.
  public init(_ scenario: Scenario, seed: UInt64) {
    self.scenario = scenario
    self.seed = seed
    // Names mix into the seed, so that scenarios of one suite meet different vehicles.
    var mixed = seed &* 0x9E37_79B9_7F4A_7C15
    for byte in scenario.name.utf8 { mixed = (mixed ^ UInt64(byte)) &* 0x100_0000_01B3 }
    var random = Xoshiro256(seed: mixed)
    var layout = scenario.layout
    var health = Double.random(in: scenario.health, using: &random)
    var resistance = Double.random(in: scenario.resistance, using: &random)
    if scenario.oddities.contains(.wideSpread) {
      layout.capacitySpread *= 3
      layout.chargeSpread *= 4
      layout.resistanceSpread *= 2
    }
    if scenario.oddities.contains(.aged) {
      health = Double.random(in: 0.75...0.82, using: &random)
      resistance = Double.random(in: 1.4...1.7, using: &random)
    }
    let start = scenario.season.ambient(at: 0) + 2
    plant = PlantPack(
      cell: scenario.cell, layout: layout,
      charge: Double.random(in: scenario.charge, using: &random), temperature: start,
      health: health, resistance: resistance, using: &random)
    var design = scenario.hasFineInstruments ? InstrumentDesign.fine : InstrumentDesign()
    if scenario.oddities.contains(.poorRadio) { design.lostCycles = 0.05 }
    instruments = Instruments(
      design, cells: layout.cells, probes: layout.probes, temperature: start, seed: random.next())
    duty = DutyCycle(
      scenario.duty, step: scenario.step, parkedStep: scenario.parkedStep, seed: random.next())
    faults = scenario.faults.map { Self.draw($0, layout: layout, using: &random) }
    if scenario.oddities.contains(.currentOffset) {
      instruments.currentFault = Bool.random(using: &random) ? 0.5 : -0.5
    }
    if scenario.oddities.contains(.leakySiblings) {
      for _ in 0..<5 {
        plant.scaleSelfDischarge(Int.random(in: 0..<layout.cells, using: &random), by: 3)
      }
    }
    if scenario.oddities.contains(.replacedModule) {
      let module = Int.random(in: 0..<layout.modules, using: &random)
      for cell in (module * layout.cellsPerModule)..<((module + 1) * layout.cellsPerModule) {
        plant.replace(cell, health: 1, resistance: 1 / resistance, charge: 0.015)
      }
    }
    if scenario.oddities.contains(.warmModule) {
      warmModule = Int.random(in: 0..<layout.modules, using: &random)
    }
    baseCapacity = plant.capacity
    baseScale = plant.resistanceScale
    reading = PackReading(cells: layout.cells, probes: layout.probes)
    output = ControllerOutput(cells: layout.cells)
    record = RunRecord(scenario: scenario.name, seed: seed, chemistry: scenario.cell.chemistry)
    record.faults = faults
    self.random = random
  }

  /// What a detector may know of this vehicle.
  public var context: DetectorContext {
    DetectorContext(
      cell: scenario.cell, cells: scenario.layout.cells,
      cellsPerModule: scenario.layout.cellsPerModule, probes: scenario.layout.probes,
      bleedCurrent: Self.bleedCurrent)
  }

  private static func draw(
    _ plan: FaultPlan, layout: PlantLayout, using random: inout Xoshiro256
  ) -> PlantFault {
    func even(_ range: ClosedRange<Double>) -> Double { Double.random(in: range, using: &random) }
    func byFactors(_ range: ClosedRange<Double>) -> Double {
      guard range.lowerBound > 0, range.upperBound > range.lowerBound else { return even(range) }
      return exp(Double.random(in: log(range.lowerBound)...log(range.upperBound), using: &random))
    }
    let subject: Subject
    switch plan.kind {
    case .internalShort, .looseConnection, .capacityOutlier, .resistanceOutlier, .plating,
      .voltageSensor, .swelling:
      subject = .cell(Int.random(in: 1...layout.cells, using: &random))
    case .coolingFailure:
      subject =
        plan.final.upperBound > 0
        ? .module(Int.random(in: 1...layout.modules, using: &random)) : .pack
    case .temperatureSensor: subject = .probe(Int.random(in: 1...layout.probes, using: &random))
    default: subject = .pack
    }
    var fault = PlantFault(
      plan.kind, at: subject, onset: even(plan.onsetHours) * 3_600,
      growth: byFactors(plan.growthHours) * 3_600, law: plan.law, from: byFactors(plan.initial),
      to: byFactors(plan.final))
    fault.sensor = plan.sensor
    return fault
  }

  /// Runs to the end.
  ///
  /// - Parameters:
  ///   - kinds: Detectors with the names under which results are kept.
  ///   - controller: Closes the loop.
  ///   - trace: Called after each step with the run, for records of a single run.
  /// - Returns: What happened and what was said about it.
  public mutating func run(
    detectors kinds: [DetectorKind], controller: any TestbedController,
    trace: ((borrowing VehicleRun) -> Void)? = nil
  ) -> RunRecord {
    var controller = controller
    let context = context
    var detectors = kinds.map { $0.make(context) }
    record.outcomes = kinds.map { DetectorOutcome(detector: $0.name) }
    var verdicts: [Verdict] = []
    var chargeEnded = false
    while plant.time < scenario.duration {
      duty.plan(time: plant.time, charge: plant.meanCharge, chargeEnded: chargeEnded)
      let planned = duty.interval(at: plant.time)
      applyOddities(interval: planned)
      // Faults go on growing between the readings of a parked pack.
      let pieces = isChanging ? max(1, (planned / 60).rounded(.up)) : 1
      let begin = plant.time
      for _ in 0..<Int(pieces) {
        applyFaults()
        actuate(interval: planned / pieces)
        plant.advance(current: current, duration: planned / pieces)
        if duty.mode == .parked, frontEndWakes { break }
      }
      let interval = plant.time - begin
      reading.mode = duty.mode
      reading.contactorsCommanded = output.contactorsClosed && duty.mode != .parked
      let closed = (isConnected && duty.mode != .parked) || isWelded
      reading.contactorsClosed = closed
      reading.pumpCommanded = output.pump
      reading.heaterCommanded = output.heater
      reading.allowedCharge = output.chargeLimit
      reading.isPrecharging = plant.time >= prechargeAt && plant.time < prechargeAt + 0.05
      for cell in reading.bleeds.indices { reading.bleeds[cell] = output.bleeds[cell] }
      linkVoltage = closed ? plant.packVoltage : linkVoltage * exp(-interval / 1)
      reading.linkVoltage = (linkVoltage * 10).rounded() / 10
      let isHeard = plant.time >= silentUntil
      let isRead = instruments.read(plant, current: current, interval: interval, into: &reading)
      let arrived = isRead && isHeard
      if arrived {
        verdicts.removeAll(keepingCapacity: true)
        controller.cycle(reading, output: &output, verdicts: &verdicts)
        record.note(verdicts, plant: plant, faults: faults)
        for index in detectors.indices {
          verdicts.removeAll(keepingCapacity: true)
          detectors[index].ingest(reading, verdicts: &verdicts)
          for verdict in verdicts {
            record.outcomes[index].note(verdict, plant: plant, faults: faults)
          }
        }
      } else {
        verdicts.removeAll(keepingCapacity: true)
        controller.silent(at: plant.time, output: &output, verdicts: &verdicts)
        record.note(verdicts, plant: plant, faults: faults)
      }
      record.follow(
        plant, output: output, isConnected: isConnected || isWelded, current: current,
        interval: interval, faults: faults)
      trace?(self)
      let full = -current < 0.04 * plant.cell.capacity / 3_600
      chargeEnded =
        duty.mode == .charging && full
        && (plant.voltage.max() ?? 0) > plant.cell.upperVoltage - 0.03
      if let burning = plant.firstRunaway, plant.time > burning + Self.afterRunaway,
        record.action != nil || plant.time > burning + FaultClass.thermalRunaway.deadline
      {
        break
      }
    }
    record.finish(plant, classes: kinds.map(\.classes))
    return record
  }

  /// Whether comparators of the front end or the pressure switch wake a parked controller: a cell far
  /// below its limit, or 2 kPa in the housing (assumed thresholds).
  private var frontEndWakes: Bool {
    guard isChanging else { return false }
    let lowest = plant.voltage.min() ?? .infinity
    return plant.housingPressure > 2_000 || lowest < plant.cell.lowerVoltage - 0.3
  }

  /// Whether a fault is growing or a cell is hot.
  private var isChanging: Bool {
    !plant.hotCells.isEmpty
      || faults.contains { $0.onset <= plant.time && plant.time < $0.onset + $0.growth }
  }

  /// Opens or closes switches after their delays and finds the current of the step.
  private mutating func actuate(interval: Double) {
    let rate = plant.cell.capacity / 3_600
    if output.firesFuse, isConnected { openAt = min(openAt, plant.time + Self.fuseDelay) }
    if !output.contactorsClosed, isConnected {
      openAt = min(openAt, plant.time + Self.contactorDelay)
    }
    if plant.time + 1e-9 >= openAt {
      isConnected = false
      // A fired fuse opens also where the contactor is welded.
      if output.firesFuse { isWelded = false }
    }
    for cell in plant.bleed.indices {
      let bleeds = output.bleeds[cell]
      if bleeds != (plant.bleed[cell] > 0) { plant.bleed[cell] = bleeds ? Self.bleedCurrent : 0 }
    }
    for module in plant.flows.indices {
      plant.flows[module] = output.pump && !pumpBroken && !blocked.contains(module)
    }
    let heat = (output.heater ? 20 : 0) + heaterStuck
    for cell in plant.foreignHeat.indices {
      let warm = warmModule == cell / plant.layout.cellsPerModule ? 1.5 : 0
      plant.foreignHeat[cell] = heat + warm
    }
    plant.ambient = scenario.season.ambient(at: plant.time)
    plant.coolantInlet = min(298, max(278, plant.ambient))
    var demand = 0.0
    switch duty.mode {
    case .parked: demand = 0
    case .active:
      demand = duty.wanted * rate
      if plant.time < powerUntil { demand = 4 * rate }
      demand = max(-output.chargeLimit, min(output.dischargeLimit, demand))
    case .charging:
      let asked = -duty.wanted * rate
      demand = chargerIgnoresLimits ? -asked : -min(asked, output.chargeLimit)
    }
    guard isConnected || isWelded else {
      current = 0
      return
    }
    if duty.mode == .active || duty.mode == .charging, externalResistance.isFinite {
      demand += plant.source.voltage / (plant.source.resistance + externalResistance)
    }
    if plant.time < inrushUntil, duty.mode == .active {
      demand += 30 / (plant.source.resistance + 0.05)
    }
    if duty.mode == .active, plant.time >= prechargeAt {
      let share = exp(-(plant.time - prechargeAt) / Self.prechargeTime)
      if share > 1e-3 {
        demand +=
          share * plant.source.voltage / (plant.source.resistance + Self.prechargeResistance)
      }
    }
    current = demand
  }
}

extension PlantPack {
  /// Multiplies the self-discharge of a cell.
  mutating func scaleSelfDischarge(_ cell: Int, by factor: Double) { selfDischarge[cell] *= factor }

  /// Replaces a cell by a newer one that is fuller by a part of the charge.
  mutating func replace(_ index: Int, health: Double, resistance: Double, charge extra: Double) {
    capacity[index] = cell.capacity * health
    resistanceScale[index] *= resistance
    charge[index] = min(1, charge[index] + extra)
    voltage[index] = cell.openCircuit.voltage(at: charge[index])
    emf[index] = voltage[index]
  }
}
