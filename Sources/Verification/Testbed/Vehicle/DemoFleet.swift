// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Eight vehicles with known faults for demonstrations and end-to-end tests.

import Quantities

/// Eight vehicles, five of them with a fault, for demonstrations and end-to-end tests.
public enum DemoFleet {
  /// The vehicles at the start of their history.
  ///
  /// - Parameters:
  ///   - start: Start of the history in seconds since the Unix epoch.
  ///   - historyDays: Length of the history; faults begin after the first third and are well
  ///     developed at its end.
  ///   - seed: Seed of everything random.
  ///   - sampling: How often rows are taken.
  /// - Returns: The vehicles; the healthy ones have no ``SimulatedVehicle/faults``.
  public static func vehicles(
    start: Double, historyDays: Double = 60, seed: UInt64 = 2_026,
    sampling: SimulatedVehicle.Sampling = .init()
  ) -> [SimulatedVehicle] {
    let onset = start + historyDays / 3 * PhysicalConstants.secondsPerDay
    // Two thirds of the history pass with the fault; ramps and halvings scale with it.
    let developing = historyDays * 2 / 3
    let faults: [[InjectedFault.Kind]] = [
      [],
      // A tenth of the cell's charge lost over forty days of a history of sixty.
      [.internalShort(cell: 41, resistance: 1_500, halvingDays: developing / 4)],
      [],
      [.looseConnection(cell: 17, resistance: 0.001_2, rampDays: developing / 2)],
      [.coolingFailure(module: 5), .hotModule(module: 5, power: 15)],
      [.insulationLoss(resistance: 60_000, rampDays: developing)],
      [],
      [.weakCell(cell: 78, capacityLoss: 0.12, rampDays: developing)],
    ]
    return faults.enumerated().map { index, kinds in
      var usage = UsagePattern()
      // Drivers differ: shorter and longer trips, charging more or less often.
      usage.tripDuration = 1_500 + 300 * Double(index)
      usage.eveningChargeProbability = 0.25 + 0.05 * Double(index % 4)
      return SimulatedVehicle(
        identity: "DEMO000000000000\(index + 1)", usage: usage, sampling: sampling,
        faults: kinds.map { InjectedFault($0, onset: onset) },
        seed: seed &+ UInt64(index) &* 7_919, start: start)
    }
  }
}
