// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Modalities of a thermal event: one alone is recorded, any two are one.

import BMSCore
import Testing

@Suite("Thermal events from several modalities")
struct ThermalEventTests {
  enum Modality: CaseIterable {
    case voltage, pressure, gas, acoustic
  }

  static let pairs = Modality.allCases.flatMap { first in
    Modality.allCases.map { (first, $0) }
  }

  /// A bench that sees the modalities after a quiet second.
  private func seen(_ modalities: [Modality]) -> Bench {
    var bench = Bench.connected(.standby)
    let settings = bench.table.settings
    func disturb(_ share: Double) -> (inout Bench.Sample, inout Bench.Estimate) -> Void {
      { sample, _ in
        sample.pressure = Measured(100_000)
        sample.gas = Measured(0)
        sample.acoustic = Measured(0)
        for modality in modalities {
          switch modality {
          case .voltage:
            sample.cellVoltage[4].value *= 1 - 1.5 * share * settings.eventVoltageDrop
          case .pressure: sample.pressure.value += 1.5 * share * settings.eventPressure
          case .gas: sample.gas.value = 1.5 * share * settings.eventGas
          case .acoustic: sample.acoustic.value = 1.5 * share * settings.eventAcoustic
          }
        }
      }
    }
    bench.disturb = disturb(0)
    bench.run(seconds: 1)
    bench.disturb = disturb(1)
    bench.run(seconds: 4.5)
    return bench
  }

  @Test("Each modality alone is recorded and opens nothing by itself", arguments: Modality.allCases)
  func alone(_ modality: Modality) {
    let bench = seen([modality])
    #expect(bench[.thermalEvent] == .operating)
    if modality != .voltage { #expect(bench.state == .closed) }
  }

  @Test("Any two that agree are a thermal event, and the contactors open", arguments: pairs)
  func together(_ first: Modality, _ second: Modality) throws {
    guard first != second else { return }
    let bench = seen([first, second])
    #expect(bench[.thermalEvent] == .safety)
    let trip = try #require(bench.trips.last { $0.fault == .thermalEvent && $0.level == .safety })
    #expect(trip.value >= 2)
    #expect(!bench.conducts)
    #expect(bench.control.commands.pump == 1 && bench.control.commands.heater == 0)
  }
}
