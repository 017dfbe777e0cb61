// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A recording prepared for the fit: state of charge, rows to use, clusters of related rows.

import Foundation

/// A recording prepared for the fit.
struct FitRows {
  let recording: Recording
  /// State of charge at every sample.
  let charge: [Double]
  /// Rows that enter the fit, ascending.
  private(set) var kept: [Int]
  /// Number of the cluster of each kept row; rows of one cluster err together.
  private(set) var cluster: [Int]

  /// Samples that follow a change of the current are taken at times in a geometric row, twelve a
  /// decade, so that a second of a pulse counts like an hour of rest.
  static let ratio = 1.2

  init(_ recording: Recording, initialCharge: Double, capacity: Double) {
    self.recording = recording
    charge = recording.discharged.map { initialCharge - $0 / capacity }
    let (times, currents) = (recording.times, recording.currents)
    let largest = currents.map(abs).max() ?? 0
    var kept: [Int] = []
    var cluster: [Int] = []
    var number = 0
    var clusterStart = 0.0
    var changed = 0.0
    var next = 0.0
    for row in times.indices {
      if row > 0 {
        let change = abs(currents[row] - currents[row - 1])
        if change > 0.005 * largest + 0.02 * abs(currents[row - 1]) {
          changed = times[row - 1]
          next = 0
          if times[row] - clusterStart > 300 {
            number += 1
            clusterStart = times[row]
          }
        }
      }
      if times[row] - clusterStart > 1_800 {
        number += 1
        clusterStart = times[row]
      }
      let since = times[row] - changed
      guard row == 0 || since >= next else { continue }
      next = max(Self.ratio * since, since + 0.05)
      kept.append(row)
      cluster.append(number)
    }
    let stride = max(1, kept.count / Self.limit)
    self.kept = stride == 1 ? kept : kept.indices.filter { $0 % stride == 0 }.map { kept[$0] }
    self.cluster =
      stride == 1 ? cluster : cluster.indices.filter { $0 % stride == 0 }.map { cluster[$0] }
  }

  /// The same recording with the kept rows of some clusters.
  func keeping(_ isKept: (Int) -> Bool) -> FitRows {
    var copy = self
    let places = kept.indices.filter { isKept(cluster[$0]) }
    copy.kept = places.map { kept[$0] }
    copy.cluster = places.map { cluster[$0] }
    return copy
  }

  /// Most rows of one recording.
  static let limit = 12_000
}
