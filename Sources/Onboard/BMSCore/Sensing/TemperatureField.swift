// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The temperature of every cell from few probes.

/// The temperature of every cell from few probes, by a gain matrix computed beforehand.
///
/// `T = Σ gⱼ·probeⱼ + g₀·coolant + h·⟨I²⟩`, with weights that sum to one, so that a pack of one
/// temperature is read as that temperature. A probe that is not usable is replaced by the weighted
/// mean of the others, and the cells that lean on it are flagged.
@usableFromInline
struct TemperatureField<Real: CoreReal>: Sendable, BitwiseCopyable {
  /// Low-passed square of the current, in square amperes.
  @usableFromInline var heat: Real = 0
  @usableFromInline var nextCell = 0

  @inlinable
  init() {}

  /// Follows the heat of the cells.
  @inlinable
  mutating func follow(_ current: Measured<Real>, interval: Real, seconds: Real) {
    guard current.isUsable else { return }
    heat += (current.value * current.value - heat) * (interval / (seconds + interval + 1e-6))
  }

  /// Reconstructs some cells, or all of them when samples are slow.
  ///
  /// - Complexity: O(cells · probes / 8) a cycle at more than ten samples a second.
  @inlinable
  mutating func step<let cells: Int, let probes: Int>(
    _ sample: inout PackSample<cells, probes, Real>,
    _ configuration: inout SensingConfiguration<cells, probes, Real>, isFirst: Bool
  ) {
    guard cells > 0 else { return }
    var usable = InlineArray<probes, Bool>(repeating: false)
    var sum: Real = 0
    var count: Real = 0
    for probe in usable.indices where sample.probeTemperature[probe].isUsable {
      usable[probe] = true
      sum += sample.probeTemperature[probe].value
      count += 1
    }
    let mean = count > 0 ? sum / count : .nan
    let isAll = isFirst || sample.interval > 0.1
    let share = isAll ? cells : (cells + 7) / 8
    for _ in 0..<share {
      if nextCell >= cells { nextCell = 0 }
      reconstruct(nextCell, &sample, &configuration, usable: usable, mean: mean)
      nextCell += 1
    }
  }

  @inlinable
  mutating func reconstruct<let cells: Int, let probes: Int>(
    _ cell: Int, _ sample: inout PackSample<cells, probes, Real>,
    _ configuration: inout SensingConfiguration<cells, probes, Real>,
    usable: InlineArray<probes, Bool>, mean: Real
  ) {
    var sum: Real = 0
    var total: Real = 0
    var lost: Real = 0
    for probe in usable.indices {
      let weight = configuration.temperatureGain[cell][probe]
      total += weight.magnitude
      if usable[probe] {
        sum += weight * sample.probeTemperature[probe].value
      } else {
        lost += weight.magnitude
        sum += weight * mean
      }
    }
    let coolantWeight = configuration.temperatureFromCoolant[cell]
    if coolantWeight != 0 {
      total += coolantWeight.magnitude
      if sample.coolantTemperature.isUsable {
        sum += coolantWeight * sample.coolantTemperature.value
      } else {
        lost += coolantWeight.magnitude
        sum += coolantWeight * mean
      }
    }
    let value = sum + configuration.temperatureFromHeat[cell] * heat
    guard value.isFinite, total > 0 else {
      sample.cellTemperature[cell].quality = .missing
      return
    }
    var quality = Quality()
    if lost > 0 { quality = lost > total / 2 ? .missing : .substituted }
    sample.cellTemperature[cell] = Measured(value, quality: quality)
  }
}
