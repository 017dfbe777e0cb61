// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne simulate: runs an experiment in words on a cell model.

import ArgumentParser
import CellModels
import Foundation
import SimulationReport

/// The value that a word of the command line names.
func choice<Choice: RawRepresentable & CaseIterable>(_ word: String) throws -> Choice
where Choice.RawValue == String {
  if let value = Choice(rawValue: word.lowercased()) { return value }
  let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
  throw ValidationError("'\(word)' is not one of \(names).")
}

/// Runs an experiment in words on a cell model and writes what can be measured.
struct SimulateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Run an experiment in words on a physical cell model and write it as CSV.",
    discussion: """
      Example:
        anodyne simulate "Discharge at 1C until 2.5 V" --output discharge.csv
        anodyne simulate "Discharge at 1C until 2.5 V" "Charge at C/2 until 4.2 V" \
      "Hold at 4.2 V until C/20" --model spm --sei ec-reaction --cycles 100 --output ageing.csv

        anodyne simulate "Set ambient to -10 °C" "Repeat 10 times: Discharge at 1C until 2.5 V; \
      Rest for 10 minutes; Charge at C/2 until 4.2 V" --thermal lumped --output cold.csv
        anodyne simulate --drive-cycle us06.csv --initial-soc 0.8 --output drive.csv

      A step says Charge, Discharge, Hold or Rest; "at" a current (2 A, 500 mA), rate (1C, C/2), \
      power (10 W) or voltage (4.2 V); and "for" a time, "until" a voltage, current or temperature, or \
      both joined by "or". A step that names no voltage ends at the cut-off of the cell. \
      "at 10 °C" (or 10 degC, 283 K) at the end gives that step its ambient temperature; "Set ambient \
      to 10 °C" gives it to all steps that follow. "(10 second period)" at the end spaces its rows.
      Repetitions: "Repeat 10 times: step; step", or "(step; step) * 10"; each pass is a cycle, and \
      parentheses after the colon say where a repetition ends. --cycles repeats everything.
      Drive cycles: "Follow FILE", "Follow FILE scaled by 0.01 for 10 minutes". FILE is a table whose \
      headings name time and current or power with units (time_s,current_A or t [min];P [kW]; \
      discharge positive), or a measured file that anodyne inspect knows. Between its rows the value \
      is a straight line; both cut-offs of the cell end it.

      The CSV has the columns time_s, current_A (discharge positive), voltage_V, temperature_K, \
      cycle, step, plating_margin_V (smallest anode potential against lithium), salt_fraction \
      (smallest concentration of the electrolyte relative to rest), film_thickness_m, the charge of \
      plated, dead and lost lithium, the tangential stress at the surface of the particles, and \
      swelling_m. With a temperature field temperature_K is the mean, and the columns \
      temperature_max_K, temperature_min_K and temperature_surface_K follow. \
      With more than one cycle a second file ending in -cycles.csv has a row for each.

      Exit codes: 0 done, 64 a step or option is not understood, 65 a parameter is impossible or \
      the cell cannot do a step, 66 the parameter file cannot be read, 73 output cannot be created, 74 output cannot be written.
      """)

  @Argument(help: "Steps and repetitions in words, each in quotes.")
  var steps: [String] = []

  @Option(
    help: ArgumentHelp(
      "Follow a file of currents or powers over time after the steps.", valueName: "FILE"),
    completion: .file())
  var driveCycle: String?

  @Option(
    help: ArgumentHelp("Cell model: ecm, spm, spme, dfn or solid-state.", valueName: "model"),
    transform: { try choice($0) })
  var model = CellModelKind.dfn

  @Option(
    help: ArgumentHelp(
      "Parameter set: \(CellParameters.names.joined(separator: ", ")), or a JSON file with "
        + "PyBaMM's names or an equivalent circuit (of anodyne identify). The model solid-state "
        + "needs argyrodite-nmc811.", valueName: "name|FILE.json"))
  var parameters = "chen2020"

  @Option(
    help: ArgumentHelp(
      "Temperature: isothermal, lumped, core-surface (two temperatures, ecm), field-1d (through the thickness or along the radius) or "
        + "field-2d (in the plane with tabs, or radius and height).", valueName: "model"),
    transform: { try choice($0) })
  var thermal = ThermalModel.isothermal

  @Option(
    help: ArgumentHelp(
      "Film growth on the anode: none, reaction-limited, solvent-diffusion, electron-migration, "
        + "interstitial-diffusion or ec-reaction (spm, spme and dfn).", valueName: "law"),
    transform: { try choice($0) })
  var sei = InterphaseLaw.none

  @Option(
    help: ArgumentHelp(
      "Stack pressure on a solid-state cell; that of the set if absent.", valueName: "MPa"))
  var stackPressure: Double?

  @OptionGroup(title: "Ageing (spm, spme and dfn)")
  var ageing: AgeingArguments

  @Option(help: ArgumentHelp("Repetitions of the steps.", valueName: "number"))
  var cycles = 1

  @Option(
    help: ArgumentHelp(
      "Leap over cycles, with this error of the lost lithium at the end relative to the lithium "
        + "of the full anode, such as 1e-3 (spm, spme and dfn, one block of steps). Cycles leapt over "
        + "have no rows; the cycle file has the estimate of the error.",
      valueName: "fraction"))
  var jumpTolerance: Double?

  @Option(help: ArgumentHelp("State of charge at the start, 0 to 1.", valueName: "fraction"))
  var initialSoc = 1.0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Ambient temperature; that of the set if absent.", valueName: "°C"))
  var ambientCelsius: Double?

  @Option(
    help: ArgumentHelp(
      "Spacing of rows in seconds; the solver's own steps if absent.", valueName: "seconds"))
  var interval: Double?

  @Option(help: "CSV file to write; the summary alone is printed if absent.", completion: .file())
  var output: String?

  @Option(
    help: "HTML page to write: curves, profiles inside of the cell, cycles, ends of steps.",
    completion: .file(extensions: ["html"]))
  var report: String?

  @Option(
    help: ArgumentHelp(
      "Mesh and tolerance: standard, or fine for a reference curve.", valueName: "name"))
  var resolution = "standard"

  @Option(
    help: ArgumentHelp(
      "Run so many times, print CPU times in milliseconds as JSON, and write nothing.",
      valueName: "runs"))
  var measure: Int?

  @Option(
    help: ArgumentHelp(
      "CSV file with a row for each of many cells: name, initial_soc, ambient_celsius, parameters "
        + "by their names with values or factors (*1.1), and words that steps hold in braces "
        + "(Discharge at {rate}C). --output then has a row of results for each cell.",
      valueName: "FILE.csv"), completion: .file(extensions: ["csv"]))
  var batch: String?

  @Flag(help: "Print a JSON object for each step that ended instead of text.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print nothing but errors.")
  var quiet = false

  func validate() throws {
    guard !steps.isEmpty || driveCycle != nil else {
      throw ValidationError(
        "Name at least one step, such as \"Discharge at 1C until 2.5 V\", or a --drive-cycle.")
    }
    guard cycles >= 1 else { throw ValidationError("--cycles is at least 1.") }
    guard
      jumpTolerance.map({ $0 > 0 && $0 < 1 && [.spm, .spme, .dfn].contains(model) }) ?? true
    else {
      throw ValidationError("--jump-tolerance is above 0 and below 1, with spm, spme or dfn.")
    }
    guard jumpTolerance == nil || (batch == nil && measure == nil) else {
      throw ValidationError(
        "--jump-tolerance takes no --batch or --measure: they run every cycle.")
    }
    guard (0...1).contains(initialSoc) else { throw ValidationError("--initial-soc is 0 to 1.") }
    guard interval.map({ $0 > 0 && $0.isFinite }) ?? true else {
      throw ValidationError("--interval is above 0.")
    }
    guard CellParameters.named(parameters) != nil || parameters.lowercased().hasSuffix(".json")
    else {
      throw ValidationError(
        "There is no parameter set '\(parameters)'; there are "
          + CellParameters.names.joined(separator: ", ") + " and files ending in .json.")
    }
    guard measure == nil || (thermal != .fieldAlongLine && thermal != .fieldInPlane) else {
      throw ValidationError("--measure takes --thermal isothermal, lumped or core-surface.")
    }
    guard stackPressure.map({ $0 > 0 && $0 <= 1_000 && model == .solidState }) ?? true else {
      throw ValidationError(
        "--stack-pressure is above 0 and at most 1000 MPa, for --model solid-state.")
    }
    guard ["standard", "fine"].contains(resolution) else {
      throw ValidationError("--resolution is standard or fine.")
    }
    guard measure.map({ $0 >= 1 }) ?? true else {
      throw ValidationError("--measure is at least 1.")
    }
  }

  /// The steps in words, then the drive cycle.
  private var texts: [String] { steps + (driveCycle.map { ["Follow \"\($0)\""] } ?? []) }

  private func readBlocks() throws -> [ExperimentBlock] {
    do throws(ExperimentError) {
      return try ExperimentBlock.blocks(texts, profiles: DriveCycleFile.read)
    } catch {
      StandardError.write("anodyne: \(error)\n")
      throw (DriveCycleFile.isUnreadable(error) ? ExitStatus.unreadableInput : .usage).exitCode
    }
  }

  func run() async throws {
    let blocks = try batch == nil ? readBlocks() : []
    var experiment: Experiment
    switch try readParameters() {
    case .set(let set): experiment = Experiment(blocks: blocks, parameters: set)
    case .circuit(let circuit): experiment = Experiment(blocks: blocks, circuit: circuit)
    }
    if let stackPressure { experiment.parameters.solidState?.stackPressure = stackPressure * 1e6 }
    experiment.model = model
    experiment.thermal = thermal
    experiment.jump = jumpTolerance.map { CycleJump(tolerance: $0) }
    experiment.ageing = ageing.options(interphase: sei)
    experiment.cycles = cycles
    experiment.initialStateOfCharge = initialSoc
    experiment.ambientTemperature = ambientCelsius.map { $0 + 273.15 }
    experiment.interval = interval
    experiment.isFine = resolution == "fine"
    if let batch {
      let cells = try SimulateBatch(
        path: batch, steps: texts, experiment: experiment, output: output, quiet: quiet)
      if let measure { return cells.measure(repetitions: measure) }
      return try await cells.run()
    }
    if let measure { return try printMeasured(experiment, repetitions: measure) }
    var writer = try SimulateWriter(
      path: output, withCycles: experiment.cycleCount > 1, json: json, quiet: quiet,
      withField: thermal != .isothermal && thermal != .lumped)
    if !quiet, model != .ecm, model != .solidState {
      warnOfWindow(experiment.parameters)
    }
    experiment.recordsProfiles = report != nil
    var page = try report.map { try SimulateReport(path: $0, experiment, options: optionWords) }
    var bar = ProgressBar(title: "simulate", quiet: quiet)
    let total = Double(experiment.stepCount)
    var done = 0.0
    do {
      try experiment.run { report in
        if case .step(let step) = report {
          done = jumpTolerance == nil ? done + 1 : max(done, leapt(step, experiment))
          bar.update(done / total)
        }
        page?.record.take(report)
        try writer.take(report)
      }
    } catch let error as ParameterError {
      bar.finish()
      StandardError.write("anodyne: \(error)\n")
      throw ExitStatus.badData.exitCode
    }
    bar.finish()
    try page?.write(quiet: quiet || json)
    try writer.finish()
  }

  /// Says where an electrode and not a cut-off ends the window of a cell.
  private func warnOfWindow(_ set: CellParameters) {
    for note in (try? StateOfChargeWindow(set))?.notes(for: set) ?? [] {
      StandardError.write("anodyne: warning: \(note).\n")
    }
  }

  /// Prints the CPU times of repeated runs.
  private func printMeasured(_ experiment: Experiment, repetitions: Int) throws {
    do {
      let result = try SimulateMeasure(experiment, repetitions: repetitions)
      let start =
        model == .ecm
        ? (negative: initialSoc, positive: 1 - initialSoc)
        : try experiment.parameters.stoichiometries(stateOfCharge: initialSoc)
      print(
        "{\"cpu_ms_first\": \(result.first), \"cpu_ms_smallest\": \(result.smallest), "
          + "\"negative_stoichiometry\": \(start.negative), "
          + "\"positive_stoichiometry\": \(start.positive)}")
    } catch let error as ParameterError {
      StandardError.write("anodyne: \(error)\n")
      throw ExitStatus.badData.exitCode
    }
  }

  /// Steps done or leapt over at the end of a step.
  private func leapt(_ step: Experiment.StepResult, _ experiment: Experiment) -> Double {
    let steps = experiment.stepCount / max(1, experiment.cycleCount)
    return Double((step.cycle - 1) * steps + step.step)
  }

  /// Options that the page names, beyond those of the experiment itself.
  private var optionWords: [String] {
    var words: [String] = []
    if sei != .none { words.append("film growth: \(sei.rawValue)") }
    if ageing.plating != .none { words.append("plating: \(ageing.plating.rawValue)") }
    if ageing.cracking != .none { words.append("cracking: \(ageing.cracking.rawValue)") }
    if ageing.lossOfActiveMaterial != .none {
      words.append("loss of active material: \(ageing.lossOfActiveMaterial.rawValue)")
    }
    if let excess = ageing.dryOut { words.append("dry-out with an excess of \(excess)") }
    if ageing.selfDischarge != .none { words.append("self-discharge") }
    if resolution != "standard" { words.append("resolution: \(resolution)") }
    return words
  }

  private enum Parameters {
    case set(CellParameters)
    case circuit(CircuitParameters)
  }

  /// The named set, or the set or circuit in the file.
  private func readParameters() throws -> Parameters {
    if let set = CellParameters.named(parameters) { return .set(set) }
    let data: Data
    do { data = try Data(contentsOf: URL(fileURLWithPath: parameters)) } catch {
      StandardError.write("anodyne: \(parameters): cannot be read\n")
      throw ExitStatus.unreadableInput.exitCode
    }
    do {
      if CircuitParameters.isCircuit(json: data) {
        guard model == .ecm else {
          StandardError.write(
            "anodyne: \(parameters): is an equivalent circuit; add --model ecm\n")
          throw ExitStatus.usage.exitCode
        }
        return .circuit(try CircuitParameters(json: data))
      }
      return .set(try CellParameters(json: data))
    } catch let error as ParameterError {
      StandardError.write("anodyne: \(parameters): \(error)\n")
      throw ExitStatus.badData.exitCode
    }
  }
}
