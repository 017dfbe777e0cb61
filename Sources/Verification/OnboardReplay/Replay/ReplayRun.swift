// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A whole replay: a configuration image over a data file.

public import BMSCore
import BatteryDomain
public import BatteryFiles
public import OnboardConfiguration

/// Replays a data file through the core of a configuration.
public struct ReplayRun: ConfiguredWork {
  /// Path of the data.
  public var path: String
  /// What the caller knows of the file.
  public var reading = ReadOptions()
  /// What the caller knows of the recording.
  public var options = ReplayOptions()
  /// Name of the configuration.
  public var name: String
  /// Called with the share done.
  public var progress: (Double) -> Void

  /// A run; start it with `PackImage.open`.
  public init(path: String, name: String, progress: @escaping (Double) -> Void = { _ in }) {
    self.path = path
    self.name = name
    self.progress = progress
  }

  /// Runs over the whole file.
  ///
  /// The core of any size runs here from one unspecialised body, at some milliseconds a row. Sizes
  /// met often are compiled for themselves and take tens of microseconds (decision 0199).
  ///
  /// - Parameter configuration: The configuration.
  /// - Returns: What was found.
  /// - Throws: `FileError` or ``ReplayError``.
  public mutating func run<let cells: Int, let probes: Int>(
    _ configuration: PackConfiguration<cells, probes, Double>
  ) throws -> ReplayResult {
    if let own = configuration as? PackConfiguration<1, 1, Double> { return try replay(own) }
    if let own = configuration as? PackConfiguration<88, 19, Double> { return try replay(own) }
    if let own = configuration as? PackConfiguration<96, 24, Double> { return try replay(own) }
    return try replay(configuration)
  }

  private mutating func replay<let cells: Int, let probes: Int>(
    _ configuration: PackConfiguration<cells, probes, Double>
  ) throws -> ReplayResult {
    var source = try ReplaySource(
      path, cells: cells, probes: probes, reading: reading, options: options)
    let replay = CoreReplay(
      configuration, name: name, recording: source.name,
      isWallClock: source.timeReference == .unixEpoch, options: options)
    while let frames = try source.next() {
      for frame in frames { replay.feed(frame) }
      progress(source.progress)
    }
    try replay.finish()
    return replay.result
  }
}
