// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What happened in one run, and what each detector said about it.

public import BatteryDomain
import Quantities

/// The first verdict of a class on a subject, with the truth at that moment.
public struct JudgedVerdict: Codable, Hashable, Sendable {
  /// What the detector said.
  public var verdict: Verdict
  /// True time in seconds.
  public var time: Double
  /// Whether a fault of that class was present.
  public var isRight: Bool
  /// Whether no fault at all was present.
  public var isHealthy: Bool
  /// Whether the subject is the faulty one.
  public var isIsolated: Bool
  /// True resistance of the short of the named cell, in ohms; nil without a short.
  public var shortResistance: Double?
  /// Charge leaked in the named cell so far, in coulombs.
  public var leaked: Double?
  /// True mean state of charge.
  public var charge: Double

  /// Creates a judged verdict.
  public init(
    verdict: Verdict, time: Double, isRight: Bool, isHealthy: Bool, isIsolated: Bool,
    shortResistance: Double?, leaked: Double?, charge: Double
  ) {
    self.verdict = verdict
    self.time = time
    self.isRight = isRight
    self.isHealthy = isHealthy
    self.isIsolated = isIsolated
    self.shortResistance = shortResistance
    self.leaked = leaked
    self.charge = charge
  }
}

/// What one detector said in one run.
public struct DetectorOutcome: Codable, Hashable, Sendable {
  /// Name of the detector.
  public var detector: String
  /// First verdicts of each class and subject, in order.
  public var verdicts: [JudgedVerdict] = []
  /// Classes that were present, that it can name, and did not.
  public var missed: [FaultClass] = []

  /// Creates an empty outcome.
  public init(detector: String) { self.detector = detector }

  /// Judges a verdict against the truth.
  mutating func note(_ verdict: Verdict, plant: borrowing PlantPack, faults: [PlantFault]) {
    if verdicts.contains(where: {
      $0.verdict.fault == verdict.fault && $0.verdict.subject == verdict.subject
    }) {
      return
    }
    let now = plant.time
    let matching = faults.filter { $0.kind == verdict.fault && $0.onset <= now }
    let burns =
      verdict.fault == .thermalRunaway && (plant.firstVenting != nil || !plant.hotCells.isEmpty)
    var resistance: Double?
    var leaked: Double?
    if case .cell(let number) = verdict.subject, plant.leaked.indices.contains(number - 1) {
      let conductance = plant.shortConductance[number - 1]
      resistance = conductance > 0 ? 1 / conductance : nil
      leaked = plant.leaked[number - 1]
    }
    verdicts.append(
      JudgedVerdict(
        verdict: verdict, time: now, isRight: !matching.isEmpty || burns,
        isHealthy: !burns && !faults.contains { $0.onset <= now },
        isIsolated: matching.contains { $0.subject == verdict.subject } || burns,
        shortResistance: resistance, leaked: leaked, charge: plant.meanCharge))
  }

  /// Verdicts while nothing was wrong.
  public var falseAlarms: Int { verdicts.count { $0.isHealthy } }
  /// Verdicts of a class that was not present while another fault was.
  public var misnamed: Int { verdicts.count { !$0.isRight && !$0.isHealthy } }

  /// The first right verdict of a class.
  public func detection(of fault: FaultClass) -> JudgedVerdict? {
    verdicts.first { $0.isRight && $0.verdict.fault == fault }
  }
}

/// What happened in one run.
public struct RunRecord: Codable, Hashable, Sendable {
  /// Name of the scenario.
  public var scenario: String
  /// Seed.
  public var seed: UInt64
  /// Chemistry of the cells.
  public var chemistry: Chemistry
  /// The faults that were present.
  public var faults: [PlantFault] = []
  /// What the detectors said.
  public var outcomes: [DetectorOutcome] = []
  /// What the controller said.
  public var controller = DetectorOutcome(detector: "controller")
  /// Simulated time in seconds.
  public var duration = 0.0
  /// First venting in seconds.
  public var venting: Double?
  /// First runaway in seconds.
  public var runaway: Double?
  /// Beginning of the danger: the onset of an external short, a cell above its limit, a venting.
  public var danger: Double?
  /// From when on an ideal detector would tell the short (see ``DetectionBound``), in seconds.
  public var detectableFrom: Double?
  /// What made the danger.
  public var dangerCause: FaultClass?
  /// When the pack was disconnected, the current stopped or the driver warned, as the danger asks for,
  /// in seconds.
  public var action: Double?
  /// Error of the controller's state of charge after the first hour: root mean square.
  public var chargeError: Double?
  /// Largest error of the controller's state of charge after the first hour.
  public var largestChargeError: Double?
  /// Time until the error stays below two percent, in seconds; nil if it never does.
  public var convergence: Double?
  /// Energy turned to heat by balancing, in joules.
  public var balancingEnergy = 0.0
  /// Largest difference between the temperatures of cells, in kelvin.
  public var temperatureSpread = 0.0
  /// Highest cell voltage in volts.
  public var highestVoltage = 0.0
  /// When the controller first tripped without any fault present, and when it recovered.
  public var wrongTrip: Double?
  /// Time from a wrong trip to normal operation again, in seconds; nil if it never recovered.
  public var recovery: Double?

  var squares = 0.0
  var weight = 0.0
  var lastBad = 0.0

  enum CodingKeys: String, CodingKey {
    case scenario, seed, chemistry, faults, outcomes, controller, duration, venting, runaway, danger
    case dangerCause, detectableFrom
    case action, chargeError, largestChargeError, convergence, balancingEnergy, temperatureSpread
    case highestVoltage, wrongTrip, recovery
  }

  /// Creates an empty record.
  public init(scenario: String, seed: UInt64, chemistry: Chemistry) {
    self.scenario = scenario
    self.seed = seed
    self.chemistry = chemistry
  }

  /// Simulated days.
  public var days: Double { duration / PhysicalConstants.secondsPerDay }

  mutating func note(_ verdicts: [Verdict], plant: borrowing PlantPack, faults: [PlantFault]) {
    for verdict in verdicts { controller.note(verdict, plant: plant, faults: faults) }
  }

  mutating func follow(
    _ plant: borrowing PlantPack, output: borrowing ControllerOutput, isConnected: Bool,
    current: Double, interval: Double, faults: [PlantFault]
  ) {
    let now = plant.time
    var coldest = plant.temperature[0]
    var hottest = coldest
    for value in plant.temperature {
      coldest = min(coldest, value)
      hottest = max(hottest, value)
    }
    temperatureSpread = max(temperatureSpread, hottest - coldest)
    var highest = 0.0
    for value in plant.voltage { highest = max(highest, value) }
    highestVoltage = max(highestVoltage, highest)
    if danger == nil {
      dangerCause = danger(plant, highest: highest, current: current, faults: faults)
      // A step of the plant ends after the event: the danger began when the fault did.
      if dangerCause == .thermalRunaway { danger = plant.firstVenting }
      if dangerCause != nil, danger == nil { danger = now - interval }
    }
    if let cause = dangerCause, action == nil {
      let isStopped = output.chargeLimit == 0 && output.dischargeLimit == 0
      let isDone =
        switch cause {
        case .thermalRunaway: !isConnected || output.warns
        case .communicationLoss: !isConnected || isStopped
        default: !isConnected
        }
      if isDone { action = now }
    }
    let tripped =
      !output.contactorsClosed || (output.chargeLimit == 0 && output.dischargeLimit == 0)
    if tripped, wrongTrip == nil, danger == nil, !faults.contains(where: { $0.onset <= now }) {
      wrongTrip = now
    } else if let wrong = wrongTrip, recovery == nil, !tripped {
      recovery = now - wrong
    }
    let error = output.chargeEstimate - plant.meanCharge
    if error.isFinite {
      if abs(error) > 0.02 { lastBad = now }
      if now > 3_600 {
        squares += error * error * interval
        weight += interval
        largestChargeError = max(largestChargeError ?? 0, abs(error))
      }
    }
  }

  /// What makes a danger at present: a short outside, a cell above its limit, a venting, silence in use.
  private func danger(
    _ plant: borrowing PlantPack, highest: Double, current: Double, faults: [PlantFault]
  ) -> FaultClass? {
    let now = plant.time
    func has(_ kind: FaultClass) -> Bool { faults.contains { $0.kind == kind && $0.onset <= now } }
    if plant.firstVenting != nil { return .thermalRunaway }
    if current > 0, has(.externalShort) { return .externalShort }
    if highest > plant.cell.upperVoltage + 0.05 { return .overcharge }
    if current != 0, has(.communicationLoss) { return .communicationLoss }
    return nil
  }

  /// Time from the danger to the action, in seconds; nil where there was no danger or no action.
  public var latency: Double? {
    guard let danger, let action else { return nil }
    return max(0, action - danger)
  }

  /// Whether the action came inside the deadline of its danger; nil where there was no danger.
  public var isInTime: Bool? {
    guard let dangerCause else { return nil }
    return (latency ?? .infinity) <= dangerCause.deadline
  }

  mutating func finish(_ plant: borrowing PlantPack, classes: [Set<FaultClass>]) {
    duration = plant.time
    venting = plant.firstVenting
    runaway = plant.firstRunaway
    balancingEnergy = plant.balancingEnergy
    chargeError = weight > 0 ? (squares / weight).squareRoot() : nil
    convergence = weight > 0 && lastBad < duration - 600 ? lastBad : nil
    for index in outcomes.indices {
      let present = Set(faults.filter { $0.onset < duration }.map(\.kind))
      outcomes[index].missed = present.intersection(classes[index])
        .filter { outcomes[index].detection(of: $0) == nil }
        .sorted { $0.rawValue < $1.rawValue }
    }
  }
}
