// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The bounded history of a vehicle in buckets of time.

/// The bounded history of a vehicle in buckets of time; the last bucket is still open.
struct BucketHistory: Codable, Hashable, Sendable {
  var clock: BucketClock
  /// Most buckets kept.
  var limit: Int
  /// Closed buckets and, last, the open one.
  var buckets: [Bucket] = []
  /// Rows of the open bucket by band, not yet reduced to medians.
  var open: [OpenBand] = []

  /// The rows of one band of the open bucket.
  struct OpenBand: Codable, Hashable, Sendable {
    var band: Int
    var rows: RowReservoir
  }

  init(offset: Double, limit: Int) {
    clock = BucketClock(offset: offset)
    self.limit = max(8, limit)
  }

  /// Moves on to the bucket of a time that is not before those already seen.
  ///
  /// - Returns: Position of the bucket in ``buckets``.
  mutating func advance(to time: Double, cellCount: Int, probeCount: Int) -> Int {
    let index = clock.index(of: time)
    if let last = buckets.last, last.index == index { return buckets.count - 1 }
    close()
    buckets.append(Bucket(index: index, cellCount: cellCount, probeCount: probeCount))
    while buckets.count > limit { coarsen() }
    return buckets.count - 1
  }

  /// Reduces the rows of the open bucket to medians.
  mutating func close() {
    guard !buckets.isEmpty else { return }
    for band in open where band.rows.offered > 0 {
      buckets[buckets.count - 1].add(
        BandEntry(band: band.band, rows: band.rows.offered, deviations: band.rows.medians()))
    }
    open.removeAll(keepingCapacity: true)
  }

  /// Merges buckets into those of the next length.
  private mutating func coarsen() {
    let old = clock
    clock.rung += 1
    var merged: [Bucket] = []
    for bucket in buckets {
      // The middle of a bucket lies inside the longer one whatever the rounding of its start.
      let index = clock.index(of: old.start(of: bucket.index) + old.length / 2)
      if let last = merged.last, last.index == index {
        merged[merged.count - 1].merge(bucket)
      } else {
        var moved = bucket
        moved.index = index
        merged.append(moved)
      }
    }
    buckets = merged
  }

  /// All buckets with the open one reduced to medians as well.
  func snapshot() -> [Bucket] {
    var copy = self
    copy.close()
    return copy.buckets
  }
}
