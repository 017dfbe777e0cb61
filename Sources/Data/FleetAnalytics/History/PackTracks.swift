// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Extremes and rates of the pack as a whole.

/// Extremes and rates of the pack as a whole.
struct PackTracks: Codable, Hashable, Sendable {
  /// Lowest and highest cell voltage of successive rows.
  var cellVoltage = RangeExtremes()
  /// Insulation resistance as reported.
  var insulation = ScalarTrack()
  /// Hottest and coldest probe of successive rows.
  var temperature = RangeExtremes()
  /// Spread between probes.
  var spread = SustainedExtreme()
  /// Highest temperature of each probe that three successive rows reach, in kelvin.
  var probeMaxima: [SustainedExtreme] = []
  /// Probes of the last rows, from which the present rise is measured.
  private var rise: [RisePoint] = []
  /// Fastest sustained rise of a probe, in kelvin a second.
  private(set) var fastestRise: Double?

  private struct RisePoint: Codable, Hashable, Sendable {
    var time: Double
    var probes: CellVector
  }

  /// Shortest span over which a rise is taken, in seconds: probes resolve 1 K, and two probes'
  /// steps within one second would read as 1 K/s.
  static let riseSpan = 30.0

  mutating func widen(probeCount: Int) {
    while probeMaxima.count < probeCount { probeMaxima.append(SustainedExtreme()) }
  }

  /// Adds the probes of a row.
  ///
  /// - Returns: Lowest, median and highest plausible probe, in kelvin; nil without any.
  mutating func addTemperatures(
    _ values: [Double], from base: Int, count: Int, time: Double, isContinuous: Bool,
    into sums: inout ThermalSums, scratch: inout [Double]
  ) -> (low: Double, median: Double, high: Double)? {
    guard count > 0 else { return nil }
    let median = CellRow.median(values, from: base, count: count, scratch: &scratch)
    guard median.isFinite else { return nil }
    var low = median
    var high = median
    var usable = 0
    for probe in 0..<count {
      let value = values[base + probe]
      if value.isNaN { continue }
      usable += 1
      // A probe far colder than the median is broken (an open thermistor reads the bottom of its
      // scale); a far hotter one is a hazard and stays in.
      if value < median - 30 { continue }
      low = min(low, value)
      high = max(high, value)
      sums.deviationSums.values[probe] += Float(value - median)
      sums.deviationCounts.values[probe] += 1
      probeMaxima[probe].add(value)
    }
    if let sustained = temperature.add(low: low, high: high) {
      sums.maximum = max(sums.maximum ?? sustained.high, sustained.high)
      sums.minimum = min(sums.minimum ?? sustained.low, sustained.low)
    }
    if usable >= 2 {
      sums.rows += 1
      sums.spreadSum += high - low
      if let sustained = spread.add(high - low) {
        sums.spreadMaximum = max(sums.spreadMaximum ?? sustained.high, sustained.high)
      }
    }
    addRise(
      CellVector((base..<(base + count)).map { Float(values[$0]) }), time: time,
      isContinuous: isContinuous, into: &sums)
    return (low, median, high)
  }

  /// Takes the rise of each probe over at least ``riseSpan`` and at least 3 K, three steps of a
  /// probe. The same probe is read at both ends: another one coming back is no rise.
  private mutating func addRise(
    _ probes: CellVector, time: Double, isContinuous: Bool, into sums: inout ThermalSums
  ) {
    if !isContinuous { rise.removeAll(keepingCapacity: true) }
    rise.append(RisePoint(time: time, probes: probes))
    while rise.count > 2, time - rise[1].time >= Self.riseSpan { rise.removeFirst() }
    guard rise.count >= 3, let first = rise.first else { return }
    let span = time - first.time
    guard span >= Self.riseSpan else { return }
    let middle = rise[rise.count / 2].probes
    for probe in probes.values.indices {
      let change = Double(probes.values[probe] - first.probes[probe])
      // Only a rise that the middle of the span confirms: one hot reading is no rise.
      guard change >= 3, middle[probe] > first.probes[probe], middle[probe] <= probes.values[probe]
      else { continue }
      let rate = change / span
      fastestRise = max(fastestRise ?? rate, rate)
      sums.rateMaximum = max(sums.rateMaximum ?? rate, rate)
    }
  }
}

/// Sustained extremes of a signal that has a low and a high end in each row.
struct RangeExtremes: Codable, Hashable, Sendable {
  private var lows = SustainedExtreme()
  private var highs = SustainedExtreme()

  var minimum: Double? { lows.minimum }
  var maximum: Double? { highs.maximum }

  /// Adds a row; returns what the last three rows all reach.
  @discardableResult
  mutating func add(low: Double, high: Double) -> (low: Double, high: Double)? {
    let reachedLow = lows.add(low)
    let reachedHigh = highs.add(high)
    guard let reachedLow, let reachedHigh else { return nil }
    return (reachedLow.low, reachedHigh.high)
  }
}

/// Minimum and usual value of a reported scalar.
struct ScalarTrack: Codable, Hashable, Sendable {
  private(set) var extremes = SustainedExtreme()
  /// A thinned sample of all values.
  private(set) var sample = RowReservoir(width: 1, limit: 128)

  mutating func add(_ value: Double) {
    extremes.add(value)
    sample.offer([value], from: 0, minus: 0)
  }

  /// Median of the thinned sample.
  var median: Double? {
    let value = sample.medians()[0]
    return value.isNaN ? nil : Double(value)
  }
}
