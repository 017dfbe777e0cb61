// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne abuse --measure: CPU time of repeated runs, and what the usual tolerance loses.

import Foundation
import RunawayModels

/// CPU time of repeated runs in one process, and their error against a tight tolerance.
struct AbuseMeasure {
  /// Smallest and middle CPU time of a run, in milliseconds.
  let smallest: Double
  let middle: Double
  /// A run at the usual tolerance, and one at a thousandth of it.
  let usual: AbuseResult
  let fine: AbuseResult

  /// Measures a test, with all it takes to set it up.
  init(_ simulation: AbuseSimulation, repetitions: Int) {
    var times: [Double] = []
    var result = simulation.run()
    for _ in 0..<repetitions {
      let start = SimulateMeasure.cpuMilliseconds
      result = simulation.run()
      times.append(SimulateMeasure.cpuMilliseconds - start)
    }
    times.sort()
    smallest = times.first ?? 0
    middle = times[times.count / 2]
    usual = result
    var tight = simulation
    tight.tolerance /= 1_000
    fine = tight.run()
  }

  /// One line of JSON.
  var line: String {
    var fields = [
      "\"cell\": \"\(usual.cell.name)\"", "\"test\": \"\(usual.test.name)\"",
      "\"outcome\": \"\(usual.outcome.rawValue)\"",
      String(format: "\"cpu_ms_smallest\": %.4f", smallest),
      String(format: "\"cpu_ms_median\": %.4f", middle), "\"steps\": \(usual.steps)",
      "\"tried_steps\": \(usual.attempts)",
      String(
        format: "\"peak_error_kelvin\": %.3f", usual.peakTemperature - fine.peakTemperature),
    ]
    if let a = usual.event(.runaway), let b = fine.event(.runaway) {
      fields.append(String(format: "\"runaway_error_seconds\": %.3f", a.time - b.time))
    }
    return "{" + fields.joined(separator: ", ") + "}\n"
  }
}
