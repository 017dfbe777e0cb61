// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How the times of one source are shown: dates on its own clock, or hours since its start.

package import BatteryDomain
import Foundation
package import ReportPages

/// How the times of one source are shown: dates on its own wall clock, or time since its start.
package struct SourceClock: Sendable, Hashable {
  /// What the times count from.
  package var reference: TimeReference
  /// Seconds to add to a UTC time to get the source's wall clock.
  package var offset: Double

  /// Creates a clock.
  package init(reference: TimeReference, offset: Double = 0) {
    self.reference = reference
    self.offset = offset
  }

  /// Whether times are dates.
  package var isCalendar: Bool { reference == .unixEpoch }

  /// The name of the time scale for axes and notes, for example `UTC+8`.
  package var zone: String {
    guard isCalendar else { return "hours since start" }
    guard offset != 0 else { return "UTC" }
    let sign = offset < 0 ? "−" : "+"
    let minutes = Int((abs(offset) / 60).rounded())
    let rest = minutes % 60 == 0 ? "" : ":" + String(format: "%02d", minutes % 60)
    return "UTC\(sign)\(minutes / 60)\(rest)"
  }

  /// A day, or hours since the start.
  package func day(_ time: Double) -> String {
    isCalendar ? DisplayText.day(time + offset) : DisplayText.duration(time)
  }

  /// A minute with its zone, or the time since the start.
  package func minute(_ time: Double) -> String {
    guard isCalendar else { return DisplayText.duration(time) }
    return DisplayText.minute(time + offset) + " \(zone)"
  }

  /// Times for a chart's axis.
  package func values(_ times: [Double]) -> ChartValues {
    isCalendar
      ? .times(times.map { $0 + offset }) : .numbers(times.map { $0 / 3600 }, decimals: 4)
  }

  /// A position on a chart's time axis.
  package func position(_ time: Double) -> Double {
    isCalendar ? (time + offset) * 1000 : time / 3600
  }

  /// The time axis of a chart.
  package func axis() -> ChartLayout.Axis {
    isCalendar ? .init(type: "date") : .init("hours since start")
  }

  /// The hover text of a time.
  package var hover: String { isCalendar ? "%{x|%Y-%m-%d %H:%M}" : "%{x:.2f} h" }
}

extension ReportDocument.Input {
  /// How the times of the input are shown.
  package var clock: SourceClock {
    SourceClock(reference: timeReference, offset: wallClockOffset)
  }
}
