// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The room around a failing cell: concentrations, danger, flammability.

public import BatteryDomain
import Quantities

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A well-mixed room or enclosure.
public struct Room: Hashable, Sendable {
  /// Air volume, in m³.
  public var volume: Double
  /// Air changes per hour.
  public var airChangesPerHour: Double
  /// Temperature, in kelvin.
  public var temperature: Double

  /// Creates a room; the default is a small room of 30 m³ with half an air change an hour.
  public init(volume: Double = 30, airChangesPerHour: Double = 0.5, temperature: Double = 298.15) {
    self.volume = volume
    self.airChangesPerHour = airChangesPerHour
    self.temperature = temperature
  }

  /// Air in the room, in mol.
  public var airAmount: Double {
    PhysicalConstants.standardAtmosphere * volume / (PhysicalConstants.gas * temperature)
  }

  /// What the gas that leaves cells does to the room.
  ///
  /// - Parameters:
  ///   - result: A run with records.
  ///   - count: Number of equal cells that fail at once.
  ///   - following: Time to follow the room after the last sample, in seconds.
  /// - Returns: Concentrations over time and what they mean.
  /// - Complexity: O(samples · species).
  public func hazard(of result: AbuseResult, count: Double = 1, following: Double = 0)
    -> RoomHazard
  {
    hazard(
      times: result.samples.map(\.time), vented: result.ventedOverTime, count: count,
      following: following)
  }

  /// What gas released over time does to the room.
  ///
  /// Each gas: `n' = in − n·changes`, solved exactly between samples for a steady inflow. After the
  /// last sample the room is followed for as long as asked, with nothing flowing in.
  ///
  /// - Parameters:
  ///   - times: Of the samples, in seconds, ascending.
  ///   - vented: Released so far, in mol: `[time × species]`.
  ///   - count: Number of equal sources.
  ///   - following: Time to follow the room after the last sample, in seconds.
  /// - Returns: Concentrations over time and what they mean.
  /// - Complexity: O(samples · species).
  public func hazard(times: [Double], vented: [Double], count: Double = 1, following: Double = 0)
    -> RoomHazard
  {
    var hazard = RoomHazard(room: self)
    let species = GasSpecies.count
    let rate = airChangesPerHour / 3_600
    var amounts = [Double](repeating: 0, count: species)
    var previousVented = amounts
    var previousTime = 0.0
    func take(_ time: Double) {
      let fractions = amounts.map { $0 / (airAmount + amounts.reduce(0, +)) }
      hazard.append(time: time, fractions: fractions)
    }
    take(0)
    for (index, time) in times.enumerated() {
      let step = max(0, time - previousTime)
      // Long steps of the solver in parts, so that means over exposure times are met.
      let parts = max(1, min(20, (step / 60).rounded(.up)))
      let part = step / parts
      let decay = exp(-rate * part)
      // Mean of e^(−k·s) over the part: what is left of a steady inflow.
      let kept = rate * part > 1e-12 ? -expm1(-rate * part) / (rate * part) : 1
      for place in 1...Int(parts) {
        for k in 0..<species {
          let inflow = count * (vented[index * species + k] - previousVented[k]) / parts
          amounts[k] = amounts[k] * decay + inflow * kept
        }
        take(place == Int(parts) ? time : previousTime + Double(place) * part)
      }
      for k in 0..<species { previousVented[k] = vented[index * species + k] }
      previousTime = time
    }
    let tail = following / 60
    if tail > 0 {
      for _ in 0..<60 {
        previousTime += tail
        for k in 0..<species { amounts[k] *= exp(-rate * tail) }
        take(previousTime)
      }
    }
    return hazard
  }
}

/// Concentrations in a room over time, and what they mean.
public struct RoomHazard: Hashable, Sendable {
  /// The room.
  public let room: Room
  /// Times, in seconds.
  public private(set) var times: [Double] = []
  /// Mole fractions: `[time × species]`.
  public private(set) var fractions: [Double] = []
  /// Part of the lower flammability limit: 1 where the mixture can burn.
  public private(set) var flammability: [Double] = []

  init(room: Room) { self.room = room }

  mutating func append(time: Double, fractions: [Double]) {
    times.append(time)
    self.fractions += fractions
    flammability.append(Self.flammability(fractions))
  }

  /// Le Chatelier: `Σ xᵢ/LFLᵢ` of the gases that burn; 1 at the limit of the mixture.
  ///
  /// - Parameter fractions: Mole fractions in air by ``GasSpecies``.
  /// - Returns: The part of the limit.
  /// - Reference: Le Chatelier (1891); Zabetakis, US Bureau of Mines Bulletin 627 (1965).
  public static func flammability(_ fractions: [Double]) -> Double {
    zip(GasSpecies.allCases, fractions).reduce(0) { sum, pair in
      guard let limit = pair.0.lowerFlammabilityLimit else { return sum }
      return sum + pair.1 / limit
    }
  }

  /// Concentration of a gas at a time of ``times``, in ppm.
  public func partsPerMillion(_ species: GasSpecies, at index: Int) -> Double {
    1e6 * fractions[index * GasSpecies.count + species.rawValue]
  }

  /// Highest concentration of a gas, in ppm.
  public func peak(_ species: GasSpecies) -> Double {
    times.indices.map { partsPerMillion(species, at: $0) }.max() ?? 0
  }

  /// Highest part of the lower flammability limit.
  public var peakFlammability: Double { flammability.max() ?? 0 }

  /// When the concentration immediately dangerous to life or health is first reached, in seconds;
  /// nil where it never is.
  public func timeOfDanger(_ gas: ToxicGas) -> Double? {
    guard let species = GasSpecies.allCases.first(where: { $0.toxic == gas }) else { return nil }
    let limit = gas.immediatelyDangerous.partsPerMillion
    return times.indices.first { partsPerMillion(species, at: $0) >= limit }.map { times[$0] }
  }

  /// The first gas and time at which somebody in the room is in immediate danger, or the mixture
  /// reaches a quarter of its lower flammability limit; nil where neither happens.
  public var firstDanger: (what: String, time: Double)? {
    var found: [(String, Double)] = ToxicGas.allCases.compactMap { gas in
      timeOfDanger(gas).map { (gas.formula, $0) }
    }
    if let index = flammability.firstIndex(where: { $0 >= 0.25 }) {
      found.append(("flammable gas", times[index]))
    }
    return found.min { $0.1 < $1.1 }
  }

  /// Time from the first gas to the first danger: how long there is to leave, in seconds; nil
  /// where there is no danger.
  public var timeToEvacuate: Double? {
    guard let danger = firstDanger else { return nil }
    let begin =
      times.indices.first { index in
        let row = index * GasSpecies.count
        return fractions[row..<row + GasSpecies.count].contains { $0 > 1e-9 }
      }.map { times[$0] } ?? 0
    return max(0, danger.time - begin)
  }

  /// The highest acute exposure level (0, 2 or 3) that the mean over a window of one of the
  /// published durations reaches.
  ///
  /// - Complexity: O(times · durations).
  public func exposureLevel(_ gas: ToxicGas) -> Int {
    guard let species = GasSpecies.allCases.first(where: { $0.toxic == gas }), times.count > 1
    else { return 0 }
    let levels = ExposureLevels.of(gas)
    // Dose up to each time, by trapezoids.
    var doses = [0.0]
    for index in 1..<times.count {
      let mean =
        (partsPerMillion(species, at: index) + partsPerMillion(species, at: index - 1)) / 2
      doses.append(doses[index - 1] + mean * (times[index] - times[index - 1]))
    }
    var highest = 0
    for (column, duration) in ExposureLevels.durations.enumerated() {
      var first = 0
      for index in 1..<times.count {
        while first + 1 < index, times[index] - times[first + 1] >= duration { first += 1 }
        let mean = (doses[index] - doses[first]) / max(duration, times[index] - times[first])
        if mean >= levels.level3[column] { return 3 }
        if mean >= levels.level2[column] { highest = 2 }
      }
    }
    return highest
  }
}
