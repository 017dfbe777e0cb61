// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The figures about one vehicle: what they are built from and in which order they stand.

import BatteryDomain
package import FleetAnalytics
package import ReportPages

/// The figures about one vehicle, for the report and for live pages.
package struct VehicleCharts: Sendable {
  /// What the analysis found.
  package let assessment: VehicleAssessment
  /// How its times are shown.
  package let clock: SourceClock
  /// Most points of a line.
  package let pointLimit: Int

  /// Prepares the figures of a vehicle.
  ///
  /// - Parameters:
  ///   - assessment: What the analysis found.
  ///   - pointLimit: Most points of a line; longer series are thinned, extremes kept.
  package init(_ assessment: VehicleAssessment, pointLimit: Int = 1200) {
    self.assessment = assessment
    self.pointLimit = max(2, pointLimit)
    clock = SourceClock(
      reference: assessment.timeReference, offset: assessment.wallClockOffset)
  }

  /// All figures that the data allow, in reading order.
  package func all() -> [Chart] {
    [
      leadingCells(), heatMap(), standing(), scores(), spread(), operation(),
      temperatureSpread(), insulation(), alarms(), chargeCapacity(),
    ].compactMap { $0 }
  }

  /// Cells named by findings above a note, the most urgent first, at most four.
  var leadingCellNumbers: [Int] {
    var seen: Set<Int> = []
    var numbers: [Int] = []
    for finding in assessment.findings where finding.severity > .note {
      guard case .cell(let number) = finding.subject, seen.insert(number).inserted else {
        continue
      }
      numbers.append(number)
    }
    return Array(numbers.prefix(4))
  }

  /// Dashed lines where findings set in, with their labels.
  ///
  /// - Parameter cellsOnly: Whether only findings about cells are marked.
  /// - Returns: Lines and labels, at most three.
  func onsetMarks(cellsOnly: Bool = false) -> (
    shapes: [ChartLayout.Shape], notes: [ChartLayout.Annotation]
  ) {
    var shapes: [ChartLayout.Shape] = []
    var notes: [ChartLayout.Annotation] = []
    var seen: Set<String> = []
    for finding in assessment.findings where finding.severity > .note {
      if cellsOnly, finding.subject.part != .cell { continue }
      guard let since = finding.since, since.isFinite, shapes.count < 3,
        seen.insert(finding.subject.label).inserted
      else { continue }
      let x = clock.position(since)
      shapes.append(.vertical(x, color: Self.color(finding.severity)))
      notes.append(
        .init(
          "\(finding.subject.label) since \(clock.day(since))", x: x, y: 1, xref: "x",
          yref: "paper", xanchor: "right", yanchor: "top",
          font: .init(size: 11, color: Self.color(finding.severity))))
    }
    return (shapes, notes)
  }

  /// The colour of a severity in the page's theme.
  static func color(_ severity: Severity) -> String {
    switch severity {
    case .stop: "var(--stop)"
    case .act: "var(--act)"
    case .watch: "var(--watch)"
    case .note: "var(--c0)"
    }
  }

  /// Colours of lines that stand for cells.
  static let lineColors = ["var(--c2)", "var(--c1)", "var(--c4)", "var(--c3)"]
}

extension Sequence<Double?> {
  /// The values with NaN, which charts show as a gap, for nil.
  var withGaps: [Double] { map { $0 ?? .nan } }
}
