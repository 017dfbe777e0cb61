// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// To which voltage the capacity of a discharge counts.

import Foundation
import NumericalMethods

/// The voltage to which the capacity of a discharge counts, and how it is known.
///
/// A cell has no capacity without an end voltage. In order of trust it is
/// 1. what the caller states;
/// 2. the voltage at which our own integration reproduces the capacities the file states;
/// 3. the documented convention of the data set, where the format is known and discharges go
///    that far (NASA PCoE: "capacity for discharge till 2.7 V", whatever the end of discharge);
/// 4. where the discharges of the file end: a tester stops at the first sample at or below its
///    limit, so the limit is the next multiple of 50 mV above where nine tenths of them end.
///
/// Capacity counts up to and including the first sample under load at or below this voltage; it is
/// not interpolated, so it can exceed the exact value by up to one sampling interval of charge.
public struct CutOff: Codable, Hashable, Sendable {
  /// How a cut-off voltage is known.
  public enum Source: String, CaseIterable, Codable, Hashable, Sendable {
    /// The caller states it.
    case stated
    /// The capacities in the file are reproduced at this voltage.
    case reproducesFile = "reproduces_file"
    /// Documented convention of the data set.
    case convention
    /// Inferred from where the discharges end.
    case inferred
  }

  /// The voltage in volts.
  public var voltage: Double
  /// How it is known.
  public var source: Source
  /// Share of the discharges that reach it.
  public var reachedShare: Double
  /// One sentence with the numbers behind it.
  public var explanation: String

  /// Thresholds at which charge is remembered, descending: multiples of 50 mV and the stated one.
  static func thresholds(stated: Double?) -> [Double] {
    var values = (20...76).map { Double($0) / 20 }
    if let stated, !values.contains(where: { abs($0 - stated) < 1e-9 }) { values.append(stated) }
    return values.sorted(by: >)
  }

  /// Documented conventions by the prefix of the format's name.
  static let conventions: [(format: String, voltage: Double, text: String)] = [
    (
      "nasa", 2.7,
      "NASA PCoE battery data set: capacity is defined for discharge till 2.7 V"
    )
  ]

  /// Finds the cut-off voltage of a test.
  ///
  /// - Parameters:
  ///   - discharges: The discharges, with charge at each threshold.
  ///   - thresholds: The thresholds, descending.
  ///   - format: Name of the file format.
  ///   - override: What the caller states.
  /// - Returns: The cut-off, or nil without a discharge.
  static func find(
    _ discharges: [HalfCycle], thresholds: [Double], format: String,
    override: Double?
  ) -> CutOff? {
    let largest = discharges.map(\.charge).max() ?? 0
    let deep = discharges.filter { $0.charge >= 0.5 * largest && $0.charge > 0 }
    guard !deep.isEmpty else { return nil }
    func reached(_ voltage: Double) -> Double {
      let tolerance = 1e-9
      let count = deep.filter { $0.minimumVoltage <= voltage + tolerance }.count
      return Double(count) / Double(deep.count)
    }
    if let override {
      return CutOff(
        voltage: override, source: .stated, reachedShare: reached(override),
        explanation: "stated by the caller")
    }
    if let found = reproducing(discharges, thresholds: thresholds) {
      return CutOff(
        voltage: found.voltage, source: .reproducesFile, reachedShare: reached(found.voltage),
        explanation:
          "the file's own capacities are reproduced at this voltage within "
          + String(format: "%.2f %% (median of %d discharges)", found.error * 100, found.count))
    }
    for convention in conventions
    where format.lowercased().hasPrefix(convention.format) && reached(convention.voltage) >= 0.5 {
      return CutOff(
        voltage: convention.voltage, source: .convention,
        reachedShare: reached(convention.voltage), explanation: convention.text)
    }
    let ends = deep.map(\.minimumVoltage).sorted()
    let upper = RobustStatistics.quantileOfSorted(ends, 0.9)
    // 2 mV of instrument noise must not lift the limit to the next multiple.
    let voltage = ((upper - 0.002) * 20).rounded(.up) / 20
    return CutOff(
      voltage: voltage, source: .inferred, reachedShare: reached(voltage),
      explanation: String(
        format: "%d discharges end between %.3f and %.3f V, nine tenths of them at or below %.3f V",
        ends.count, ends.first ?? 0, ends.last ?? 0, upper))
  }

  private static func reproducing(
    _ discharges: [HalfCycle], thresholds: [Double]
  ) -> (voltage: Double, error: Double, count: Int)? {
    var best: (voltage: Double, error: Double, count: Int)?
    for (index, threshold) in thresholds.enumerated() {
      var errors: [Double] = []
      var eligible = 0
      for discharge in discharges {
        guard let stated = discharge.statedCapacity, stated > 0 else { continue }
        eligible += 1
        guard discharge.thresholdCharge.count > index else { continue }
        errors.append(abs(discharge.thresholdCharge[index] / stated - 1))
      }
      guard errors.count >= 1, errors.count * 2 >= eligible else { continue }
      let error = RobustStatistics.median(errors)
      if error < (best?.error ?? 0.005) { best = (threshold, error, errors.count) }
    }
    return best
  }
}
