// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a propagation run gives: rows, events, outcome, energy balance.

public import RunawayModels

/// One recorded time of a run.
public struct PackRow: Hashable, Sendable {
  /// Time in seconds.
  public var time: Double
  /// Mean temperature of each cell, in kelvin.
  public var temperatures: [Double]
  /// Voltage of the terminals, in volts.
  public var voltage: Double
  /// Current of the terminals, in amperes, discharge positive.
  public var current: Double
  /// Heat released by reactions and shorts since the last row, in watts on average.
  public var heat: Double
  /// Gas that has left the cells so far, in mol.
  public var gas: Double
  /// Vent gas outside the pack so far, in mol: all of ``gas`` where there is no housing.
  public var gasOutside: Double
  /// Pressure in the housing above the surroundings, in Pa; 0 without one.
  public var pressure: Double
  /// Gas in each compartment of the housing, in kelvin.
  public var gasTemperatures: [Double]
  /// Part of the lower flammability limit that the mixture in the housing reaches.
  public var flammability: Double
}

/// The heat of a run: where it came from and where it is.
public struct EnergyLedger: Hashable, Sendable {
  /// Released by reactions, in joules.
  public var chemical = 0.0
  /// Dissipated from the cells' electrical energy, in joules.
  public var electrical = 0.0
  /// Given by the trigger, in joules.
  public var trigger = 0.0
  /// Given to cells by burning gas, in joules.
  public var flames = 0.0
  /// Heat of all gas that burnt, in joules: what is not in ``flames`` goes up with the smoke and is not in
  /// the balance.
  public var burnt = 0.0
  /// Taken by the ambient, in joules.
  public var ambient = 0.0
  /// Taken by the coolant, in joules.
  public var coolant = 0.0
  /// Carried out by ejected mass, or by gas out of the housing, in joules.
  public var ejected = 0.0
  /// More heat stored than at the start, in joules.
  public var stored = 0.0

  /// What is unaccounted for, relative to the largest amount: what was released, what passed through, or
  /// what is stored.
  public var imbalance: Double {
    let released = chemical + electrical + trigger + flames
    let found = ambient + coolant + ejected + stored
    let largest = [released, ambient, coolant, ejected, stored].map(abs).max() ?? 0
    return abs(released - found) / max(1, largest)
  }
}

/// What a propagation run gives.
public struct PackResult: Sendable {
  /// How it ended.
  public var outcome: PackOutcome
  /// Recorded times.
  public var rows: [PackRow]
  /// Events in order of time.
  public var events: [PackEvent]
  /// Start of runaway of each cell, in seconds; nil where it did not run away.
  public var runawayTimes: [Double?]
  /// Highest mean temperature of each cell, in kelvin.
  public var peaks: [Double]
  /// Highest temperature of any part of any cell, in kelvin.
  public var hottest: Double
  /// Heat balance.
  public var energy: EnergyLedger
  /// Time of the end, in seconds.
  public var duration: Double
  /// Steps of the network.
  public var steps: Int
  /// Part of the reaction heat that each cell released, 0 to 1.
  public var consumed: [Double]
  /// Highest pressure in the housing above the surroundings, in Pa; 0 without one.
  public var peakPressure: Double
  /// What the gas does to the enclosure; nil without one.
  public var hazard: RoomHazard?

  /// Cells that ran away, in order of time.
  public var sequence: [(cell: Int, time: Double)] {
    runawayTimes.enumerated().compactMap { index, time in time.map { (index, $0) } }
      .sorted { $0.time == $1.time ? $0.cell < $1.cell : $0.time < $1.time }
  }

  /// Time from the first to the second runaway, in seconds; nil where there is no second.
  public var timeToSecondCell: Double? {
    let order = sequence
    return order.count > 1 ? order[1].time - order[0].time : nil
  }

  /// Time from the first runaway to the last cell's, in seconds; nil unless all ran away.
  public var timeToWholePack: Double? {
    let order = sequence
    guard let first = order.first, let last = order.last, order.count == runawayTimes.count else {
      return nil
    }
    return last.time - first.time
  }
}
