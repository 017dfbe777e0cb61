// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Runs the core over recorded rows and notes what it decides.

public import BMSCore
import OnboardConfiguration

/// The core over a recording, open loop: the recorded current flows whatever is commanded.
///
/// - Before the first row the contactors are closed by cycles of ten milliseconds on the readings of
///   that row; the switches read as commanded, the link has the voltage of the string. The recorded
///   current says nothing about contactors: it neither fails a precharge nor proves a weld.
/// - An interruption longer than the longest interval of the configuration is a parked pack: looks at
///   the readings of the row at rest on either side, one a longest interval. Without such a row the
///   time is not known to the core and counts as one second.
/// - When the core opens its contactors, that is a decision. As the recording goes on with current, a
///   service tool clears it at the next interruption, or after an hour, and closes again. Until then
///   rows about contactors and the zero of the current say nothing.
/// - What the vehicle was not told it cannot disobey: current limits are not judged as ignored,
///   heater, cooling and balancing not as commanded.
public final class CoreReplay<let cells: Int, let probes: Int> {
  /// The core.
  public private(set) var core: PackController<cells, probes, Double>
  /// What was found so far; complete after ``finish()``.
  public internal(set) var result: ReplayResult

  let options: ReplayOptions
  private let restCurrent: Double
  private let longest: Double
  private var clock: UInt64 = 0
  private var previous: ReplayFrame?
  private var row = 0
  private var seenTrips: UInt32 = 0
  private var seenResets: UInt32 = 0
  private var wasSafe = false
  private var openSince: Double?
  var history = ReplayHistory()
  var standings: ReplayStandings

  /// A replay before its first row.
  public init(
    _ configuration: PackConfiguration<cells, probes, Double>, name: String, recording: String,
    isWallClock: Bool, options: ReplayOptions = ReplayOptions()
  ) {
    var open = configuration
    open.control.contactors.prechargeCurrentFactor = 1e9
    open.control.contactors.zeroCurrent = 1e9
    open.control.balancing.hardware = .none
    let none = PerLevel<Double>(.nan, .nan, .nan)
    for fault in [FaultClass.currentLimitIgnored, .coolingFailure, .stuckActuator] {
      open.diagnosis[fault].limit = none
    }
    core = PackController(open)
    self.options = options
    restCurrent = max(
      configuration.estimation.restCurrent,
      configuration.diagnosis.settings.restRate * configuration.diagnosis.facts.capacityAmpereHours)
    longest = Double(configuration.sensing.longestIntervalMilliseconds) / 1_000
    standings = ReplayStandings(cells: cells)
    history.depth = max(1, options.evidenceRows)
    result = ReplayResult(
      recording: recording, configuration: name, version: configuration.version,
      isWallClock: isWallClock)
  }

  /// Rows that say nothing while the core has opened and the recorded current flows on.
  private static var needContactors: [FaultClass] {
    [.currentOffset, .contactorWeld, .contactorNoClose, .prechargeVoltage, .prechargeCurrent]
  }

  /// Takes one row.
  public func feed(_ frame: ReplayFrame) {
    row += 1
    guard let before = previous else {
      result.span = [frame.time, frame.time]
      previous = frame
      start(frame)
      step(frame, at: frame.time)
      result.rows = 1
      return
    }
    let interval = frame.time - before.time
    guard interval > 0 else {
      result.skipped += 1
      return
    }
    if interval > longest {
      park(from: before, to: frame, seconds: interval)
      service(frame)
    } else {
      clock += UInt64((interval * 1_000).rounded())
    }
    step(frame, at: frame.time)
    previous = frame
    result.rows += 1
    result.span[1] = frame.time
  }

  /// Ends the replay.
  ///
  /// - Throws: ``ReplayError/noRows``.
  public func finish() throws {
    guard result.rows > 0 else { throw ReplayError.noRows }
    history.finish(into: &result)
    standings.finish(core.estimate, into: &result)
    result.finalStateOfCharge = core.estimate.stateOfCharge
  }

  /// Closes the contactors on the readings of a row.
  private func start(_ frame: ReplayFrame) {
    var standing = frame
    standing.speed = .nan
    defer { clock += 10 }
    for cycle in 0..<45 {
      clock += 10
      // What asked for open contactors is released only while nothing is asked for.
      _ = core.step(sample(standing, request: cycle < 5 ? .off : .standby))
      note(at: frame.time, isStart: true)
      if cycle >= 5, core.commands.state == .closed { return }
    }
  }

  private func park(from before: ReplayFrame, to frame: ReplayFrame, seconds: Double) {
    result.gaps += 1
    let rests = [frame, before].first { abs($0.current) <= restCurrent }
    guard var parked = rests else {
      result.unknownGaps += 1
      clock += 1_000
      return
    }
    parked.speed = 0
    // A year at most: more is a fault of the clock.
    let length = min(seconds, 3.2e7)
    let count = max(1, Int((length / longest).rounded(.up)))
    let step = length / Double(count)
    for number in 1..<max(2, count) {
      clock += UInt64((step * 1_000).rounded())
      // Bits that repeat for hours would be a frozen channel; a real one has noise.
      var look = parked
      for cell in look.cellVoltages.indices {
        look.cellVoltages[cell] += number % 2 == 0 ? -5e-5 : 5e-5
      }
      _ = core.step(sample(look, request: .standby))
      result.looks += 1
      note(at: before.time + Double(number) * step, isStart: false)
    }
    clock += UInt64((step * 1_000).rounded())
  }

  private func step(_ frame: ReplayFrame, at time: Double) {
    let request = request(frame)
    _ = core.step(sample(frame, request: request))
    history.add(core, at: time, row: row)
    history.follow(&result)
    note(at: time, isStart: false)
    standings.add(core.estimate, at: time)
    guard core.commands.state != .closed else { return }
    guard let since = openSince else {
      openSince = time
      // The supervisor opens without a row of the table.
      let cause =
        core.supervisor.asksToOpen ? "the safe state" : core.diagnosis.state.cause.title
      var opening = decision(.opening, at: time, cause: cause)
      opening.level = "\(core.diagnosis.state.worst)"
      history.note(opening, cell: nil, into: &result)
      return
    }
    if time - since >= 3_600 { service(frame) }
  }

  /// A service tool clears what is latched and closes again.
  private func service(_ frame: ReplayFrame) {
    guard openSince != nil else { return }
    openSince = nil
    core.clearByService()
    seenTrips = 0
    start(frame)
  }

  private func request(_ frame: ReplayFrame) -> Request {
    let flows = abs(frame.current) > restCurrent
    if frame.speed > 0 || (frame.speed.isNaN && frame.current > restCurrent) { return .drive }
    if frame.current < -restCurrent { return .charge }
    return flows ? .drive : .standby
  }

  private func sample(
    _ frame: ReplayFrame, request: Request
  ) -> RawSample<cells, probes, Double> {
    var raw = RawSample<cells, probes, Double>(timeMilliseconds: clock)
    for cell in 0..<min(cells, frame.cellVoltages.count) {
      raw.cellVoltage[cell] = frame.cellVoltages[cell]
    }
    for probe in 0..<probes {
      raw.probeTemperature[probe] =
        probe < frame.probeTemperatures.count
        ? frame.probeTemperatures[probe] : options.temperature
    }
    raw.current = frame.current
    raw.packVoltage = frame.packVoltage
    if raw.packVoltage.isNaN, cells == 1 { raw.packVoltage = frame.cellVoltages.first ?? .nan }
    if raw.packVoltage.isNaN {
      let sum = frame.cellVoltages.reduce(0, +)
      raw.packVoltage = sum
    }
    let command = core.commands.contactors
    let linked = command.contains(.precharge) || command.contains(.positive)
    raw.linkVoltage = linked ? raw.packVoltage : 0
    raw.insulationResistance = frame.insulation.isNaN ? 1e9 : frame.insulation
    raw.ambientTemperature = frame.ambient
    raw.pressure = frame.pressure
    var feedback: SwitchFeedback = [.fuseIntact, .interlockClosed]
    if command.contains(.positive) { feedback.insert(.positiveClosed) }
    if command.contains(.negative) { feedback.insert(.negativeClosed) }
    if command.contains(.precharge) { feedback.insert(.prechargeClosed) }
    raw.feedback = feedback
    raw.request = request
    return raw
  }

  /// Notes trips, corrections and the safe state since the last cycle.
  private func note(at time: Double, isStart: Bool) {
    let state = core.diagnosis.state
    if state.tripCount > seenTrips {
      let count = min(16, state.tripCount - seenTrips)
      for number in (state.tripCount - count)..<state.tripCount {
        note(state.trips[Int(number % 16)], at: time)
      }
    }
    seenTrips = state.tripCount
    let resets = core.estimator.counter.resets
    if resets.total > seenResets {
      for age in (0..<min(resets.count, Int(resets.total - seenResets))).reversed() {
        if let reset = resets[age: age] { note(reset, at: time) }
      }
    }
    seenResets = resets.total
    let isSafe = !core.supervisor.reason.isEmpty
    if isSafe, !wasSafe, !isStart {
      var entry = decision(.safeState, at: time, cause: core.supervisor.reason.words)
      entry.level = "safety"
      history.note(entry, cell: nil, into: &result)
    }
    wasSafe = isSafe
  }

  private func decision(
    _ kind: ReplayDecision.Kind, at time: Double, cause: String
  ) -> ReplayDecision {
    ReplayDecision(
      kind: kind, time: time, row: row, cause: cause, level: "", subject: "pack", unit: "",
      reactions: [], last: time)
  }

  private func note(_ trip: Trip<Double>, at time: Double) {
    let isClosed = core.commands.state == .closed && openSince == nil
    if !isClosed, Self.needContactors.contains(trip.fault) { return }
    var entry = decision(.trip, at: time, cause: trip.fault.title)
    let place = ReplayPlace(trip.fault, index: Int(trip.index), cells: cells, probes: probes)
    entry.level = "\(trip.level)"
    entry.subject = place.words
    entry.number = place.number
    entry.value = trip.value.isFinite ? trip.value : nil
    entry.limit = trip.limit.isFinite ? trip.limit : nil
    entry.unit = trip.fault.unit
    entry.limitVersion = trip.limitVersion
    entry.reactions = trip.reaction.words
    if trip.deadlineMilliseconds < .max {
      entry.deadline = Double(trip.deadlineMilliseconds &- trip.timeMilliseconds) / 1_000
    }
    history.note(entry, cell: place, into: &result)
  }

  private func note(_ reset: ChargeReset<Double>, at time: Double) {
    // Rests correct the count continuously; what moves it by less than a percent is no decision.
    guard abs(reset.size) >= 0.01 || reset.cause == .divergence else { return }
    var entry = decision(.correction, at: time, cause: reset.cause.words)
    entry.value = reset.after
    entry.limit = reset.before
    history.note(entry, cell: nil, into: &result)
  }
}
