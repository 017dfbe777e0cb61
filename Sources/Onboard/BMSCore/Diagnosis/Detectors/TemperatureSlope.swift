// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The slope of every probe's temperature.

/// Slopes of the probes, each the distance of a reading from its own low-pass over the time constant:
/// exact for a steady ramp, and quiet against the resolution of the sensor.
public struct TemperatureSlope<let probes: Int, Real: CoreReal>: Sendable {
  @usableFromInline var slow: InlineArray<probes, Real> = InlineArray(repeating: .nan)

  /// No history.
  @inlinable
  public init() {}

  /// Advances by one cycle.
  ///
  /// - Parameters:
  ///   - sample: The sample.
  ///   - interval: Duration of the cycle, in seconds.
  ///   - settings: The settings of the detectors.
  /// - Returns: The steepest rise in kelvin per second with its probe; unknown without a usable probe.
  /// - Complexity: O(probes).
  @inlinable
  public mutating func advance<let cells: Int>(
    _ sample: inout PackSample<cells, probes, Real>, interval: Real,
    settings: DetectorSettings<Real>
  ) -> Indicator<Real> {
    let time = settings.temperatureSlopeSeconds
    let gain = interval / (time + interval)
    var steepest = Indicator<Real>.unknown
    for probe in 0..<probes {
      let reading = sample.probeTemperature[probe]
      guard reading.isUsable, reading.value.isFinite else { continue }
      if slow[probe].isNaN { slow[probe] = reading.value }
      slow[probe] += gain * (reading.value - slow[probe])
      let slope = (reading.value - slow[probe]) / time
      if !(slope <= steepest.value) { steepest = Indicator(slope, at: probe) }
    }
    return steepest
  }
}
