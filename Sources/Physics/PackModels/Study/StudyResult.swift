// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a study says of a variant: probabilities with intervals, times, penalties.

public import BatteryDomain
import Foundation
import Quantities

/// One run of a study.
public struct StudyRun: Hashable, Sendable {
  /// How it ended.
  public var outcome: PackOutcome
  /// Cells that ran away.
  public var cells: Int
  /// From the first to the second runaway, in seconds.
  public var timeToSecondCell: Double?
  /// From the first to the last cell's runaway, in seconds.
  public var timeToWholePack: Double?
  /// Heat balance that is unaccounted for.
  public var imbalance: Double

  init(_ result: PackResult) {
    outcome = result.outcome
    cells = result.sequence.count
    timeToSecondCell = result.timeToSecondCell
    timeToWholePack = result.timeToWholePack
    imbalance = result.energy.imbalance
  }
}

/// A probability with its 95 % interval.
public struct Proportion: Hashable, Sendable {
  /// Share of runs.
  public var value: Double
  /// Wilson's 95 % interval (Wilson 1927, doi:10.1080/01621459.1927.10502953).
  public var interval: ClosedRange<Double>

  /// Counts successes.
  public init(_ successes: Int, of count: Int) {
    let n = Double(max(1, count))
    let p = Double(successes) / n
    let z = 1.959_964
    let middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    let half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    value = p
    // Of no or all successes the interval ends exactly at 0 or 1.
    let low = successes == 0 ? 0 : max(0, middle - half)
    let high = successes >= count ? 1 : min(1, middle + half)
    interval = low...high
  }
}

/// What a study says of a variant.
public struct StudyResult: Sendable {
  /// The variant.
  public var variant: PackStudy.Variant
  /// Its runs, in order of seeds.
  public var runs: [StudyRun]

  /// Share of runs in which the first cell ran away at all.
  public var ignition: Proportion { share { $0.cells >= 1 } }
  /// Share of runs in which a second cell ran away (the cell-to-cell criterion of UL 9540A tests).
  public var propagation: Proportion { share { $0.cells >= 2 } }
  /// Share of runs in which every cell ran away.
  public var wholePack: Proportion { share { $0.outcome == .wholePack } }
  /// Share of runs without a second runaway within 5 minutes of the first: the warning time of
  /// GB 38031-2020 and UN GTR 20, the second cell being taken as the hazard.
  public var fiveMinutes: Proportion { share { ($0.timeToSecondCell ?? .infinity) >= 300 } }
  /// Share of runs without a second runaway within two hours: the "no fire, no explosion" of
  /// GB 38031-2025, the second cell being taken as the fire.
  public var twoHours: Proportion { share { ($0.timeToSecondCell ?? .infinity) >= 7_200 } }

  /// Median time from the first to the second runaway among runs that had one, in seconds.
  public var medianTimeToSecondCell: Double? { median(runs.compactMap(\.timeToSecondCell)) }
  /// Median time from the first to the last runaway among runs that lost all, in seconds.
  public var medianTimeToWholePack: Double? { median(runs.compactMap(\.timeToWholePack)) }
  /// Mean number of cells that ran away.
  public var meanCells: Double {
    Double(runs.map(\.cells).reduce(0, +)) / Double(max(1, runs.count))
  }

  private func share(_ test: (StudyRun) -> Bool) -> Proportion {
    Proportion(runs.count(where: test), of: runs.count)
  }

  private func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}

extension PackDescription {
  /// Mass of barriers and fillings between cells, in kg.
  public var addedMass: Double {
    var mass = 0.0
    for pair in arrangement.neighbours where pair.contact != .side {
      let number = max(pair.first, pair.second)
      if let barrier, number % max(1, barrier.every) == 0 {
        mass += pair.area * barrier.thickness * barrier.material.properties.density
      } else if filling != .air {
        mass += pair.area * pair.gap * filling.properties.density
      }
    }
    return mass
  }

  /// Warming of the hottest cell by an hour of 1C in normal service, in kelvin: what barriers
  /// cost in cooling.
  ///
  /// - Complexity: That of a run of one hour without reactions.
  public var normalWarming: Double {
    var normal = self
    normal.trigger.kind = .none
    normal.fuse = nil
    normal.contactorsOpenAt = nil
    normal.connections.loose = nil
    normal.cooling.failsAt = nil
    normal.spread = CellSpread()
    normal.stateOfCharge = 1
    // The heat of 1C in every cell, whatever the wiring: one string of all cells.
    normal.wiring = .groupsInSeries(series: cellCount, parallel: 1)
    normal.load = .current(cell.capacity / 3_600)
    normal.duration = 3_500
    normal.interval = 3_500
    var simulation = PackSimulation(normal)
    let result = simulation.run()
    return (result.peaks.max() ?? temperature) - temperature
  }

  /// What the coupling rules say about the combination of measures.
  public var couplingWarnings: [CouplingRule] {
    let conducting =
      [filling, barrier?.material ?? .air].contains {
        $0.properties.latentHeat > 0 && $0.properties.conductivity > 1
      }
    let insulates = (barrier?.material.properties.conductivity ?? 1) < 0.1
    return CouplingRule.all.filter { rule in
      switch rule.first {
      case "phase-change material of high conductivity": conducting && !insulates
      case "thermal barrier": insulates
      default: false
      }
    }
  }
}
