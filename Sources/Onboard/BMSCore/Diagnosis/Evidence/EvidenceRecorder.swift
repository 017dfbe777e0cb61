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
    _ sample: inout PackSample<cells, probes, Real>, features: PackFeatures<Real>,
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
      &sample, stateOfCharge: stateOfCharge, contactors: contactors, worst: worst,
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
      if first.trip.number > 0, first.trip.fault != trip.fault { latest.copy(&first) }
      first.begin(
        trip, row, votes, moment, ring: &ring, count: ringCount, next: ringNext, fast: &fast,
        fastCount: fastCount, fastNext: fastNext)
    } else if latest.trip.number == 0 || latest.isComplete || trip.level > latest.trip.level {
      latest.begin(
        trip, row, votes, moment, ring: &ring, count: ringCount, next: ringNext, fast: &fast,
        fastCount: fastCount, fastNext: fastNext)
    }
  }
}

extension EvidenceRecord {
  /// Becomes equal to another record, sample by sample: a whole one would pass over the stack.
  @inlinable
  mutating func copy(_ other: inout EvidenceRecord) {
    trip = other.trip
    row = other.row
    votes = other.votes
    moment = other.moment
    beforeCount = other.beforeCount
    afterCount = other.afterCount
    fastBeforeCount = other.fastBeforeCount
    fastAfterCount = other.fastAfterCount
    for place in 0..<30 {
      before[place] = other.before[place]
      after[place] = other.after[place]
    }
    for place in 0..<32 {
      fastBefore[place] = other.fastBefore[place]
      fastAfter[place] = other.fastAfter[place]
    }
  }

  /// Begins with a trip and what the live rings hold of the time before it.
  @inlinable
  mutating func begin(
    _ trip: Trip<Real>, _ row: DiagnosisRow<Real>, _ votes: ThermalVotes,
    _ moment: EvidenceSample<cells, probes>,
    ring: inout InlineArray<30, EvidenceSample<cells, probes>>, count: Int, next: Int,
    fast: inout InlineArray<32, FastSample>, fastCount: Int, fastNext: Int
  ) {
    self.trip = trip
    self.row = row
    self.votes = votes
    self.moment = moment
    afterCount = 0
    fastAfterCount = 0
    beforeCount = count
    for place in 0..<count { before[place] = ring[(next + 30 - count + place) % 30] }
    fastBeforeCount = fastCount
    for place in 0..<fastCount {
      fastBefore[place] = fast[(fastNext + 32 - fastCount + place) % 32]
    }
  }

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
