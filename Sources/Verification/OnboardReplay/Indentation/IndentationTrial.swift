// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Recorded internal shorts inside a simulated pack: is the failing cell found, and how fast?

import BMSCore
public import BatteryDomain
import BatteryFiles
import NumericalMethods
import OnboardConfiguration

/// The voltage of a cell while an indenter shorts it.
public struct ShortRecording: Sendable {
  /// Name of the file.
  public var name: String
  /// Times in seconds, rising from 0.
  public private(set) var times: [Double] = []
  /// Voltages in volts.
  public private(set) var voltages: [Double] = []

  /// Reads the first table with a voltage.
  ///
  /// A time that starts again goes on where it was: one campaign joined two parts of a test.
  ///
  /// - Throws: `FileError` or ``ReplayError``.
  public init(path: String) throws {
    var file = try DataFile.open(path)
    name = String(path.split(separator: "/").last ?? "")
    guard let table = file.tables.firstIndex(where: { $0.schema.column(of: .voltage) != nil }),
      let time = file.tables[table].schema.column(of: .time),
      let voltage = file.tables[table].schema.column(of: .voltage)
    else { throw ReplayError.missing(quantity: "voltage", table: path) }
    var shift = 0.0
    var last = -Double.infinity
    while let batch = try file.tables[table].next() {
      for row in 0..<batch.rowCount {
        let at = batch.columns[time][row]
        let value = batch.columns[voltage][row]
        guard at.isFinite, value.isFinite else { continue }
        if at < last - 0.5 { shift += last - at + 0.1 }
        last = at
        let moment = at + shift
        if let before = times.last, moment <= before { continue }
        times.append(moment)
        voltages.append(value)
      }
    }
    guard let first = times.first, times.count > 10 else { throw ReplayError.noRows }
    for row in times.indices { times[row] -= first }
  }

  /// Median of the first second, or of ten readings, in volts.
  public var baseline: Double {
    let count = max(10, times.firstIndex { $0 > 1 } ?? 10)
    return voltages.prefix(count).sorted()[min(count, voltages.count) / 2]
  }

  /// First time from which the voltage is below its baseline by an amount for half a second; nil
  /// where it never is.
  public func departure(_ volts: Double) -> Double? {
    let level = baseline - volts
    var began: Double?
    for (time, voltage) in zip(times, voltages) {
      if voltage < level {
        if began == nil { began = time }
        if let began, time - began >= 0.5 { return began }
      } else {
        began = nil
      }
    }
    return began
  }
}

/// The recorded cell among healthy siblings, at rest or under a drive load.
public struct IndentationTrial: Sendable {
  /// Siblings beside the recorded cell.
  public static let siblings = 7
  /// Whether the pack is driven.
  public var isDriven: Bool
  /// Seed of load, noise and spread.
  public var seed: UInt64
  /// Time of healthy use before the recording starts, in seconds.
  public var settling = 180.0

  /// A trial.
  public init(isDriven: Bool, seed: UInt64 = 1) {
    self.isDriven = isDriven
    self.seed = seed
  }

  /// What the core did.
  public struct Outcome: Codable, Sendable, Hashable {
    /// Name of the recording.
    public var name: String
    /// Time at which the voltage first stays 5 mV below its baseline; nil where it never does.
    public var departs: Double?
    /// The same for 40 mV.
    public var drops: Double?
    /// First warning that names the recorded cell, in seconds of the recording.
    public var alarm: Double?
    /// The fault that it named.
    public var fault: String
    /// Warnings that name another cell before the first that names the recorded one.
    public var wrongCells: Int
    /// Warnings that name another cell after it.
    public var laterWrongCells: Int
    /// Warnings that name the recorded cell before its voltage departs.
    public var early: Int

    /// Seconds from 40 mV below the baseline to the warning.
    public var delay: Double? { alarm.flatMap { alarm in drops.map { alarm - $0 } } }
  }

  /// Rows of the table that can name a shorted cell.
  static let rows: Set<String> = [
    "sudden drop", "internal short", "self discharge", "rest drift", "voltage spread",
    "loose connection",
  ]

  /// Runs the core over a recording at ten samples a second.
  ///
  /// Siblings stand 5 mV (one standard deviation) apart with resistances 3 % apart; every reading
  /// has 0.5 mV of noise and steps of 1 mV. A drive load is steps of −1C to 2C, one to five seconds
  /// long, on 50 mV of ohmic and 30 mV of slow loss at 1C; its mean is zero, so that charges stay.
  ///
  /// - Parameters:
  ///   - recording: The recorded cell.
  ///   - capacity: In ampere-hours.
  ///   - chemistry: Whose limits apply.
  /// - Returns: What the core did.
  /// - Throws: `InputFaults` where there is no table for the chemistry.
  public func run(
    _ recording: ShortRecording, capacity: Double, chemistry: Chemistry
  ) throws -> Outcome {
    let image = try ConfigurationFile.read(
      """
      pack: {cells: 8, probes: 2, chemistry: \(chemistry.rawValue), capacity_ampere_hours: \(capacity)}
      circuit: {set: \(chemistry == .lfp ? "prada2013" : "chen2020")}
      diagnosis: {facts: {cycle_milliseconds: 100}}
      """, file: "indentation.yaml")
    let configuration: PackConfiguration<8, 2, Double> = try image.configuration()
    let replay = CoreReplay(
      configuration, name: "indentation", recording: recording.name, isWallClock: false)
    var plant = IndentationPlant(self, recording, capacity: capacity)
    while let frame = plant.next() { replay.feed(frame) }
    try replay.finish()
    return outcome(recording, replay.result)
  }

  private func outcome(_ recording: ShortRecording, _ result: ReplayResult) -> Outcome {
    let departs = recording.departure(0.005)
    let named = result.decisions.filter {
      $0.kind == .trip && $0.level != "operating" && Self.rows.contains($0.cause)
    }
    let own = named.filter { $0.subject == "cell 1" }
    let first = own.first { $0.time - settling >= (departs ?? .infinity) - 0.1 }
    let others = named.filter { $0.subject != "cell 1" && $0.subject != "pack" }
    let wrong = others.count { $0.time < (first?.time ?? .infinity) }
    return Outcome(
      name: recording.name, departs: departs, drops: recording.departure(0.04),
      alarm: first.map { $0.time - settling }, fault: first?.cause ?? "",
      wrongCells: wrong, laterWrongCells: others.count - wrong,
      early: own.count { $0.time - settling < (departs ?? .infinity) - 0.1 })
  }
}

/// Eight cells, of which the first follows a recording.
private struct IndentationPlant {
  let recording: ShortRecording
  let isDriven: Bool
  let settling: Double
  let hourly: Double
  let base: Double
  private var random: Xoshiro256
  private var offsets: [Double] = []
  private var ratios: [Double] = []
  private var slow = 0.0
  private var load = 0.0
  private var untilStep = 0.0
  private var moved = 0.0
  private var time = 0.0
  private var place = 0

  init(_ trial: IndentationTrial, _ recording: ShortRecording, capacity: Double) {
    self.recording = recording
    isDriven = trial.isDriven
    settling = trial.settling
    hourly = capacity
    base = recording.baseline
    random = Xoshiro256(seed: trial.seed)
    for cell in 0...IndentationTrial.siblings {
      offsets.append(cell == 0 ? 0 : 0.005 * random.nextNormal())
      ratios.append(1 + 0.03 * random.nextNormal())
    }
  }

  /// Current in multiples of 1C for the next tenth of a second.
  private mutating func drive() {
    untilStep -= 0.1
    guard untilStep <= 0 else { return }
    untilStep = Double.random(in: 1...5, using: &random)
    // Steps lean against the charge moved so far.
    let lean = max(-0.5, min(0.5, -moved / 60))
    load = max(-1, min(2, Double.random(in: -1.2...1.2, using: &random) + lean))
  }

  mutating func next() -> ReplayFrame? {
    let at = time - settling
    guard let end = recording.times.last, at <= end else { return nil }
    if isDriven { drive() }
    moved += load * 0.1
    slow += (0.03 * load - slow) * 0.1 / 20
    let loss = 0.05 * load + slow
    var voltages: [Double] = []
    for cell in 0...IndentationTrial.siblings {
      let open = cell == 0 ? recorded(at) : base + offsets[cell]
      let value = open - loss * ratios[cell] + 0.000_5 * random.nextNormal()
      voltages.append(max(0, (value * 1_000).rounded() / 1_000))
    }
    let current = load * hourly
    let noise = isDriven ? 0.002 * hourly * random.nextNormal() : 0
    time += 0.1
    return ReplayFrame(
      time: time, current: current + noise, cellVoltages: voltages,
      probeTemperatures: [298.15, 298.15])
  }

  private mutating func recorded(_ at: Double) -> Double {
    guard at > 0 else { return base }
    let times = recording.times
    while place + 1 < times.count, times[place + 1] <= at { place += 1 }
    guard place + 1 < times.count else { return recording.voltages[place] }
    let share = (at - times[place]) / (times[place + 1] - times[place])
    return recording.voltages[place]
      + max(0, min(1, share)) * (recording.voltages[place + 1] - recording.voltages[place])
  }
}
