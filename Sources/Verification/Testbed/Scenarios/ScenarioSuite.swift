// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Scenario files: a compact table with axes becomes many scenarios.

public import StructuredInput

/// A file of scenarios. Each entry names lists of cells, uses, seasons and oddities; every combination
/// is a scenario, and every seed of it a vehicle.
public struct ScenarioSuite: Sendable {
  /// Name.
  public var name: String
  /// The scenarios.
  public var scenarios: [Scenario]

  /// Creates a suite.
  public init(name: String, scenarios: [Scenario]) {
    self.name = name
    self.scenarios = scenarios
  }

  /// Number of vehicles.
  public var runs: Int { scenarios.reduce(0) { $0 + $1.seeds } }

  /// Reads a scenario file.
  ///
  /// - Parameters:
  ///   - text: YAML.
  ///   - file: Name for messages.
  /// - Throws: `InputFaults` with every fault of the file.
  public init(_ text: String, file: String) throws(InputFaults) {
    let document = try InputDocument(text, file: file)
    let root = document.root
    name = root.text("name", default: file)
    let seeds = root.integer("seeds", in: 1...10_000, default: 5)
    var all: [Scenario] = []
    let entries = root.list("scenarios")
    if entries.isEmpty {
      root.note("is missing or empty; a list of scenarios is expected", at: "scenarios")
    }
    for entry in entries {
      guard let table = entry.table() else { continue }
      all += Self.expand(table, seeds: seeds)
    }
    let names = Dictionary(grouping: all, by: \.name).filter { $0.value.count > 1 }.keys.sorted()
    if let twice = names.first {
      root.note(
        "two scenarios are called '\(twice)'; give the entries different names", at: "scenarios")
    }
    try document.finish()
    scenarios = all
  }

  private static func expand(_ table: InputTable, seeds: Int) -> [Scenario] {
    let name = table.text("name")
    let cells = table.list("cells").compactMap { value -> PlantCell? in
      guard let word = value.text() else { return nil }
      if let cell = PlantCell.named(word) { return cell }
      value.note(
        "'\(word)' is no cell; known: \(PlantCell.all.map(\.name).joined(separator: ", "))")
      return nil
    }
    let duties: [DutyKind] = choices(table, "duties", default: [.commuter])
    let seasons: [Season] = choices(table, "seasons", default: [.spring])
    // Each oddity alone; 'none' keeps a pack without any.
    let odd = table.list("odd").compactMap { value -> [Oddity]? in
      if value.isList { return value.list().compactMap { $0.choice() } }
      if value.text() == "none" { return [] }
      return (value.choice() as Oddity?).map { [$0] }
    }
    let hours = table.number("hours", in: 0.0001...100_000, default: 24)
    let step = table.number("step_s", in: 0.0001...600, default: 10)
    let parked = table.number("parked_step_s", in: 0.0001...3_600, default: 300)
    let fine = table.flag("fine_instruments", default: false)
    let charge = range(table, "charge", in: 0...1, default: 0.5...0.9)
    let health = range(table, "health", in: 0.5...1.1, default: 0.85...1)
    let resistance = range(table, "resistance", in: 0.5...4, default: 1...1.3)
    let count = table.integer("seeds", in: 1...10_000, default: seeds)
    let modules = table.integer("modules", in: 1...40, default: 8)
    let perModule = table.integer("cells_per_module", in: 1...50, default: 12)
    let faults = table.list("faults").compactMap { $0.table() }.compactMap(fault)
    if cells.isEmpty, !table.has("cells") {
      table.note("is missing; a list of cells is expected", at: "cells")
    }
    var result: [Scenario] = []
    for cell in cells {
      for duty in duties {
        for season in seasons {
          for oddities in odd.isEmpty ? [[]] : odd {
            let words =
              [name, cell.name, duty.rawValue, season.rawValue]
              + (oddities.isEmpty ? [] : [oddities.map(\.rawValue).joined(separator: "+")])
            var scenario = Scenario(name: words.joined(separator: "/"), cell: cell)
            scenario.layout = PlantLayout(modules: modules, cellsPerModule: perModule)
            scenario.duty = duty
            scenario.season = season
            scenario.oddities = Set(oddities)
            scenario.duration = hours * 3_600
            scenario.step = step
            scenario.parkedStep = parked
            scenario.hasFineInstruments = fine
            scenario.charge = charge
            scenario.health = health
            scenario.resistance = resistance
            scenario.faults = faults
            scenario.seeds = count
            result.append(scenario)
          }
        }
      }
    }
    return result
  }

  private static func choices<Choice: RawRepresentable & CaseIterable>(
    _ table: InputTable, _ key: String, default fallback: [Choice]
  ) -> [Choice] where Choice.RawValue == String {
    let values = table.list(key)
    return values.isEmpty ? fallback : values.compactMap { $0.choice() }
  }

  private static func range(
    _ table: InputTable, _ key: String, in allowed: ClosedRange<Double>,
    default fallback: ClosedRange<Double>
  ) -> ClosedRange<Double> {
    guard table.has(key) else {
      _ = table.value(key)
      return fallback
    }
    let numbers = table.numbers(key, in: allowed)
    guard let first = numbers.first, let last = numbers.last, numbers.count <= 2, first <= last
    else {
      table.note("one number or two rising numbers are expected", at: key)
      return fallback
    }
    return first...last
  }

  private static func fault(_ table: InputTable) -> FaultPlan? {
    let kind: FaultClass? = table.choice("kind")
    let onset = range(table, "onset_h", in: 0...100_000, default: 0...0)
    let growth = range(table, "growth_h", in: 0...100_000, default: 0...0)
    let law: GrowthLaw? = table.choice("law", default: .step)
    let initial = range(table, "from", in: -1e9...1e9, default: 0...0)
    let final = range(table, "to", in: -1e9...1e9, default: 0...0)
    let sensor: PlantFault.SensorFault? = table.choice("sensor", default: .offset)
    let needsPositive = law == .exponential || law == .filament
    if needsPositive, initial.lowerBound <= 0 || final.lowerBound <= 0 {
      table.note("must be above zero at both ends for this law", at: "from")
      return nil
    }
    guard let kind, let law, let sensor else { return nil }
    return FaultPlan(
      kind: kind, onsetHours: onset, growthHours: growth, law: law, initial: initial,
      final: final, sensor: sensor)
  }
}
