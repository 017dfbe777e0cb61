// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tells a short outside the cells from inrush, precharge and heavy load within milliseconds.

/// Decides on an external short from current, string voltage and link voltage.
///
/// Suspicion: a current that only a short can carry, or a lost current reading while the string
/// voltage collapses. Inrush is told apart by its charge, which the link capacitor bounds, and by its
/// decay; precharge by its resistor, which keeps the current below suspicion; a spike by lasting one
/// sample. Decision after two samples and 2 ms (or after one cycle where cycles are longer).
public struct ExternalShort<Real: CoreReal>: Sendable, BitwiseCopyable {
  @usableFromInline var reference: Real = .nan
  @usableFromInline var onsetMilliseconds: UInt32 = 0
  @usableFromInline var samples: UInt32 = 0
  @usableFromInline var charge: Real = 0
  @usableFromInline var previous: Real = 0
  @usableFromInline var sinceClosing: UInt32 = .max
  @usableFromInline var wasConnected = false

  /// No history.
  @inlinable
  public init() {}

  /// Advances by one cycle.
  ///
  /// - Parameters:
  ///   - sample: The sample.
  ///   - milliseconds: Duration of the cycle.
  ///   - isConnected: Whether the positive main contactor is commanded closed.
  ///   - configuration: The configuration.
  /// - Returns: Above 1 once decided: the current over the threshold of a short; else at most 0.99.
  @inlinable
  public mutating func advance<let cells: Int, let probes: Int>(
    _ sample: inout PackSample<cells, probes, Real>, milliseconds: UInt32, isConnected: Bool,
    configuration: inout DiagnosisConfiguration<Real>
  ) -> Indicator<Real> {
    let facts = configuration.facts
    let settings = configuration.settings
    if isConnected && !wasConnected { sinceClosing = 0 }
    if isConnected { sinceClosing = sinceClosing &+ min(milliseconds, .max - sinceClosing) }
    wasConnected = isConnected
    let voltage = sample.packVoltage.isUsable ? sample.packVoltage.value : .nan
    let seconds = Real(milliseconds) / 1000
    // A saturated sensor reports its end of scale as out of range: its size still counts.
    let saturates = !sample.current.quality.isDisjoint(with: .outOfRange | .rateTooHigh)
    let current =
      sample.current.isUsable || saturates ? sample.current.value.magnitude.finite(or: 0) : 0
    let sags = reference > 0 && (reference - voltage) / reference > settings.shortSag
    let isHigh = current > facts.shortCurrent
    let isLost = !sample.current.isUsable && sags
    guard isHigh || isLost else {
      if voltage.isFinite {
        if reference.isNaN { reference = voltage }
        reference += seconds / (1 + seconds) * (voltage - reference)
      }
      samples = 0
      onsetMilliseconds = 0
      charge = 0
      previous = current
      return Indicator(min(0.99, current / facts.shortCurrent).finite(or: 0))
    }
    let decays = !isLost && samples > 0 && current < 0.6 * previous
    previous = current
    samples = min(samples &+ 1, 1_000_000)
    onsetMilliseconds = min(onsetMilliseconds &+ milliseconds, 1_000_000)
    charge += current * seconds
    let inrush = 1.5 * facts.linkCapacitance * voltage.finite(or: reference.finite(or: 0))
    let isInrush = sinceClosing <= settings.inrushMilliseconds && charge <= inrush
    let lasts = samples >= 2 && onsetMilliseconds >= 2
    let decided = lasts && !decays && !isInrush
    let size = isLost ? 1.01 : max(1.01, current / facts.shortCurrent)
    return Indicator(decided ? size : 0.99)
  }
}
