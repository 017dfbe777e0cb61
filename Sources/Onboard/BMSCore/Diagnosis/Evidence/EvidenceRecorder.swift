// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Keeps the last thirty seconds and freezes them when a row trips.

/// The live rings and two frozen records.
///
/// Trips from the recommended level on are frozen. The first record keeps the first trip of the
/// highest level; the second the newest other one. A record that is still filling gives way only to a
/// trip of a higher level.
public struct EvidenceRecorder<let cells: Int, let probes: Int, Real: CoreReal>: Sendable {
  /// The first trip of the highest level since the log was cleared.
  public var first = EvidenceRecord<cells, probes, Real>()
  /// The newest other trip.
  public var latest = EvidenceRecord<cells, probes, Real>()
  @usableFromInline var ring: InlineArray<30, EvidenceSample<cells, probes>> =
    InlineArray(repeating: EvidenceSample())
  @usableFromInline var ringCount = 0
  @usableFromInline var ringNext = 0
  @usableFromInline var fast: InlineArray<32, FastSample> = InlineArray(repeating: FastSample())
  @usableFromInline var fastCount = 0
  @usableFromInline var fastNext = 0
  @usableFromInline var nextMilliseconds: UInt64 = 0

  /// Empty rings.
  @inlinable
  public init() {}

  /// Forgets the frozen records, not the live rings.
  @inlinable
  public mutating func clear() {
    first = EvidenceRecord()
    latest = EvidenceRecord()
  }

  /// Takes one cycle.
  ///
  /// - Complexity: O(1), and O(cells + probes) once a second.
  @inlinable
  mutating func record(
    _ sample: PackSample<cells, probes, Real>, features: PackFeatures<Real>,
    stateOfCharge: Real, contactors: ContactorCommand, worst: FaultLevel,
    at uptimeMilliseconds: UInt64
  ) {
    var moment = FastSample()
    moment.timeMilliseconds = uptimeMilliseconds
    moment.current = Float(sample.current.value)
    moment.packVoltage = EvidenceSample<cells, probes>.float(sample.packVoltage)
    moment.linkVoltage = EvidenceSample<cells, probes>.float(sample.linkVoltage)
    moment.lowestVoltage = Float(features.lowestVoltage.value)
    moment.highestVoltage = Float(features.highestVoltage.value)
    moment.highestTemperature = Float(features.highestTemperature.value)
    first.take(moment)
    latest.take(moment)
    fast[fastNext] = moment
    fastNext = fastNext == 31 ? 0 : fastNext + 1
    fastCount = min(32, fastCount + 1)
    guard uptimeMilliseconds >= nextMilliseconds else { return }
    nextMilliseconds = uptimeMilliseconds &+ 1000
    let whole = EvidenceSample(
      sample, stateOfCharge: stateOfCharge, contactors: contactors, worst: worst,
      at: uptimeMilliseconds)
    first.take(whole)
    latest.take(whole)
    ring[ringNext] = whole
    ringNext = ringNext == 29 ? 0 : ringNext + 1
    ringCount = min(30, ringCount + 1)
  }

  /// Freezes the rings for a trip.
  @inlinable
  mutating func freeze(
    _ trip: Trip<Real>, row: DiagnosisRow<Real>, votes: ThermalVotes,
    moment: EvidenceSample<cells, probes>
  ) {
    guard trip.level >= .recommended else { return }
    if trip.level > first.trip.level {
      // The first record moves on only if it says something of its own.
      if first.trip.number > 0, first.trip.fault != trip.fault { latest = first }
      begin(&first, trip, row, votes, moment)
    } else if latest.trip.number == 0 || latest.isComplete || trip.level > latest.trip.level {
      begin(&latest, trip, row, votes, moment)
    }
  }

  @inlinable
  func begin(
    _ record: inout EvidenceRecord<cells, probes, Real>, _ trip: Trip<Real>,
    _ row: DiagnosisRow<Real>, _ votes: ThermalVotes, _ moment: EvidenceSample<cells, probes>
  ) {
    record.trip = trip
    record.row = row
    record.votes = votes
    record.moment = moment
    record.afterCount = 0
    record.fastAfterCount = 0
    record.beforeCount = ringCount
    for place in 0..<ringCount {
      record.before[place] = ring[(ringNext + 30 - ringCount + place) % 30]
    }
    record.fastBeforeCount = fastCount
    for place in 0..<fastCount {
      record.fastBefore[place] = fast[(fastNext + 32 - fastCount + place) % 32]
    }
  }
}

extension EvidenceRecord {
  @inlinable
  mutating func take(_ sample: FastSample) {
    guard trip.number > 0, fastAfterCount < 32 else { return }
    fastAfter[fastAfterCount] = sample
    fastAfterCount += 1
  }

  @inlinable
  mutating func take(_ sample: EvidenceSample<cells, probes>) {
    guard trip.number > 0, afterCount < 30 else { return }
    after[afterCount] = sample
    afterCount += 1
  }
}
