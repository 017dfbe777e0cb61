// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the demonstration tells the person who started it.

import Foundation
import TelemetryGateway
import Testbed

/// What the demonstration tells the person who started it.
enum DemoText {
  /// Prints an event to the standard output stream.
  static func print(_ event: DemoFleetService.Event) {
    // The fleet lives on when nobody can be told.
    try? StandardOutput.write(text(event))
  }

  static func text(_ event: DemoFleetService.Event) -> String {
    switch event {
    case .began(let vehicles, let days):
      var lines = [
        "",
        "Demo: \(vehicles.count) simulated vehicles connect and send \(Int(days)) days of history.",
        "What was put into them, for you to find on the page:",
      ]
      for vehicle in vehicles {
        let faults = vehicle.faults.map { words(for: $0.kind) }
        let name = faults.isEmpty ? "healthy" : faults.joined(separator: "; ")
        lines.append("  \(vehicle.identity)  \(name)")
      }
      return lines.joined(separator: "\n") + "\n\n"
    case .live(let reports, let duration):
      let seconds = duration / .seconds(1)
      if reports == 0 {
        return "The vehicles are back where the store ends and drive on at 60 times the clock.\n"
      }
      return "History sent: \(reports) reports in \(String(format: "%.1f", seconds)) s. "
        + "The vehicles now drive on at 60 times the clock until they have caught up with it.\n"
    }
  }

  private static func words(for kind: InjectedFault.Kind) -> String {
    switch kind {
    case .internalShort(let cell, _, _): "internal short growing in cell \(cell)"
    case .looseConnection(let cell, _, _): "loose connection at cell \(cell)"
    case .weakCell(let cell, let loss, _): "cell \(cell) loses \(Int(loss * 100)) % of its capacity"
    case .drainedCell(let cell, _): "cell \(cell) drained at once"
    case .hotModule(let module, let power): "\(Int(power)) W of foreign heat in module \(module)"
    case .coolingFailure(let module): "no coolant in module \(module)"
    case .insulationLoss(let resistance, _): "insulation falling to \(Int(resistance / 1_000)) kΩ"
    case .stuckVoltage(let cell): "reading of cell \(cell) stuck"
    case .stuckTemperature(let probe): "reading of probe \(probe) stuck"
    }
  }
}
