// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A small generator for choices that must not depend on one another.

import Foundation

/// The generator SplitMix64: every seed starts a sequence of its own.
///
/// - Reference: Steele, Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA
///   2014, doi:10.1145/2660193.2660195.
struct SplitMix: RandomNumberGenerator, Hashable, Sendable {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  /// A number from 0 to 1, without 1.
  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A number of the exponential distribution with a mean.
  mutating func exponential(mean: Double) -> Double { -mean * log(1 - uniform()) }

  /// A number of the normal distribution (Box & Muller 1958, doi:10.1214/aoms/1177706645).
  mutating func normal() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * .pi * uniform())
  }
}
