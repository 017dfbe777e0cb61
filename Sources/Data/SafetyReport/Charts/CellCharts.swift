// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The figures about one cell test: what they are built from and in which order they stand.

package import CellAnalytics
package import ReportPages

/// The figures about one cell test.
package struct CellCharts: Sendable {
  /// What the analysis found.
  package let assessment: CellTestAssessment
  /// How its times are shown.
  package let clock: SourceClock
  /// Most points of a line.
  package let pointLimit: Int

  /// Prepares the figures of a cell test.
  ///
  /// - Parameters:
  ///   - assessment: What the analysis found.
  ///   - pointLimit: Most points of a line; longer ones are thinned.
  package init(_ assessment: CellTestAssessment, pointLimit: Int = 1200) {
    self.assessment = assessment
    self.pointLimit = max(20, pointLimit)
    clock = SourceClock(reference: assessment.timeReference)
  }

  /// All figures that the data allow, in reading order.
  package func all() -> [Chart] {
    let charts: [Chart?] =
      [fade(), forecasts()] + curves() + [
        efficiency(), constantVoltage(), resistance(), temperature(), pulses(), nyquist(),
        relaxation(),
      ]
    return charts.compactMap { $0 }
  }

  static let ampereHour = 3600.0

  /// Colours from the first to the last of a row of curves.
  static func shade(_ index: Int, of count: Int) -> String {
    guard count > 1 else { return "var(--seq2)" }
    // The lightest shade is hard to see as a line, so the row begins at the second.
    return ["var(--seq1)", "var(--seq2)", "var(--seq3)"][
      min(2, index * 3 / count)]
  }

  /// Every n-th element, so that at most `limit` are left, the last one included.
  func thinned<Element>(_ values: [Element]) -> [Element] {
    guard values.count > pointLimit else { return values }
    let step = (values.count + pointLimit - 1) / pointLimit
    var result = stride(from: 0, to: values.count, by: step).map { values[$0] }
    if (values.count - 1) % step != 0 { result.append(values[values.count - 1]) }
    return result
  }
}
