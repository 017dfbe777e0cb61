// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reduces voltage deviations to like state of charge.

import NumericalMethods

/// Reduces voltage deviations to like state of charge.
///
/// A cell that holds less charge than its siblings shows a voltage difference proportional to the
/// local slope of open-circuit voltage over charge. The slope comes from the pack itself: mean
/// reported charge by band of pack voltage, made monotonic (pool adjacent violators; Barlow et
/// al., 1972, Statistical Inference under Order Restrictions), differenced over neighbours.
struct LikeChargeModel: Sendable {
  /// Mean state of charge of a band within which the display is trusted to be proportional to
  /// charge: near both ends battery management systems compress or freeze it.
  static let trustedCharge = 0.10...0.93
  /// Fewest rows of a band that enter the curve.
  static let fewestRows = 5
  /// Bounds of a band's slope relative to the usual one: flatter bands carry no information about
  /// charge, and at steeper ones the display of charge is least reliable.
  static let bounds = 0.4...2.0

  /// Usual slope in volts per unit state of charge; nil without a usable state of charge.
  let referenceSlope: Double?
  private let bands: [Int]
  private let factors: [Double]
  private let charges: [Double]

  init(_ curve: OpenCircuitCurve) {
    let usable = curve.bands.filter {
      $0.rows >= Self.fewestRows && Self.trustedCharge.contains($0.charge / Double($0.rows))
    }
    guard usable.count >= 3 else {
      (referenceSlope, bands, factors, charges) = (nil, [], [], [])
      return
    }
    let rows = usable.map { Double($0.rows) }
    let voltage = usable.map { $0.voltage / Double($0.rows) }
    let charge = Self.monotonic(usable.map { $0.charge / Double($0.rows) }, weights: rows)
    var slopes: [Double] = []
    for position in usable.indices {
      let low = max(0, position - 1)
      let high = min(usable.count - 1, position + 1)
      // 0.3 % of charge: below it the difference is the rounding of the display.
      slopes.append((voltage[high] - voltage[low]) / max(charge[high] - charge[low], 0.003))
    }
    let order = slopes.indices.sorted { slopes[$0] < slopes[$1] }
    let half = rows.reduce(0, +) / 2
    var below = 0.0
    var reference = slopes[order[order.count / 2]]
    for position in order {
      below += rows[position]
      if below >= half {
        reference = slopes[position]
        break
      }
    }
    guard reference > 0 else {
      (referenceSlope, bands, factors, charges) = (nil, [], [], [])
      return
    }
    referenceSlope = reference
    bands = usable.map(\.band)
    factors = slopes.map {
      max(Self.bounds.lowerBound, min(Self.bounds.upperBound, $0 / reference))
    }
    charges = charge
  }

  /// Slope of a band relative to the usual one; 1 without a curve.
  func factor(of band: Int) -> Double { nearest(band, in: factors) ?? 1 }

  /// State of charge of a band; nil without a curve.
  func charge(of band: Int) -> Double? { nearest(band, in: charges) }

  private func nearest(_ band: Int, in values: [Double]) -> Double? {
    guard !bands.isEmpty else { return nil }
    let above = bands.firstIndex { $0 >= band } ?? bands.count - 1
    let below = max(0, above - 1)
    return abs(bands[above] - band) <= abs(bands[below] - band) ? values[above] : values[below]
  }

  /// Pool adjacent violators: the closest ascending sequence in weighted least squares.
  static func monotonic(_ values: [Double], weights: [Double]) -> [Double] {
    var blocks: [(value: Double, weight: Double, count: Int)] = []
    for (value, weight) in zip(values, weights) {
      blocks.append((value, weight, 1))
      while blocks.count > 1, blocks[blocks.count - 2].value > blocks[blocks.count - 1].value {
        let last = blocks.removeLast()
        let before = blocks.removeLast()
        let total = before.weight + last.weight
        blocks.append(
          (
            (before.value * before.weight + last.value * last.weight) / total, total,
            before.count + last.count
          ))
      }
    }
    return blocks.flatMap { Array(repeating: $0.value, count: $0.count) }
  }
}
