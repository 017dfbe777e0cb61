// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne abuse: heats, pierces, shorts or overcharges a cell until it is over.

import ArgumentParser
import BatteryFiles
import Foundation
import RunawayModels
import StructuredInput

/// The tests by name.
enum AbuseKind: String, CaseIterable, ExpressibleByArgument {
  case oven, arc, nail, indentation, heater, overcharge, overdischarge
  case externalShort = "external-short"
  case internalShort = "internal-short"
  case coolantFailure = "coolant-failure"
  case hotSpot = "hot-spot"
}

/// Runs an abuse test on a simulated cell.
struct AbuseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "abuse",
    abstract: "Simulate an abuse test of a cell: reactions, heat, shorts, gas, toxic hazard.",
    discussion: """
      Examples:
        anodyne abuse oven --cell lco-18650 --oven-celsius 155 --output oven.csv --report oven.html
        anodyne abuse oven --cell lfp-18650 --find-critical
        anodyne abuse arc --cell ncm-25ah --output arc.csv
        anodyne abuse nail --cell ncm-25ah --resistance 0.005
        anodyne abuse indentation --cell lfp-18650 --resistance 0.1 --growth 2
        anodyne abuse indentation --cell lfp-18650 --resistance 0.1 --growth 2 --neck 0.06
        anodyne abuse heater --cell my-cell.yaml --power 60 --output heater.csv
        anodyne abuse overcharge --cell ncm-18650 --rate 1 --charger-voltage 12
        anodyne abuse overdischarge --cell ncm-18650 --rate 1
        anodyne abuse external-short --cell lco-18650 --resistance 0.005
        anodyne abuse internal-short --cell ncm-25ah --contact aluminium-anode --growth 3600
        anodyne abuse coolant-failure --cell ncm-25ah --rate 3 --failure 600
        anodyne abuse hot-spot --cell ncm-25ah --power 40 --share 0.02
        anodyne abuse oven --cell ncm-18650 --soc 0.5 --plated 0.05 --film 3 --lithium-loss 0.1

      Cells: \(AbuseCell.all.map(\.name).joined(separator: ", ")), or a YAML or JSON file \
      with 'like: NAME' and the numbers that differ.

      The CSV begins with time_s, temperature_K, voltage_V, pressure_Pa, gas_mol, heat_W; files \
      ending in -events.csv, -room.csv and -sensors.csv hold a row for each event, toxic gases in the \
      room in ppm with the part of the lower flammability limit, and what thermistor, infrared camera, \
      fibre grating, gas, pressure and acoustic sensors would read. Temperatures are in kelvin, pressure is \
      absolute, gas is what reactions made so far, heat is that of reactions.

      Exit codes: 0 done, 64 an option is not understood, 65 the cell file has faults or the solver \
      could not go on, 66 the cell file cannot be read, 73 output cannot be created.
      """)

  @Argument(
    help:
      "oven, arc, nail, indentation, heater, overcharge, overdischarge, external-short, internal-short, coolant-failure or hot-spot."
  )
  var kind: AbuseKind

  @Option(help: ArgumentHelp("Name of a cell, or a YAML or JSON file.", valueName: "name|FILE"))
  var cell = "ncm-18650"

  @Option(
    help: ArgumentHelp(
      "State of charge at the start, 0 to 1.3; an empty cell keeps 2 %, above 1 it has been overcharged.",
      valueName: "fraction"))
  var soc = 1.0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Oven temperature (oven); 160 if absent.", valueName: "°C"))
  var ovenCelsius: Double?

  @Flag(help: "Find the oven temperature above which the cell runs away (oven).")
  var findCritical = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Heating power (heater, hot-spot); 30 if absent.", valueName: "W"))
  var power: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Part of the cell that is heated (heater, hot-spot; there up to 0.5); 0.3 if absent.",
      valueName: "fraction"))
  var share: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Resistance of the short (nail 0.01, indentation 0.05, external-short 0.005 if absent).",
      valueName: "ohm"))
  var resistance: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Rate of current (overcharge, overdischarge, coolant-failure); 1 if absent.",
      valueName: "1/h"))
  var rate: Double?

  @Option(
    help: ArgumentHelp(
      "Contact: \(ShortContact.allCases.map(\.rawValue).joined(separator: ", ")) (internal-short); the first if absent.",
      valueName: "name"))
  var contact: String?

  @Option(
    help: ArgumentHelp(
      "Time in which a short grows to its full size (internal-short 3600, indentation 5 if absent).",
      valueName: "s"))
  var growth: Double?

  @Option(
    help: ArgumentHelp(
      "Resistance at the first touch (internal-short); 200 if absent.", valueName: "ohm"))
  var firstResistance: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Cross-section of aluminium through which the contact melts away like a fuse (nail, indentation, internal-short); it stays if absent.",
      valueName: "mm²"))
  var neck: Double?

  @Option(
    help: ArgumentHelp(
      "Voltage at which the charger stops (overcharge); three times that of the full cell if absent.",
      valueName: "V"))
  var chargerVoltage: Double?

  @Option(
    help: ArgumentHelp(
      "Temperature at which the heater is switched off (heater); 300 if absent.", valueName: "°C"))
  var heaterCelsius: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "When the coolant fails (coolant-failure); 600 if absent.", valueName: "s"))
  var failure: Double?

  @Option(
    help: ArgumentHelp(
      "Heat transfer coefficient before the coolant fails (coolant-failure); 100 if absent.",
      valueName: "W/(m²·K)"))
  var cooled: Double?

  @Option(
    help: ArgumentHelp(
      "Heat transfer coefficient (not arc, which loses no heat); 7.17 if absent.",
      valueName: "W/(m²·K)"))
  var convection: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Temperature of the cell at the start.", valueName: "°C"))
  var startCelsius = 25.0

  @Option(help: ArgumentHelp("Duration; the usual one of the test if absent.", valueName: "s"))
  var duration: Double?

  @Option(
    help: ArgumentHelp(
      "Separator: none, \(SeparatorDesign.named.keys.sorted().joined(separator: ", ")); that of the cell if absent.",
      valueName: "name"))
  var separator: String?

  @Option(help: ArgumentHelp("Plated lithium as a part of the capacity.", valueName: "fraction"))
  var plated = 0.0

  @Option(help: ArgumentHelp("Lithium lost by ageing.", valueName: "fraction"))
  var lithiumLoss = 0.0

  @Option(
    help: ArgumentHelp(
      "Thickness of the anode's film relative to a fresh cell.", valueName: "factor"))
  var film = 1.0

  @Flag(help: "Let evaporation, lost mass and ejected solids act back on the temperature.")
  var ventFeedback = false

  @Option(help: ArgumentHelp("Room in which the gas ends up; 30 if absent.", valueName: "m³"))
  var roomVolume: Double?

  @Option(help: ArgumentHelp("Air changes of the room; 0.5 if absent.", valueName: "1/h"))
  var airChanges: Double?

  @Option(help: "CSV file to write.", completion: .file())
  var output: String?

  @Option(help: "HTML page to write.", completion: .file())
  var report: String?

  @Option(help: "JSON file to write; - for the standard output.", completion: .file())
  var json: String?

  @Option(
    help: ArgumentHelp(
      "Run so many times, print the smallest CPU time and the error against a tight tolerance as JSON, and write nothing.",
      valueName: "runs"))
  var measure: Int?

  @Flag(name: .shortAndLong, help: "Print nothing but errors.")
  var quiet = false

  func validate() throws {
    func within(_ value: Double?, _ range: ClosedRange<Double>, _ name: String) throws {
      guard let value, !range.contains(value) else { return }
      throw ValidationError(
        "--\(name) \(value) is not from \(range.lowerBound) to \(range.upperBound).")
    }
    try within(soc, 0...1.3, "soc")
    try within(ovenCelsius, -50...800, "oven-celsius")
    try within(startCelsius, -50...300, "start-celsius")
    try within(power, 0...1e6, "power")
    try within(share, 0.001...1, "share")
    try within(resistance, 1e-5...1e6, "resistance")
    try within(rate, 0.01...50, "rate")
    try within(growth, 0...1e7, "growth")
    try within(firstResistance, 1e-3...1e9, "first-resistance")
    try within(neck, 1e-6...1e3, "neck")
    try within(chargerVoltage, 0.1...1e4, "charger-voltage")
    try within(heaterCelsius, 0...1_000, "heater-celsius")
    try within(failure, 0...1e7, "failure")
    try within(cooled, 0...1e5, "cooled")
    try within(film, 0...100, "film")
    try within(measure.map(Double.init), 1...1_000, "measure")
    try within(convection, 0...1e5, "convection")
    try within(duration, 1...1e7, "duration")
    try within(plated, 0...0.5, "plated")
    try within(lithiumLoss, 0...0.9, "lithium-loss")
    try within(roomVolume, 1e-3...1e6, "room-volume")
    try within(airChanges, 0...1e4, "air-changes")
    try checkBelonging()
    if kind == .hotSpot, let share, share > 0.5 {
      throw ValidationError("--share \(share) is above 0.5, the largest hot spot.")
    }
    if findCritical, kind != .oven {
      throw ValidationError("--find-critical belongs to oven, not to \(kind.rawValue).")
    }
    if let contact, ShortContact(rawValue: contact) == nil {
      throw ValidationError(
        "--contact '\(contact)' is not one of "
          + ShortContact.allCases.map(\.rawValue).joined(separator: ", ") + ".")
    }
    if let separator, separator != "none", SeparatorDesign.named[separator] == nil {
      throw ValidationError(
        "--separator '\(separator)' is not one of none, "
          + SeparatorDesign.named.keys.sorted().joined(separator: ", ") + ".")
    }
  }

  /// Refuses options that the test would not look at.
  private func checkBelonging() throws {
    let options: [(name: String, isGiven: Bool, kinds: [AbuseKind])] = [
      ("oven-celsius", ovenCelsius != nil, [.oven]),
      ("power", power != nil, [.heater, .hotSpot]), ("share", share != nil, [.heater, .hotSpot]),
      ("resistance", resistance != nil, [.nail, .indentation, .externalShort]),
      ("rate", rate != nil, [.overcharge, .overdischarge, .coolantFailure]),
      ("contact", contact != nil, [.internalShort]),
      ("growth", growth != nil, [.internalShort, .indentation]),
      ("first-resistance", firstResistance != nil, [.internalShort]),
      ("neck", neck != nil, [.nail, .indentation, .internalShort]),
      ("charger-voltage", chargerVoltage != nil, [.overcharge]),
      ("heater-celsius", heaterCelsius != nil, [.heater]),
      ("failure", failure != nil, [.coolantFailure]), ("cooled", cooled != nil, [.coolantFailure]),
      (
        "convection", convection != nil, AbuseKind.allCases.filter { $0 != .arc }
      ),
    ]
    try checkModes()
    if let contact = contact.flatMap(ShortContact.init(rawValue:)), neck != nil,
      contact == .cathodeCopper || contact == .cathodeAnode
    {
      throw ValidationError(
        "--neck is of aluminium; a \(contact.rawValue) contact has none. Use it with "
          + "aluminium-anode or aluminium-copper.")
    }
    for option in options where option.isGiven && !option.kinds.contains(kind) {
      throw ValidationError(
        "--\(option.name) belongs to \(option.kinds.map(\.rawValue).joined(separator: ", ")), "
          + "not to \(kind.rawValue).")
    }
  }

  /// Refuses options that finding a critical temperature or measuring time would not look at.
  private func checkModes() throws {
    let written = [
      ("output", output != nil), ("report", report != nil), ("room-volume", roomVolume != nil),
      ("air-changes", airChanges != nil), ("quiet", quiet),
    ]
    if findCritical {
      let ignored = [
        ("oven-celsius", ovenCelsius != nil), ("json FILE", json != nil && json != "-"),
        ("measure", measure != nil),
      ]
      for option in written + ignored where option.1 {
        throw ValidationError("--\(option.0) has no meaning with --find-critical.")
      }
    }
    if measure != nil {
      for option in written + [("json", json != nil)] where option.1 {
        throw ValidationError("--\(option.0) has no meaning with --measure, which prints one line.")
      }
    }
  }

  func run() throws {
    let simulation = try prepared()
    let parts = ["events", "room", "sensors"]
    try check(
      [output, report, json] + parts.map { part in output.map { AbuseTables.path($0, part) } })
    if findCritical { return try tellCritical(simulation) }
    if let measure {
      return try StandardOutput.write(AbuseMeasure(simulation, repetitions: measure).line)
    }
    let result = simulation.run()
    let room = Room(volume: roomVolume ?? 30, airChangesPerHour: airChanges ?? 0.5)
    let hazard = room.hazard(of: result, following: 3_600)
    if let output {
      try write(AbuseTables.rows(result), to: output)
      try write(AbuseTables.events(result), to: AbuseTables.path(output, "events"))
      try write(AbuseTables.room(hazard), to: AbuseTables.path(output, "room"))
      try write(AbuseTables.sensors(result), to: AbuseTables.path(output, "sensors"))
    }
    if let report { try PageFile.write(AbusePage(simulation, result, hazard).page, to: report) }
    if let json {
      let document = try AbuseDocument(result, hazard).data()
      if json == "-" {
        try StandardOutput.write(document)
      } else {
        try write(document, to: json)
      }
    }
    if !quiet, json != "-" { try StandardOutput.write(AbuseTables.summary(result, hazard)) }
    if result.outcome == .unresolved {
      StandardError.write(
        "anodyne: the solver could not go on at \(result.samples.last?.time ?? 0) s; the files hold "
          + "what was reached. Please report the command line.\n")
      throw ExitStatus.badData.exitCode
    }
  }

  private func tellCritical(_ simulation: AbuseSimulation) throws {
    let found = simulation.criticalOvenTemperature()
    if json == "-" {
      let text = found.map { String(format: "%.2f", $0 - 273.15) } ?? "null"
      return try StandardOutput.write(
        "{\"cell\": \"\(simulation.cell.name)\", \"critical_oven_celsius\": \(text)}\n")
    }
    guard let found else {
      return try StandardOutput.write(
        "\(simulation.cell.name): no change between runaway and none from 80 to 300 °C\n")
    }
    try StandardOutput.write(
      simulation.cell.name
        + String(
          format: ": runs away in ovens above %.1f °C (overshoot of %.0f K within %g h)\n",
          found - 273.15, simulation.cell.runawayOvershoot,
          (simulation.duration ?? simulation.test.defaultDuration) / 3_600))
  }

  private func prepared() throws -> AbuseSimulation {
    var model = try readCell()
    if let separator { model.fit(SeparatorDesign.named[separator]) }
    if ventFeedback { model.casing.ventFeedback = true }
    var simulation = AbuseSimulation(cell: model, test: test(for: model))
    simulation.condition = CellCondition(
      stateOfCharge: max(CellCondition.emptyReserve, soc), lithiumLoss: lithiumLoss,
      interphaseGrowth: film,
      platedLithium: plated)
    simulation.startTemperature = startCelsius + 273.15
    if let convection { simulation.convection = convection }
    simulation.duration = duration
    if let neck {
      simulation.contactBurnOff = ShortCircuit.meltingIntegral(
        aluminiumCrossSection: neck * 1e-6)
    }
    return simulation
  }

  private func test(for cell: AbuseCell) -> AbuseTest {
    switch kind {
    case .oven: .oven(temperature: (ovenCelsius ?? 160) + 273.15)
    case .arc: .calorimeter(CalorimeterProgram())
    case .nail: .nail(resistance: resistance ?? 0.01)
    case .indentation: .indentation(resistance: resistance ?? 0.05, growth: growth ?? 5)
    case .heater:
      .heater(
        power: power ?? 30, patchShare: share ?? 0.3, limit: 273.15 + (heaterCelsius ?? 300))
    case .overcharge:
      .overcharge(rate: rate ?? 1, voltageLimit: chargerVoltage ?? 3 * cell.upperVoltage)
    case .overdischarge: .overdischarge(rate: rate ?? 1)
    case .externalShort: .externalShort(resistance: resistance ?? 0.005)
    case .internalShort:
      .internalShort(
        contact: contact.flatMap(ShortContact.init) ?? .aluminiumAnode,
        firstResistance: firstResistance ?? 200,
        growth: growth ?? 3_600)
    case .coolantFailure:
      .coolantFailure(rate: rate ?? 1, failure: failure ?? 600, cooled: cooled ?? 100)
    case .hotSpot: .hotSpot(power: power ?? 30, share: share ?? 0.3)
    }
  }
}
