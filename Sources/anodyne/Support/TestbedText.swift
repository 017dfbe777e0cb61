// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The scorecard of the testbed as text.

import BatteryDomain
import Foundation
import Testbed

/// The scorecard as text.
enum TestbedText {
  /// One block a detector, then the controller.
  static func table(_ card: Scorecard) -> String {
    var text = String(format: "%d runs, %.1f vehicle-days\n", card.runs, card.days)
    for score in card.detectors {
      text += String(
        format: "\n%@: %d of %d named; %d named otherwise; %d false alarms in %.0f healthy days, ",
        score.detector, score.detected.count, score.detected.total, score.misnamed,
        score.falseAlarms, score.healthyDays)
      text += String(format: "at most %.3g per 1,000 (95 %%)\n", score.falseAlarmUpperBound)
      for row in score.classes {
        text += "  " + words(row) + "\n"
      }
    }
    for pair in card.comparisons where pair.interval.count == 2 {
      text += String(
        format: "%@ against %@: %+.1f %% (95 %%: %+.1f to %+.1f)\n", pair.first, pair.second,
        pair.difference * 100, pair.interval[0] * 100, pair.interval[1] * 100)
    }
    return text + "\n" + controller(card.controller)
  }

  private static func words(_ row: ClassScore) -> String {
    var text = "\(row.fault.rawValue), \(row.chemistry.label): "
    text += "\(row.detected.count)/\(row.detected.total), right part \(row.isolated.count)"
    text += ", precision \(row.precision.count)/\(row.precision.total)"
    if row.warnedTwoHours.total > 0, row.fault == .internalShort {
      text += ", two hours before runaway \(row.warnedTwoHours.count)/\(row.warnedTwoHours.total)"
      text += " (ideal \(row.attainableTwoHours.count))"
    }
    if row.delay.count == 3 {
      text += String(format: ", delay %.4g s, at most %.4g s", row.delay[0], row.delay[2])
    }
    if row.shortResistance.count == 3, row.leakedAmpereHours.count == 3 {
      text += String(
        format: ", at %.2g Ω and %.2g Ah", row.shortResistance[1], row.leakedAmpereHours[1])
    }
    return text
  }

  private static func controller(_ score: ControllerScore) -> String {
    var text = "controller\n"
    for row in score.deadlines {
      text += String(
        format: "  %@: action inside %g s in %d of %d", row.cause.rawValue, row.deadline,
        row.met.count, row.met.total)
      if let latency = row.latency {
        text += String(format: ", median %.3g s, at most %.3g s", latency.median, latency.largest)
      }
      text += "\n"
    }
    text += "  wrong trips: \(score.recovered.total), recovered \(score.recovered.count)"
    if let recovery = score.recovery { text += String(format: ", median %.3g s", recovery.median) }
    text += "\n"
    for row in score.estimation {
      guard let square = row.rootMeanSquare, let largest = row.largest else { continue }
      text += String(
        format: "  state of charge, %@: RMSE %@ %%, largest %.1f %%, %d of %d settle below 2 %%",
        row.chemistry.label, spread(square, times: 100), largest.largest * 100,
        row.converged.count, row.converged.total)
      if let time = row.convergence {
        text += String(format: " (median after %.3g h)", time.median / 3_600)
      }
      text += "\n"
    }
    if let energy = score.balancing {
      text += "  balancing: \(spread(energy, times: 1)) Wh a day\n"
    }
    if let spread = score.temperatureSpread {
      text += String(
        format: "  temperature spread: median %.1f K, at most %.1f K\n", spread.median,
        spread.largest)
    }
    return text
  }

  /// A mean with its interval.
  static func spread(_ score: ScoredMean, times factor: Double) -> String {
    guard score.interval.count == 2 else { return String(format: "%.2f", score.mean * factor) }
    return String(
      format: "%.2f (%.2f–%.2f)", score.mean * factor, score.interval[0] * factor,
      score.interval[1] * factor)
  }
}
