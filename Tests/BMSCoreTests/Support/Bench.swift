// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A small pack with contactors, link and vehicle around diagnosis and control, for tests.

import BMSCore

/// Six cells and three probes around the diagnosis and the control of the core.
///
/// The contactors follow their command after one cycle unless welded or stuck, the link is an RC
/// circuit, the vehicle takes `load` as far as the limits allow.
struct Bench {
  typealias Sample = PackSample<6, 3, Double>
  typealias Estimate = PackEstimate<6, Double>
  typealias Commands = ActuatorCommands<6, Double>

  var table = DiagnosisConfiguration<Double>(version: 7, cells: 6)
  var configuration = ControlConfiguration<Double>()
  var diagnosis = Diagnosis<6, 3, Double>()
  var control = Control<6, 3, Double>()
  var sample = Sample()
  var estimate = Estimate()
  var cells: [Double] = Array(repeating: 3.7, count: 6)
  var probes: [Double] = Array(repeating: 298.15, count: 3)
  var request = Request.off
  /// What the vehicle wants, in amperes.
  var load = 0.0
  var obeysLimits = true
  var link = 0.0
  /// How fast the link loses its voltage with open contactors, a second; 0 keeps it charged.
  var linkDecay = 2.0
  var current = 0.0
  var welded: SwitchFeedback = []
  var stuckOpen: SwitchFeedback = []
  private var switches: SwitchFeedback = []
  /// Changes the sample after the plant has filled it.
  var disturb: (inout Sample, inout Estimate) -> Void = { _, _ in }
  /// Changes the commands as the diagnosis sees them.
  var pretend: (inout Commands) -> Void = { _ in }

  init() {
    estimate.isConverged = true
    estimate.stateOfCharge = 0.5
    estimate.cellCapacity = InlineArray(repeating: 50)
    estimate.dischargeCurrent = InlineArray(repeating: 1000)
    estimate.chargeCurrent = InlineArray(repeating: 1000)
    estimate.dischargePower = InlineArray(repeating: 100_000)
    estimate.chargePower = InlineArray(repeating: 100_000)
  }

  var state: ContactorState { control.commands.state }
  var uptime: UInt64 { diagnosis.state.uptimeMilliseconds }
  /// Whether a main path is closed in the plant.
  var conducts: Bool { switches.isSuperset(of: [.positiveClosed, .negativeClosed]) }

  private mutating func movePlant(_ seconds: Double) {
    let command = control.commands.contactors
    var next: SwitchFeedback = []
    if command.contains(.negative) { next.insert(.negativeClosed) }
    if command.contains(.positive) { next.insert(.positiveClosed) }
    if command.contains(.precharge) { next.insert(.prechargeClosed) }
    switches = next.union(welded).subtracting(stuckOpen)
    let pack = cells.reduce(0, +)
    let wanted =
      obeysLimits
      ? min(max(load, -control.commands.chargeCurrentLimit), control.commands.dischargeCurrentLimit)
      : load
    if conducts && !control.commands.firePyroFuse {
      link = pack
      current = wanted
    } else if switches.isSuperset(of: [.negativeClosed, .prechargeClosed]) {
      let time = table.facts.prechargeResistance * table.facts.linkCapacitance
      current = (pack - link) / table.facts.prechargeResistance
      link += (pack - link) * seconds / (time + seconds)
    } else {
      current = 0
      link -= link * min(1, linkDecay * seconds)
    }
  }

  /// One cycle of plant, diagnosis and control.
  mutating func step(milliseconds: Int = 10) {
    let seconds = Double(milliseconds) / 1000
    movePlant(seconds)
    sample = Sample()
    sample.timeMilliseconds = uptime + UInt64(milliseconds)
    sample.interval = seconds
    for cell in 0..<6 { sample.cellVoltage[cell] = Measured(cells[cell]) }
    for probe in 0..<3 { sample.probeTemperature[probe] = Measured(probes[probe]) }
    sample.current = Measured(current)
    sample.packVoltage = Measured(cells.reduce(0, +))
    sample.linkVoltage = Measured(link)
    sample.insulationResistance = Measured(1e6)
    sample.coolantTemperature = Measured(293.15)
    sample.ambientTemperature = Measured(293.15)
    sample.feedback = switches.union([.fuseIntact, .interlockClosed])
    if control.commands.firePyroFuse { sample.feedback.remove(.fuseIntact) }
    sample.request = request
    estimate.livenessCounter &+= 1
    estimate.beats.countAll()
    disturb(&sample, &estimate)
    var commands = control.commands
    pretend(&commands)
    diagnosis.step(&sample, estimate: &estimate, commands: &commands, configuration: &table)
    control.step(
      &sample, estimate: &estimate, diagnosis: &diagnosis, table: &table,
      configuration: &configuration)
  }

  /// Cycles for a time.
  mutating func run(seconds: Double, every milliseconds: Int = 10) {
    for _ in 0..<Int((seconds * 1000 / Double(milliseconds)).rounded(.up)) {
      step(milliseconds: milliseconds)
    }
  }

  /// Cycles until a condition holds.
  ///
  /// - Returns: Whether it came to hold within the time.
  mutating func run(
    until condition: (Bench) -> Bool, within seconds: Double, every milliseconds: Int = 10
  ) -> Bool {
    for _ in 0..<Int((seconds * 1000 / Double(milliseconds)).rounded(.up)) {
      step(milliseconds: milliseconds)
      if condition(self) { return true }
    }
    return false
  }

  /// A bench with closed contactors.
  static func connected(_ request: Request = .standby, load: Double = 0) -> Bench {
    var bench = Bench()
    bench.run(seconds: 0.1)
    bench.request = request
    _ = bench.run(until: { $0.state == .closed }, within: 5)
    bench.load = load
    return bench
  }

  /// The active level of a fault.
  subscript(_ fault: FaultClass) -> FaultLevel { diagnosis.state[fault] }

  /// The trips still in the log, oldest first.
  var trips: [Trip<Double>] {
    (0..<16).map { diagnosis.state.trips[$0] }.filter { $0.number > 0 }
      .sorted { $0.number < $1.number }
  }
}

extension FaultClass {
  /// Every class.
  static var all: [FaultClass] {
    (0..<UInt8(FaultClass.count)).compactMap { FaultClass(rawValue: $0) }
  }
}

extension ContactorState {
  /// Every state.
  static var all: [ContactorState] { (0..<64).compactMap { ContactorState(rawValue: $0) } }
}

extension ContactorEvent {
  /// Every event.
  static var all: [ContactorEvent] { (0..<64).compactMap { ContactorEvent(rawValue: $0) } }
}
