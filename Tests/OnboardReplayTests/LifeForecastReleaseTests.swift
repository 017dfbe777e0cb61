// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The core's forecast of the end of life on measured cells: does its interval hold the truth?

import BMSCore
import Foundation
import Testing

/// Capacities over the cycles of a measured cell, as a share of its first ones.
struct MeasuredLife {
  var group: String
  var capacities: [Double]
  /// Share of the first capacity at which life ends here.
  var limit: Double

  /// The first cycle from which the median of five capacities lies below the limit.
  var end: Int? {
    guard capacities.count > 5 else { return nil }
    return (2..<capacities.count - 2).first {
      capacities[$0 - 2...$0 + 2].sorted()[2] < limit
    }
  }

  /// Capacities by cycle; shares of the median of the first five.
  init(group: String, capacities: [Double], limit: Double) {
    self.group = group
    self.limit = limit
    let first = capacities.prefix(5).sorted()
    let new = first.isEmpty ? 1 : first[first.count / 2]
    self.capacities = capacities.map { $0 / new }
  }

  /// A column of a file of comma-separated values.
  static func column(_ name: String, of file: URL) throws -> [Double] {
    let rows = try String(contentsOf: file, encoding: .utf8).split(whereSeparator: \.isNewline)
    let place = try #require(
      rows.first?.split(separator: ",", omittingEmptySubsequences: false).firstIndex {
        $0 == name
      })
    return rows.dropFirst().map {
      let fields = $0.split(separator: ",", omittingEmptySubsequences: false)
      return place < fields.count ? Double(fields[place]) ?? .nan : .nan
    }
  }

  /// Discharge capacities of a NASA cell: charge until 2.7 V, in ampere-hours.
  static func nasa(_ file: URL) throws -> [Double] {
    let time = try column("Time", of: file)
    let current = try column("Current_measured", of: file)
    let voltage = try column("Voltage_measured", of: file)
    let cycle = try column("cycle_idx", of: file)
    var capacities: [Double] = []
    var isOpen = false
    for row in cycle.indices {
      if row == 0 || cycle[row] != cycle[row - 1] {
        capacities.append(0)
        isOpen = true
        continue
      }
      guard isOpen else { continue }
      let flow = max(0, -(current[row] + current[row - 1]) / 2)
      capacities[capacities.count - 1] += flow * (time[row] - time[row - 1]) / 3_600
      if voltage[row] < 2.7 { isOpen = false }
    }
    return capacities
  }

  /// Every cell of a folder of the feature sets, ordered by name.
  static func folder(_ path: String, group: String, limit: Double) throws -> [MeasuredLife] {
    let root = try #require(MeasuredData.folder).appendingPathComponent(
      "soh_features_pinn4soh/" + path)
    let files = try FileManager.default.contentsOfDirectory(
      at: root, includingPropertiesForKeys: nil
    ).filter { $0.pathExtension == "csv" }
    return try files.sorted { $0.path < $1.path }.map {
      MeasuredLife(group: group, capacities: try column("capacity", of: $0), limit: limit)
    }
  }
}

/// Enabled in release runs with the data sets.
@Suite(
  "Forecast of life on measured cells",
  .enabled(
    if: MeasuredData.folder != nil,
    "needs ANODYNE_RELEASE_TESTS=1 and the data sets in ANODYNE_DATASETS"))
struct LifeForecastReleaseTests {
  struct Score {
    var held = 0
    var count = 0
    var errors: [Double] = []
    var widths: [Double] = []

    func line(_ name: String) -> String {
      func middle(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
      return String(
        format:
          "life %@: interval of 90 %% holds %d of %d (%.0f %%), median off by %.0f %% of life, "
          + "interval %.1f lives wide", name, held, count, 100 * Double(held) / Double(count),
        100 * middle(errors), middle(widths))
    }
  }

  /// Forecasts from 40, 60 and 80 % of each life; what is typical is the median of the others.
  func score(_ cells: [MeasuredLife]) -> Score {
    var score = Score()
    let lives = cells.map { $0.end.flatMap { $0 > 20 ? $0 : nil } }
    for (number, cell) in cells.enumerated() {
      guard let life = lives[number] else { continue }
      let others = lives.indices.filter { $0 != number }.compactMap { lives[$0] }.sorted()
      let typical = others.isEmpty ? 1.5 * Double(life) : Double(others[others.count / 2])
      for share in [0.4, 0.6, 0.8] {
        var forecast = LifeForecast<Double>(expectedLife: typical, seed: 1)
        let stop = Int(share * Double(life))
        for cycle in stride(from: 0, to: stop, by: max(1, stop / 40)) {
          // A discharge that was broken off says nothing.
          guard cell.capacities[cycle] > 0.3 else { continue }
          forecast.add(capacity: cell.capacities[cycle], deviation: 0.005, use: Double(cycle))
        }
        guard let found = forecast.end(at: cell.limit) else { continue }
        score.count += 1
        if found.early <= Double(life), found.late >= Double(life) { score.held += 1 }
        score.errors.append(abs(found.median / Double(life) - 1))
        score.widths.append((found.late - found.early) / Double(life))
      }
    }
    return score
  }

  @Test("The interval of 90 % holds the end of life of cells its settings were not made on")
  func coverage() throws {
    let folder = try #require(MeasuredData.folder)
    var kept = Score()
    var nasa: [MeasuredLife] = []
    for name in ["B0005", "B0006", "B0036"] {
      let file = folder.appendingPathComponent("nasa_pcoe/discharge_csv/\(name).csv")
      nasa.append(
        MeasuredLife(group: "NASA", capacities: try MeasuredLife.nasa(file), limit: 0.8))
    }
    let calce = try ["CS2_35", "CS2_36"].map {
      MeasuredLife(
        group: "CALCE",
        capacities: try MeasuredLife.column(
          "capacity", of: folder.appendingPathComponent("calce_cs2/\($0).csv")), limit: 0.8)
    }
    let groups = [
      ("NASA (NCA), kept back", nasa), ("CALCE (LCO), kept back", calce),
      ("HUST (LFP), kept back", try MeasuredLife.folder("HUST", group: "HUST", limit: 0.8)),
      (
        "MIT (LFP), kept back",
        try MeasuredLife.folder("MIT/2017-05-12", group: "MIT", limit: 0.85)
          + MeasuredLife.folder("MIT/2017-06-30", group: "MIT", limit: 0.85)
      ),
    ]
    for (name, cells) in groups {
      let found = score(cells)
      print(found.line(name))
      kept.held += found.held
      kept.count += found.count
      kept.errors += found.errors
      kept.widths += found.widths
    }
    print(kept.line("all kept back"))
    #expect(kept.count >= 40)
    #expect(Double(kept.held) >= 0.85 * Double(kept.count), "\(kept.line("kept back"))")
    let tuned =
      try MeasuredLife.folder("XJTU", group: "XJTU", limit: 0.85)
      + MeasuredLife.folder("TJU/Dataset_1_NCA_battery", group: "TJU", limit: 0.8)
      + MeasuredLife.folder("TJU/Dataset_2_NCM_battery", group: "TJU", limit: 0.8)
      + MeasuredLife.folder("TJU/Dataset_3_NCM_NCA_battery", group: "TJU", limit: 0.8)
    print(score(tuned).line("XJTU and TJU (NMC, NCA), settings made on these"))
  }
}
