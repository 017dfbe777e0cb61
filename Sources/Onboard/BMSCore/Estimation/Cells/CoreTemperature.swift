// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Temperature inside a cell from that of its surface.

/// Observer of the temperature inside a cell: two states, surface and core.
///
/// Heat made in the core flows to the surface through a resistance. The surface is the filtered
/// reading, so the observer needs no model of the cooling, and an error of the start dies out with
/// the time constant of the core whatever the cooling does.
///
/// - Reference: Lin et al. (2014), doi:10.1016/j.jpowsour.2014.01.097, for core and surface.
public struct CoreTemperature<Real: CoreReal>: Sendable, BitwiseCopyable {
  /// Temperature of the core, in kelvin.
  public var core: Real = 298.15
  /// Filtered temperature of the surface, in kelvin.
  public var surface: Real = 298.15
  /// Times it ran, wrapping: a counter that stands still is a dead estimator.
  public var beats: UInt32 = 0
  @usableFromInline var isStarted = false

  /// An observer without a reading.
  @inlinable
  public init() {}

  /// Advances by one interval, solved exactly for constant heat.
  ///
  /// - Parameters:
  ///   - reading: Surface temperature in kelvin; NaN where not usable: the surface is then held.
  ///   - heat: Heat made in the cell, in watts.
  ///   - interval: In seconds.
  ///   - configuration: Heat capacity and resistance.
  @inlinable
  mutating func step(
    reading: Real, heat: Real, interval: Real,
    configuration: inout EstimationConfiguration<Real>
  ) {
    beats = beats &+ 1
    let usable = reading > 150 && reading < 1_500
    if !isStarted {
      guard usable else { return }
      surface = reading
      core = reading
      isStarted = true
    }
    let dt = interval.finite(or: 0).clamped(0, 3_600)
    // Five seconds take the noise of a probe and cost little against minutes of the core.
    if usable { surface += (reading - surface) * (1 - Real.exponential(-dt / 5)) }
    let time = max(0.1, configuration.coreHeatCapacity * configuration.coreResistance)
    let steady = surface + heat.finite(or: 0).clamped(-1e3, 1e5) * configuration.coreResistance
    core = steady + (core - steady) * Real.exponential(-(dt / time).clamped(0, 60))
    core = core.finite(or: surface).clamped(150, 2_000)
  }
}
