// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Buckets of time whose length grows so that their number stays bounded.

/// Divides time into buckets of one length, taken from a ladder that ends in doublings of a day.
///
/// Lengths divide each other, so buckets of one rung merge into those of the next; they are
/// aligned to midnight of the source's wall clock.
struct BucketClock: Codable, Hashable, Sendable {
  /// Bucket lengths up to a day, in seconds.
  static let ladder: [Double] = [300, 900, 3600, 10_800, 21_600, 43_200, 86_400]

  /// Offset of the wall clock from the times, in seconds.
  var offset: Double
  /// Present rung.
  var rung = 0

  /// Length of a bucket in seconds.
  var length: Double {
    rung < Self.ladder.count
      ? Self.ladder[rung]
      : Self.ladder[Self.ladder.count - 1] * Double(1 << min(rung - Self.ladder.count + 1, 40))
  }

  /// Number of the bucket that holds a time.
  func index(of time: Double) -> Int {
    let position = ((time + offset) / length).rounded(.down)
    return Int(max(-1e15, min(1e15, position)))
  }

  /// Start of a bucket.
  func start(of index: Int) -> Double { Double(index) * length - offset }
}
