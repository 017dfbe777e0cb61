// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Recordings that no cell can have made, that hold too little, or that are given twice.

import Foundation
import NumericalMethods

extension Recording {
  /// Median temperatures that a cell under test may have, in kelvin; outside, the unit is wrong.
  static let plausibleTemperatures = 213.15...423.15
  /// Voltage moves by more than this, in volts, when the current of a cell changes.
  static let smallestVoltageSpan = 1e-3

  /// Refuses recordings that hold too little, whose units cannot be right, or that are the same.
  ///
  /// - Parameters:
  ///   - recordings: To be fitted or tested on.
  ///   - needed: Fewest usable samples.
  /// - Throws: ``IdentificationError``.
  /// - Complexity: O(samples + recordings²).
  public static func check(
    _ recordings: [Recording], needed: Int = 20
  ) throws(IdentificationError) {
    for recording in recordings {
      guard recording.count >= needed else {
        throw .tooFewSamples(recording: recording.name, count: recording.count, needed: needed)
      }
      let temperature = recording.medianTemperature
      guard !recording.hasTemperatures || plausibleTemperatures.contains(temperature) else {
        throw .implausibleTemperature(recording: recording.name, kelvin: temperature)
      }
      guard recording.span(\.currents) <= 0 || recording.span(\.voltages) > smallestVoltageSpan
      else {
        throw .constantVoltage(
          recording: recording.name, voltage: recording.voltages[0],
          currentSpan: recording.span(\.currents))
      }
    }
    for (index, recording) in recordings.enumerated() {
      for other in recordings[..<index]
      where other.isSame(as: recording) {
        throw .givenTwice(recording: recording.name, other: other.name)
      }
    }
  }

  /// What was assumed of recordings, in words.
  ///
  /// - Parameter recordings: As they were read.
  /// - Returns: A sentence without a full stop for each recording that has no times.
  public static func assumptions(of recordings: [Recording]) -> [String] {
    recordings.filter(\.assumesTimes).map {
      "\($0.name): no column of time is recognised, and its rows were taken to be 1 s apart; name the "
        + "column with --columns 'time=t[s]', or state the seconds with --interval"
    }
  }

  /// Picks the recordings to test on, and refuses what is no test.
  ///
  /// - Parameters:
  ///   - recordings: Of one file; fragments of one sample are left out.
  ///   - fitted: Recordings that the parameters come from.
  /// - Returns: At least one recording.
  /// - Throws: ``IdentificationError`` when nothing is left, or when a recording is fitted as well.
  public static func tests(
    among recordings: [Recording], fitted: [Recording]
  ) throws(IdentificationError) -> [Recording] {
    let whole = recordings.filter { $0.count > 1 }
    guard !whole.isEmpty else {
      throw .tooFewSamples(
        recording: recordings.first?.name ?? "", count: recordings.first?.count ?? 0, needed: 2)
    }
    for recording in whole where fitted.contains(where: { $0.isSame(as: recording) }) {
      throw .testIsFitted(recording: recording.name)
    }
    return whole
  }

  private func isSame(as other: Recording) -> Bool {
    count == other.count && voltages == other.voltages && currents == other.currents
  }

  /// Largest less smallest charge taken out on the way, in coulombs.
  var chargeSwing: Double {
    let moved = discharged
    return (moved.max() ?? 0) - (moved.min() ?? 0)
  }

  /// Charge of the longest way at `limit` amperes of discharge or more, in coulombs: gaps of up to
  /// a minute do not end it.
  func sustainedDischarge(above limit: Double) -> Double {
    var (best, sum, gap) = (0.0, 0.0, 0.0)
    for row in times.indices.dropFirst() {
      let step = times[row] - times[row - 1]
      if currents[row] >= limit {
        sum += currents[row] * step
        gap = 0
        best = max(best, sum)
      } else {
        gap += step
        if gap > 60 { sum = 0 }
      }
    }
    return best
  }

  private func span(_ values: KeyPath<Recording, [Double]>) -> Double {
    let values = self[keyPath: values]
    return (values.max() ?? 0) - (values.min() ?? 0)
  }
}
