// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Cuts a cell test into labelled steps while it streams by.

/// Cuts a cell test into labelled steps, sample by sample and in bounded memory.
///
/// A new run begins when the direction of the current, the source's step number or the level of a
/// constant current changes, when a constant-current step turns into a constant-voltage one, and
/// after a break in time. Six or more short runs in a row become one ``StepKind/drive`` step;
/// fewer short ones under load are pulses.
public struct StepSegmenter: Sendable {
  /// The limits of the segmentation.
  public struct Settings: Codable, Hashable, Sendable {
    /// Current below which a cell rests, in amperes; nil takes 0.5 % of the largest current seen
    /// so far, at least 1 mA.
    public var restCurrent: Double?
    /// Change of a constant current that starts a new step, as a share of its level.
    public var levelChange = 0.05
    /// Distance from the extreme voltage within which a falling current means constant voltage,
    /// in volts.
    public var voltageHold = 0.01
    /// Longest run that can belong to a drive cycle, in seconds.
    public var shortRun = 60.0
    /// Short runs in a row that make a drive cycle.
    public var driveRuns = 6

    /// The default limits.
    public init() {}
  }

  /// The limits in use.
  public let settings: Settings
  private var run: TestStep?
  private var direction = 0
  private var isVoltageHeld = false
  private var level = 0.0
  private var extreme = 0.0
  private var heldVoltage = 0.0
  private var largestCurrent = 0.0
  private var last: (time: Double, voltage: Double, current: Double)?
  private var lastStep = Double.nan
  private var shortRuns: [TestStep] = []
  private var drive: TestStep?

  /// Creates a segmenter.
  public init(settings: Settings = .init()) { self.settings = settings }

  /// Current below which a cell rests, in amperes.
  public var restCurrent: Double { settings.restCurrent ?? max(1e-3, 0.005 * largestCurrent) }

  /// Label of the sample added last, as far as it is known without looking ahead.
  public var currentKind: StepKind {
    guard direction != 0 else { return .rest }
    if isVoltageHeld {
      return direction > 0 ? .constantVoltageDischarge : .constantVoltageCharge
    }
    return direction > 0 ? .constantCurrentDischarge : .constantCurrentCharge
  }

  /// Adds the next sample.
  ///
  /// - Parameters:
  ///   - time: Time in seconds.
  ///   - voltage: Voltage in volts.
  ///   - current: Current in amperes, discharge positive.
  ///   - step: The source's step number; NaN where it has none.
  ///   - afterBreak: Whether the time does not continue from the sample before.
  /// - Returns: Steps that are complete now; mostly none.
  /// - Complexity: O(1).
  public mutating func add(
    time: Double, voltage: Double, current: Double, step: Double = .nan, afterBreak: Bool = false
  ) -> [TestStep] {
    largestCurrent = max(largestCurrent, abs(current))
    let now = abs(current) <= restCurrent ? 0 : current > 0 ? 1 : -1
    let stepChanged = !step.isNaN && !lastStep.isNaN && step != lastStep
    if !step.isNaN { lastStep = step }
    var closed: [TestStep] = []
    if afterBreak {
      closed += closeRun() + flush()
      last = nil
    }
    let turnsToHold =
      run != nil && now == direction && now != 0 && !isVoltageHeld
      && holdsVoltage(voltage, current)
    let leavesHold = isVoltageHeld && abs(voltage - heldVoltage) > 2 * settings.voltageHold
    let changesLevel =
      !isVoltageHeld && now == direction && now != 0 && (run?.rows ?? 0) >= 2
      && abs(abs(current) - level) > settings.levelChange * level
    if run != nil, now != direction || stepChanged || turnsToHold || leavesHold || changesLevel {
      closed += closeRun()
    }
    let interval = last.map { time - $0.time } ?? 0
    let meanCurrent = last.map { ($0.current + current) / 2 } ?? current
    let meanPower = last.map { ($0.current * $0.voltage + current * voltage) / 2 } ?? 0
    if run == nil {
      direction = now
      isVoltageHeld = turnsToHold
      heldVoltage = voltage
      extreme = voltage
      level = abs(current)
      run = TestStep(
        kind: .rest, start: last?.time ?? time, end: time, rows: 0, startVoltage: voltage,
        endVoltage: voltage, charge: 0, energy: 0, startCurrent: current, endCurrent: current)
    }
    run?.rows += 1
    run?.end = time
    run?.endVoltage = voltage
    run?.endCurrent = current
    run?.charge += meanCurrent * interval
    run?.energy += meanPower * interval
    if (run?.rows ?? 0) <= 2 {
      level = abs(current)
    } else {
      level += 0.05 * (abs(current) - level)
    }
    extreme = direction < 0 ? max(extreme, voltage) : min(extreme, voltage)
    last = (time, voltage, current)
    return closed
  }

  /// Whether the current has begun to fall while the voltage stays at its extreme.
  private func holdsVoltage(_ voltage: Double, _ current: Double) -> Bool {
    guard (run?.rows ?? 0) >= 2, abs(current) < 0.97 * level else { return false }
    let atExtreme =
      direction < 0
      ? voltage >= extreme - settings.voltageHold : voltage <= extreme + settings.voltageHold
    // A step to a lower current moves the voltage and goes far at once; a hold starts gently.
    return atExtreme && abs(current) > 0.5 * level
  }

  /// Ends the data.
  ///
  /// - Returns: The steps that were still open.
  public mutating func finish() -> [TestStep] {
    let steps = closeRun() + flush()
    last = nil
    return steps
  }

  private mutating func closeRun() -> [TestStep] {
    guard var closed = run else { return [] }
    closed.kind = currentKind
    run = nil
    isVoltageHeld = false
    guard closed.duration <= settings.shortRun else {
      return flush() + [closed]
    }
    if drive != nil {
      drive?.append(closed)
      return []
    }
    shortRuns.append(closed)
    if shortRuns.count >= settings.driveRuns {
      var composite = shortRuns[0]
      composite.kind = .drive
      for part in shortRuns.dropFirst() { composite.append(part) }
      drive = composite
      shortRuns = []
    }
    return []
  }

  private mutating func flush() -> [TestStep] {
    if let drive {
      self.drive = nil
      return [drive]
    }
    let steps = shortRuns.map { step in
      guard step.kind != .rest, step.rows >= 1 else { return step }
      var pulse = step
      if step.kind == .constantCurrentCharge || step.kind == .constantCurrentDischarge {
        pulse.kind = .pulse
      }
      return pulse
    }
    shortRuns = []
    return steps
  }
}
