// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Scenario files of simulated fleets.

public import StructuredInput
import Testbed

extension FleetScenario {
  /// Words of the faults in a file.
  private enum FaultWord: String, CaseIterable {
    case internalShort = "internal_short"
    case looseConnection = "loose_connection"
    case weakCell = "weak_cell"
    case drainedCell = "drained_cell"
    case hotModule = "hot_module"
    case coolingFailure = "cooling_failure"
    case insulationLoss = "insulation_loss"
    case stuckVoltage = "stuck_voltage"
    case stuckTemperature = "stuck_temperature"
  }

  /// Reads a scenario; absent keys keep the defaults.
  ///
  /// - Parameters:
  ///   - text: YAML or JSON.
  ///   - file: Name for messages.
  /// - Throws: `InputFaults` with everything that is wrong.
  public init(_ text: String, file: String) throws(InputFaults) {
    let document = try InputDocument(text, file: file)
    self.init()
    let root = document.root
    name = root.text("name", default: name)
    if let pack = root.table("pack") { read(pack: pack) }
    if let use = root.table("use") { read(use: use) }
    if let climate = root.table("climate") { read(climate: climate) }
    if let table = root.table("sampling") {
      sampling = SimulatedVehicle.Sampling(
        active: table.integer("active_s", in: 1...3_600, default: sampling.active),
        parked: table.integer("parked_s", in: 1...86_400, default: sampling.parked))
    }
    if let table = root.table("radio") { read(radio: table) }
    for item in root.list("faults") {
      if let table = item.table(), let fault = Self.fault(table) { faults.append(fault) }
    }
    try document.finish()
  }

  private mutating func read(pack table: InputTable) {
    design = PackDesign(
      moduleCount: table.integer("modules", in: 1...50, default: design.moduleCount),
      cellsPerModule: table.integer("cells_per_module", in: 1...50, default: design.cellsPerModule),
      probesPerModule: table.integer(
        "probes_per_module", in: 1...20, default: design.probesPerModule),
      parallelCount: table.integer("parallel", in: 1...1_000, default: design.parallelCount),
      capacitySpread: table.number(
        "capacity_spread", in: 0...0.2, default: design.capacitySpread),
      resistanceSpread: table.number(
        "resistance_spread", in: 0...0.5, default: design.resistanceSpread))
    if design.cellCount > 1_000 {
      table.note("\(design.cellCount) cells; at most 1000 fit a report", at: "modules")
    }
  }

  private mutating func read(use table: InputTable) {
    usage.tripsPerDay = table.integer("trips_per_day", in: 1...5, default: usage.tripsPerDay)
    usage.tripDuration =
      60 * table.number("trip_minutes", in: 5...600, default: usage.tripDuration / 60)
    usage.eveningChargeProbability = table.number(
      "evening_charge_probability", in: 0...1, default: usage.eveningChargeProbability)
    usage.homeCurrent = table.number(
      "home_current_a", in: 1...500, default: usage.homeCurrent)
    usage.fastCurrent = table.number(
      "fast_current_a", in: 1...1_000, default: usage.fastCurrent)
    usage.mass = table.number("mass_kg", in: 300...60_000, default: usage.mass)
  }

  private mutating func read(climate table: InputTable) {
    usage.meanAmbient =
      273.15 + table.number("mean_c", in: -40...50, default: usage.meanAmbient - 273.15)
    usage.seasonalSwing = table.number(
      "seasonal_swing_k", in: 0...40, default: usage.seasonalSwing)
    usage.dailySwing = table.number("daily_swing_k", in: 0...25, default: usage.dailySwing)
  }

  private mutating func read(radio table: InputTable) {
    radio.tunnelsPerDay = table.number("tunnels_per_day", in: 0...1_000, default: 0)
    let span = table.numbers("tunnel_s", in: 1...604_800)
    if span.count == 2, span[0] <= span[1] {
      radio.tunnel = span[0]...span[1]
    } else if !span.isEmpty || table.has("tunnel_s") {
      table.note("two numbers are expected, the shortest and the longest", at: "tunnel_s")
    }
    radio.breaksPerDay = table.number("breaks_per_day", in: 0...10_000, default: 0)
    radio.duplicateShare = table.number("duplicate_share", in: 0...1, default: 0)
    radio.clockOffset = table.number("clock_offset_s", in: 0...1e6, default: 0)
    radio.clockDrift = table.number("clock_drift_ppm", in: 0...1e4, default: 0)
    radio.clockSetsPerDay = table.number("clock_sets_per_day", in: 0...100, default: 0)
  }

  private static func fault(_ table: InputTable) -> Fault? {
    guard let word: FaultWord = table.choice("kind") else { return nil }
    let share = table.number("share", in: 0...1)
    let onset = table.number("onset_day", in: 0...36_500, default: 0)
    func resistance(_ fallback: Double) -> Double {
      table.number("resistance_ohm", in: 1e-6...1e9, default: fallback)
    }
    func ramp() -> Double { table.number("ramp_days", in: 0...36_500, default: 0) }
    // The place is drawn for each vehicle; 1 stands for it here.
    let kind: InjectedFault.Kind =
      switch word {
      case .internalShort:
        .internalShort(
          cell: 1, resistance: resistance(1_500),
          halvingDays: table.number("halving_days", in: 1e-3...36_500, default: 10))
      case .looseConnection:
        .looseConnection(cell: 1, resistance: resistance(1.2e-3), rampDays: ramp())
      case .weakCell:
        .weakCell(
          cell: 1, capacityLoss: table.number("capacity_loss", in: 0...0.9, default: 0.12),
          rampDays: ramp())
      case .drainedCell:
        .drainedCell(cell: 1, depth: table.number("depth", in: 0...1, default: 0.1))
      case .hotModule:
        .hotModule(module: 1, power: table.number("power_w", in: 0...10_000, default: 15))
      case .coolingFailure: .coolingFailure(module: 1)
      case .insulationLoss: .insulationLoss(resistance: resistance(60_000), rampDays: ramp())
      case .stuckVoltage: .stuckVoltage(cell: 1)
      case .stuckTemperature: .stuckTemperature(probe: 1)
      }
    return Fault(share: share, kind: kind, onsetDay: onset)
  }
}
