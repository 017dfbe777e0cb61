// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Resistance from steps of the current, at stated times after the step.

/// The response of a cell to a step of the current.
public struct PulseResistance: Codable, Hashable, Sendable {
  /// Time of the last sample before the step, in seconds.
  public var time: Double
  /// Number of the cycle in the source, where it has one.
  public var sourceCycle: Int?
  /// Height of the step in amperes; positive towards discharge.
  public var currentStep: Double
  /// Voltage before the step in volts.
  public var voltageBefore: Double
  /// Time between the samples around the step, in seconds: the uncertainty of all times after it.
  public var firstInterval: Double
  /// Resistance at the first sample after the step, in ohms.
  public var firstResistance: Double
  /// Resistance in ohms at each stated time that was reached, `pulse_times` in order.
  public var resistances: [Double]
  /// Temperature at the step in kelvin.
  public var temperature: Double?
  /// Whether the cell rested before the step.
  public var fromRest: Bool
}

/// Finds steps of the current and follows the voltage after them.
///
/// `R(Δt) = −(V(t₀ + Δt) − V(t₀)) / (I₁ − I₀)` with `t₀` the last sample before the step; the
/// current must have been steady before the step and stay steady until `t₀ + Δt`. At `Δt` of
/// seconds this contains ohmic and charge-transfer resistance, at tens of seconds diffusion and, on
/// a long discharge, some change of charge too.
///
/// - Reference: IEC 62660-1:2018, 7.3 (power by pulses); USABC (1996), rev. 2, procedure 3 (HPPC).
struct PulseDetector: Sendable {
  private let times: [Double]
  private var history: [CellSample] = []
  private var steadySince = Double.nan
  private var open: PulseResistance?
  private var openCurrent = 0.0
  private var previous: CellSample?
  private var largestCurrent = 0.0

  init(times: [Double]) { self.times = times }

  /// Adds a sample.
  ///
  /// - Returns: A pulse that is complete now.
  mutating func add(_ sample: CellSample, restCurrent: Double) -> PulseResistance? {
    defer { previous = sample }
    largestCurrent = max(largestCurrent, abs(sample.current))
    guard let before = previous, !sample.afterBreak, sample.time > before.time else {
      let finished = finish()
      steadySince = sample.time
      return finished
    }
    if open != nil { return follow(sample, before, restCurrent) }
    let change = sample.current - before.current
    let isSteady = abs(change) <= max(0.02 * abs(before.current), restCurrent)
    if isSteady { return nil }
    let wasSteady = before.time - steadySince >= 5
    steadySince = sample.time
    let interval = sample.time - before.time
    guard wasSteady, abs(change) >= 0.1 * largestCurrent,
      interval <= times.last ?? 0
    else { return nil }
    openCurrent = sample.current
    let resistance = -(sample.voltage - before.voltage) / change
    // Stated times shorter than the sampling interval cannot be known.
    skipped = times.prefix { $0 < interval - 1e-9 }.count
    let isFirstTime = times.dropFirst(skipped).first.map { abs($0 - interval) < 1e-9 } ?? false
    open = PulseResistance(
      time: before.time, sourceCycle: sample.cycle.isNaN ? nil : Int(sample.cycle),
      currentStep: change, voltageBefore: before.voltage, firstInterval: interval,
      firstResistance: resistance, resistances: isFirstTime ? [resistance] : [],
      temperature: before.temperature.isNaN ? nil : before.temperature,
      fromRest: abs(before.current) <= restCurrent)
    return nil
  }

  private var skipped = 0

  private mutating func follow(
    _ sample: CellSample, _ before: CellSample, _ restCurrent: Double
  ) -> PulseResistance? {
    guard var pulse = open else { return nil }
    guard abs(sample.current - openCurrent) <= max(0.03 * abs(openCurrent), restCurrent) else {
      steadySince = sample.time
      return finish()
    }
    while skipped + pulse.resistances.count < times.count {
      let wanted = pulse.time + times[skipped + pulse.resistances.count]
      guard sample.time >= wanted - 1e-9 else { break }
      let weight = (wanted - before.time) / (sample.time - before.time)
      let voltage = before.voltage + weight * (sample.voltage - before.voltage)
      pulse.resistances.append(-(voltage - pulse.voltageBefore) / pulse.currentStep)
    }
    open = pulse
    return skipped + pulse.resistances.count == times.count ? finish() : nil
  }

  /// Ends the pulse under way; nil when nothing was reached.
  mutating func finish() -> PulseResistance? {
    defer { open = nil }
    guard var pulse = open else { return nil }
    pulse.resistances =
      Array(repeating: .nan, count: skipped) + pulse.resistances
      + Array(repeating: .nan, count: times.count - skipped - pulse.resistances.count)
    // JSON has no NaN: times that were not reached are negative.
    pulse.resistances = pulse.resistances.map { $0.isNaN ? -1 : $0 }
    return pulse
  }
}
