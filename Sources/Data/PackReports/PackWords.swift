// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A propagation run in words: what happened and what to do about it.

import Foundation
package import PackModels

/// A propagation run in words.
package enum PackWords {
  /// A duration as people say it: `45 s`, `12 min`, `2.5 h`.
  package static func duration(_ seconds: Double) -> String {
    if seconds < 120 { return String(format: "%.0f s", seconds) }
    if seconds < 7_200 { return String(format: "%.1f min", seconds / 60) }
    return String(format: "%.1f h", seconds / 3_600)
  }

  /// How long there is to leave, from the first gas.
  package static func evacuation(_ seconds: Double) -> String {
    if seconds < 30 { return "That is with the first gas: nobody may be inside by then." }
    if seconds < 7_200 {
      return "From the first gas there are \(duration(seconds)) to leave."
    }
    return "From the first gas that is \(duration(seconds)): there is time to leave in order."
  }

  /// A temperature in degrees Celsius.
  package static func celsius(_ kelvin: Double) -> String {
    String(format: "%.0f °C", kelvin - 273.15)
  }

  /// What happened, in one sentence.
  package static func summary(_ pack: PackDescription, _ result: PackResult) -> String {
    let count = result.sequence.count
    switch result.outcome {
    case .noRunaway:
      let peak = result.peaks.max() ?? pack.temperature
      return "No cell ran away; the hottest reached \(celsius(peak))."
    case .contained:
      let place = (result.sequence.first?.cell ?? 0) + 1
      return pack.cellCount == 1
        ? "The cell ran away." : "Cell \(place) ran away and no other followed."
    case .stopped, .wholePack:
      let second = result.timeToSecondCell.map(duration) ?? "–"
      let all = result.timeToWholePack.map { ", the last after \(duration($0))" } ?? ""
      return "\(count) of \(pack.cellCount) cells ran away; the second followed the first after "
        + "\(second)\(all)."
    }
  }

  /// A measure with its price: `2 mm of aerogel between the cells (0.5 kg, about 60 EUR)`.
  package static func priced(_ remedy: PackRemedy, _ pack: PackDescription) -> String {
    let mass =
      remedy.mass < 0.005 ? "no more mass" : String(format: "%.2f kg more", remedy.mass)
    return "\(remedy.words) (\(mass), about "
      + String(format: "%.0f ", max(1, remedy.cost)) + "\(pack.costs.currency))"
  }

  /// Where the prices come from that put measures in order; nil where none was tried.
  package static func prices(_ pack: PackDescription, tried: [PackRemedy]) -> String? {
    guard !tried.isEmpty else { return nil }
    let assumed = pack.costs.values.map(\.key).filter { !pack.costs.given.contains($0) }
    guard !assumed.isEmpty else { return "The order of measures follows the prices of the file." }
    return "The order of measures follows prices and masses that this program assumes ("
      + assumed.joined(separator: ", ") + "); state your own in the table 'measures'."
  }

  /// What a measure buys: cells and time, before and after.
  package static func gain(_ remedy: PackRemedy) -> String {
    let before = remedy.secondBefore.map(duration) ?? "–"
    if remedy.stops {
      return
        "one cell is lost instead of \(remedy.cellsBefore); the second followed after \(before), "
        + "now none does"
    }
    let after = remedy.secondAfter.map(duration) ?? "–"
    return
      "\(remedy.cellsAfter) cells are lost instead of \(remedy.cellsBefore); the second follows "
      + "after \(after) instead of \(before)"
  }

  /// What to do about it, in one or two sentences.
  ///
  /// - Parameters:
  ///   - pack: The pack.
  ///   - result: What it did.
  ///   - remedies: Measures that were tried on this pack and trigger.
  /// - Returns: The advice.
  package static func advice(
    _ pack: PackDescription, _ result: PackResult, remedies: [PackRemedy] = []
  ) -> String {
    switch result.outcome {
    case .noRunaway, .contained:
      return pack.cellCount == 1
        ? "Look at the trigger, not at the pack: there is no neighbour to protect."
        : "The layout holds for this trigger and these values; run `anodyne pack study` with "
          + "tolerances before relying on it."
    case .stopped, .wholePack:
      let second = result.timeToSecondCell ?? 0
      let time =
        second < 300
        ? "The five minutes of warning that GB 38031-2020 and UN GTR 20 ask for are not there"
        : second < 7_200
          ? "There are five minutes of warning, but not the two hours without fire of GB 38031-2025"
          : "The second cell follows after more than two hours, so that GB 38031-2025's observation "
            + "ends before it, but it follows"
      if let stop = remedies.last, stop.stops {
        return "\(time). Add \(priced(stop, pack)): the same run with it shows that \(gain(stop)). "
          + "Check it with tolerances by `anodyne pack study`."
      }
      if let best = remedies.max(by: {
        ($0.secondAfter ?? .infinity) < ($1.secondAfter ?? .infinity)
      }) {
        return "\(time). No measure that was tried stops it; the one that delays it most is "
          + "\(priced(best, pack)): \(gain(best)). Lower the state of charge, or take another cell."
      }
      return "\(time): name the path with `anodyne pack graph`, then try insulation, a vent "
        + "channel or fuses with `anodyne pack study`."
    }
  }

  /// Criteria of standards as rows: name, met, how it is read here.
  package static func criteria(_ result: PackResult) -> [(name: String, met: Bool, note: String)] {
    let second = result.timeToSecondCell
    return [
      (
        "5 minutes (GB 38031-2020, UN GTR 20)", (second ?? .infinity) >= 300,
        "no second cell within 5 min of the first"
      ),
      (
        "2 hours (GB 38031-2025)",
        (second ?? .infinity) >= 7_200
          && (second != nil || result.duration >= 7_200 || isCold(result)),
        "no second cell within 2 h of the first"
      ),
      ("cell to cell (UL 9540A style)", second == nil, "no second cell at all"),
    ]
  }

  /// Whether the run ended because the pack had grown cold again.
  private static func isCold(_ result: PackResult) -> Bool {
    (result.rows.last?.temperatures.max() ?? .infinity) < 333.15
  }
}
