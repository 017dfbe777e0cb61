// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Numbers and times as the pages write them for people.

import Foundation

/// Numbers and times as the pages write them for people: few digits, UTC, true minus signs.
package enum DisplayText {
  /// A number with up to four significant digits; thousands are grouped by a thin space.
  package static func number(_ value: Double, significant: Int = 4) -> String {
    guard value.isFinite else { return "–" }
    guard value != 0 else { return "0" }
    let magnitude = abs(value)
    let order = Int(log10(magnitude).rounded(.down))
    if order >= 9 || order < -6 {
      return String(format: "%.\(significant - 1)e", value).replacing("-", with: "−")
    }
    let decimals = max(0, significant - 1 - order)
    var text = String(format: "%.\(decimals)f", magnitude)
    if text.contains(".") {
      while text.hasSuffix("0") { text.removeLast() }
      if text.hasSuffix(".") { text.removeLast() }
    }
    return (value < 0 ? "−" : "") + grouped(text)
  }

  /// A number with its unit.
  package static func quantity(_ value: Double, _ unit: String) -> String {
    unit.isEmpty ? number(value) : "\(number(value))\u{202F}\(unit)"
  }

  /// A whole number with grouped thousands.
  package static func count(_ value: Int) -> String {
    (value < 0 ? "−" : "") + grouped(String(value.magnitude))
  }

  /// A share from 0 to 1 as a percentage.
  package static func percent(_ share: Double) -> String {
    share.isFinite ? "\(number(share * 100, significant: 3))\u{202F}%" : "–"
  }

  /// A day, `2019-07-12`, from seconds since the Unix epoch.
  package static func day(_ time: Double) -> String {
    guard time.isFinite, abs(time) < 1e11 else { return "–" }
    return Date(timeIntervalSince1970: time)
      .formatted(.iso8601.year().month().day())
  }

  /// A minute, `2019-07-12 08:30`, from seconds since the Unix epoch.
  package static func minute(_ time: Double) -> String {
    guard time.isFinite, abs(time) < 1e11 else { return "–" }
    let text = Date(timeIntervalSince1970: time).formatted(
      .iso8601.year().month().day().dateTimeSeparator(.space).time(
        includingFractionalSeconds: false))
    return String(text.prefix(16))
  }

  /// A duration in the unit that suits it.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite else { return "–" }
    let size = abs(seconds)
    return switch size {
    case ..<120: quantity(seconds.rounded(), "s")
    case ..<7200: "\(number(seconds / 60, significant: 3))\u{202F}min"
    case ..<172_800: "\(number(seconds / 3600, significant: 3))\u{202F}h"
    default: "\(number(seconds / 86_400, significant: 3))\u{202F}days"
    }
  }

  private static func grouped(_ text: String) -> String {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let digits = Array(parts[0])
    guard digits.count > 4 else { return text }
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { result.append("\u{202F}") }
      result.append(digit)
    }
    return parts.count > 1 ? result + "." + parts[1] : result
  }
}
