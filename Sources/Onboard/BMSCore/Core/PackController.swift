// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The onboard core as one value: samples in, commands out.

/// The onboard core of one pack: one raw sample in, one set of commands out, every cycle.
///
/// Sensing judges the readings, estimation finds what cannot be measured, diagnosis decides what is
/// wrong, control what to do about it, and the supervisor replaces commands that have no ground.
/// All state is in this value: nothing allocates, nothing traps, whatever comes in.
///
/// ```swift
/// var core = PackController(configuration)
/// let commands = core.step(raw)
/// ```
///
/// This is not a certified safety function.
public struct PackController<let cells: Int, let probes: Int, Real: CoreReal>: Sendable {
  /// What the core was told about its pack.
  public var configuration: PackConfiguration<cells, probes, Real>
  /// The measuring chain.
  public var sensing = Sensing<cells, probes, Real>()
  /// The judged sample of the last cycle.
  public var sample = PackSample<cells, probes, Real>()
  /// The estimators.
  public var estimator: PackEstimator<cells, probes, Real>
  /// The estimate after the last cycle.
  public var estimate = PackEstimate<cells, Real>()
  /// Levels, trips and evidence.
  public var diagnosis = Diagnosis<cells, probes, Real>()
  /// Contactors, limits, thermal control, balancing, sleep.
  public var control = Control<cells, probes, Real>()
  /// The last line.
  public var supervisor = Supervisor<Real>()
  /// The commands of the last cycle.
  public var commands = ActuatorCommands<cells, Real>()
  /// Cycles since the start, saturating.
  public var cycles: UInt64 = 0

  /// A core that has seen nothing and commands the safe state.
  ///
  /// - Parameter configuration: Everything about the pack; checked by whoever made or read it.
  @inlinable
  public init(_ configuration: PackConfiguration<cells, probes, Real>) {
    self.configuration = configuration
    estimator = PackEstimator(configuration.estimation)
  }

  /// A core from the image in its flash.
  ///
  /// - Throws: ``ConfigurationError`` where the image is not whole; then there is no core, and the
  ///   actuators are to be held in the safe state that ``ActuatorCommands`` begins in.
  @inlinable
  public init(image: Span<UInt8>) throws(ConfigurationError) {
    self.init(try PackConfiguration(image: image))
  }

  /// Runs one cycle.
  ///
  /// - Parameter raw: What the drivers delivered; any bit pattern.
  /// - Returns: What the actuators are to do until the next cycle.
  /// - Complexity: O(cells + probes) with bounded shares of the dearer estimators.
  @inlinable
  public mutating func step(
    _ raw: RawSample<cells, probes, Real>
  ) -> ActuatorCommands<cells, Real> {
    var raw = raw
    sensing.step(&raw, &configuration.sensing, into: &sample)
    estimator.advance(&sample, balancing: &commands.balancing, estimate: &estimate)
    diagnosis.step(
      &sample, estimate: &estimate, commands: &commands, configuration: &configuration.diagnosis)
    supervisor.step(
      &sample, estimationCounter: estimate.livenessCounter,
      controlCounter: control.commands.livenessCounter,
      cycle: configuration.diagnosis.facts.cycleMilliseconds, configuration.supervision)
    supervisor.ask(&diagnosis.state)
    control.step(
      &sample, estimate: &estimate, diagnosis: &diagnosis, table: &configuration.diagnosis,
      configuration: &configuration.control)
    commands = control.commands
    supervisor.restrict(&commands)
    if cycles < .max { cycles += 1 }
    return commands
  }

  /// A service tool has repaired and checked: clears latched levels, log, evidence and contactors.
  @inlinable
  public mutating func clearByService() {
    diagnosis.clearByService()
    control.clearByService()
  }
}
