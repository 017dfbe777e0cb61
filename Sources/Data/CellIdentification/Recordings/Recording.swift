// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Time, current, voltage and temperature of one test without a break.

import NumericalMethods

/// Time, current, voltage and temperature of one test, in SI, discharge current positive.
///
/// The current of a sample flowed since the sample before it.
public struct Recording: Sendable {
  /// Name for people.
  public var name: String
  /// Seconds from the first sample, strictly ascending.
  public private(set) var times: [Double]
  /// Amperes; discharge is positive.
  public private(set) var currents: [Double]
  /// Volts.
  public private(set) var voltages: [Double]
  /// Kelvin; where the source has none, that of the neighbours, or the assumed one.
  public private(set) var temperatures: [Double]
  /// Whether the source has no times and its rows were taken to be a second apart.
  public internal(set) var assumesTimes = false
  /// Whether the source has temperatures.
  public let hasTemperatures: Bool

  /// Creates a recording from samples in order; those that are not finite or do not advance in time
  /// are left out.
  ///
  /// - Parameters:
  ///   - name: Name for people.
  ///   - times: Seconds.
  ///   - currents: Amperes, discharge positive.
  ///   - voltages: Volts.
  ///   - temperatures: Kelvin; NaN or an empty array where not known.
  ///   - assumedTemperature: Kelvin, where the source has none at all.
  public init(
    name: String, times: [Double], currents: [Double], voltages: [Double],
    temperatures: [Double] = [], assumedTemperature: Double = 298.15
  ) {
    self.name = name
    self.times = []
    self.currents = []
    self.voltages = []
    self.temperatures = []
    var known = Double.nan
    let given = temperatures.first { $0.isFinite }
    hasTemperatures = given != nil
    known = given ?? assumedTemperature
    for row in times.indices where row < currents.count && row < voltages.count {
      let (time, current, voltage) = (times[row], currents[row], voltages[row])
      guard time.isFinite, current.isFinite, voltage.isFinite else { continue }
      if let last = self.times.last, time <= last { continue }
      if row < temperatures.count, temperatures[row].isFinite { known = temperatures[row] }
      self.times.append(time)
      self.currents.append(current)
      self.voltages.append(voltage)
      self.temperatures.append(known)
    }
    if let start = self.times.first, start != 0 {
      for row in self.times.indices { self.times[row] -= start }
    }
  }

  /// Number of samples.
  public var count: Int { times.count }

  /// Duration in seconds.
  public var duration: Double { times.last ?? 0 }

  /// Median temperature in kelvin.
  public var medianTemperature: Double { RobustStatistics.median(temperatures) }

  /// Charge taken out since the first sample, in coulombs, at every sample.
  public var discharged: [Double] {
    var sum = 0.0
    return times.indices.map { row in
      if row > 0 { sum += currents[row] * (times[row] - times[row - 1]) }
      return sum
    }
  }

  /// The samples before the temperature leaves a band about its median for good.
  ///
  /// A test in a cold chamber often ends with a charge in the warm; that part tells nothing about
  /// the cold cell.
  public func withinTemperature(band: Double = 8) -> Recording {
    let middle = medianTemperature
    var end = count
    var outside = 0
    for row in temperatures.indices {
      if abs(temperatures[row] - middle) <= band {
        outside = 0
      } else {
        outside += 1
        if outside == 5 {
          end = row - 4
          break
        }
      }
    }
    return prefix(end)
  }

  /// The first samples.
  public func prefix(_ length: Int) -> Recording { slice(0..<min(length, count)) }

  /// Some of the samples, with time from the first of them.
  public func slice(_ rows: Range<Int>) -> Recording {
    Recording(
      name: name, times: Array(times[rows]), currents: Array(currents[rows]),
      voltages: Array(voltages[rows]), temperatures: Array(temperatures[rows]))
  }

  /// Jumps of the current above a size between samples at most 15 s apart, and the resistance of
  /// each: minus the jump of the voltage over that of the current.
  ///
  /// - Parameter threshold: In amperes.
  /// - Returns: The rows after each jump with its resistance in ohms.
  public func jumps(above threshold: Double) -> [(row: Int, resistance: Double)] {
    var found: [(row: Int, resistance: Double)] = []
    for row in times.indices.dropFirst() {
      let change = currents[row] - currents[row - 1]
      guard abs(change) > threshold, times[row] - times[row - 1] <= 15 else { continue }
      found.append((row, (voltages[row - 1] - voltages[row]) / change))
    }
    return found
  }
}
