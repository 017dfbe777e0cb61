// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Resistance of every cell position from steps of the current, compared with the siblings.

/// A loose weld or bolt adds resistance to one cell position; steps of the current show it.
///
/// Least squares with forgetting over steps: R = −Σ ΔV·ΔI / Σ ΔI², for each cell with the same steps.
/// The indicator is the largest R over the mean of all other cells, known after forty steps. Steps
/// count that change the voltage of a new cell by 5 mV or more, so that a resolution of 1 mV averages
/// out.
public struct LooseConnection<let cells: Int, Real: CoreReal>: Sendable {
  @usableFromInline var voltage: InlineArray<cells, Real> = InlineArray(repeating: .nan)
  @usableFromInline var product: InlineArray<cells, Real> = InlineArray(repeating: 0)
  @usableFromInline var square: Real = 0
  @usableFromInline var current: Real = .nan
  @usableFromInline var steps = 0
  @usableFromInline var latest = Indicator<Real>.unknown

  /// No history.
  @inlinable
  public init() {}

  /// Advances by one cycle.
  ///
  /// - Returns: The largest ratio with its cell; unknown before forty steps.
  /// - Complexity: O(cells) in cycles with a step of current, else O(1).
  @inlinable
  public mutating func advance<let probes: Int>(
    _ sample: inout PackSample<cells, probes, Real>, facts: PackFacts<Real>
  ) -> Indicator<Real> {
    guard sample.current.isUsable, sample.current.value.isFinite, facts.cellResistance > 0 else {
      current = .nan
      return latest
    }
    let step = sample.current.value - current
    if current.isNaN || step.magnitude * facts.cellResistance >= 0.005 {
      let counts = !current.isNaN
      current = sample.current.value
      fold(&sample, step: counts ? step : 0)
    }
    return latest
  }

  @inlinable
  mutating func fold<let probes: Int>(
    _ sample: inout PackSample<cells, probes, Real>, step: Real
  ) {
    let keep: Real = 0.98
    if step != 0 { square = keep * square + step * step }
    var sum: Real = 0
    var largest = -Real.infinity
    var at = -1
    for cell in 0..<cells {
      let reading = sample.cellVoltage[cell]
      let usable = reading.isUsable && reading.value.isFinite
      let change = usable && voltage[cell].isFinite ? reading.value - voltage[cell] : .nan
      voltage[cell] = usable ? reading.value : .nan
      guard step != 0 else { continue }
      // A cell without a reading keeps its estimate: its product grows as its siblings' squares do.
      let folded = change.isNaN ? product[cell] * step * step / square : -change * step
      product[cell] = keep * product[cell] + folded.finite(or: 0)
      sum += product[cell]
      if product[cell] > largest { (largest, at) = (product[cell], cell) }
    }
    guard step != 0 else { return }
    steps = min(steps + 1, 40)
    guard steps == 40, cells > 2 else { return }
    let others = (sum - largest) / Real(cells - 1)
    latest = others > 0 ? Indicator(largest / others, at: at) : .unknown
  }
}
