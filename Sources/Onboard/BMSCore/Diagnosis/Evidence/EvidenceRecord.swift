// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The frozen ring around one trip.

/// Thirty seconds before and after a trip at 1 Hz, and the fast samples around it.
public struct EvidenceRecord<let cells: Int, let probes: Int, Real: CoreReal>: Sendable {
  /// The trip; its number is 0 in an empty record.
  public var trip = Trip<Real>()
  /// The row in force at the trip.
  public var row: DiagnosisRow<Real> = .vacant
  /// Votes of the modalities at the trip.
  public var votes: ThermalVotes = ThermalVotes()
  /// One sample a second before the trip, oldest first.
  public var before: InlineArray<30, EvidenceSample<cells, probes>> =
    InlineArray(repeating: EvidenceSample())
  /// Number of samples in `before`.
  public var beforeCount = 0
  /// The cycle of the trip.
  public var moment = EvidenceSample<cells, probes>()
  /// One sample a second after the trip.
  public var after: InlineArray<30, EvidenceSample<cells, probes>> =
    InlineArray(repeating: EvidenceSample())
  /// Number of samples in `after`.
  public var afterCount = 0
  /// The last cycles up to and including the trip, oldest first.
  public var fastBefore: InlineArray<32, FastSample> = InlineArray(repeating: FastSample())
  /// Number of samples in `fastBefore`.
  public var fastBeforeCount = 0
  /// The cycles after the trip.
  public var fastAfter: InlineArray<32, FastSample> = InlineArray(repeating: FastSample())
  /// Number of samples in `fastAfter`.
  public var fastAfterCount = 0

  /// An empty record.
  @inlinable
  public init() {}

  /// Whether the thirty seconds after the trip are complete.
  @inlinable
  public var isComplete: Bool { trip.number > 0 && afterCount == 30 }
}
