// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Months of the demonstration fleet in release builds: ground truth and cost.

import BatteryDomain
import Foundation
import Testbed
import Testing

@Suite(
  "Demonstration fleet",
  .enabled(if: ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1"))
struct DemoFleetReleaseTests {
  @Test("sixty days of eight vehicles are simulated in seconds and show every fault")
  func months() throws {
    let start = 1_772_323_200.0
    var fleet = DemoFleet.vehicles(start: start)
    var rows = 0
    let duration = ContinuousClock().measure {
      for index in fleet.indices {
        for _ in 0..<60 { rows += fleet[index].advance(days: 1).rowCount }
      }
    }
    let seconds =
      Double(duration.components.seconds) + 1e-18 * Double(duration.components.attoseconds)
    print("testbed: \(rows) rows of 96 cells, \(seconds / 480 * 1e3) ms per vehicle-day")
    #expect(seconds / 480 < 0.2)
    #expect(rows > 8 * 60 * 150)

    func deviation(_ vehicle: SimulatedVehicle, cell: Int) -> Double {
      let sorted = vehicle.pack.stateOfCharge.sorted()
      return vehicle.pack.stateOfCharge[cell - 1] - sorted[48]
    }
    for vehicle in fleet {
      print(
        "testbed: \(vehicle.identity) lowest cell \((vehicle.pack.stateOfCharge.enumerated().min { $0.element < $1.element }?.offset ?? -1) + 1), mean SOC \(vehicle.pack.meanStateOfCharge), spread \((vehicle.pack.stateOfCharge.max() ?? 0) - (vehicle.pack.stateOfCharge.min() ?? 0)), hottest \(vehicle.pack.temperature.max() ?? 0) K, insulation \(vehicle.insulationResistance)"
      )
    }
    #expect(deviation(fleet[1], cell: 41) < -0.05)
    #expect(deviation(fleet[7], cell: 78) != 0)
    #expect(fleet[7].pack.capacity[77] < 0.9 * fleet[7].pack.design.nominalCapacity)
    #expect(fleet[5].insulationResistance < 100_000)
    #expect((fleet[3].pack.connectionResistance[16] - 0.001_2).magnitude < 1e-6)
    let module = fleet[4].pack.temperature[48..<60].reduce(0, +) / 12
    let other = fleet[4].pack.temperature[0..<12].reduce(0, +) / 12
    #expect(module > other + 5)
    for index in [0, 2, 6] {
      let states = fleet[index].pack.stateOfCharge
      #expect((states.max() ?? 1) - (states.min() ?? 0) < 0.04)
    }
  }
}
