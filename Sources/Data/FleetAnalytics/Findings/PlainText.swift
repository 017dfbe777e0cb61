// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Numbers and dates as people read them, without a locale.

import BatteryDomain

/// Numbers and dates as people read them, without a locale.
struct PlainText: Sendable {
  /// Offset of the wall clock from the times, in seconds.
  var offset: Double
  /// Whether times count from the epoch, so that dates make sense.
  var hasDates: Bool

  /// A date as `2019-07-12`, or the days since the start where times count from it.
  func date(_ time: Double) -> String {
    guard hasDates else { return "day \(Self.number(time / 86_400, digits: 1))" }
    guard let date = UTCDate(secondsSinceEpoch: time + offset) else { return "unknown" }
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(date.year)-\(two(date.month))-\(two(date.day))"
  }

  /// A length of time in its largest sensible unit.
  static func duration(_ seconds: Double) -> String {
    switch abs(seconds) {
    case ..<120: "\(number(seconds, digits: 0)) s"
    case ..<7200: "\(number(seconds / 60, digits: 0)) min"
    case ..<172_800: "\(number(seconds / 3600, digits: 1)) h"
    default: "\(number(seconds / 86_400, digits: 1)) days"
    }
  }

  /// Millivolts with a sign, from volts.
  static func millivolts(_ volts: Double) -> String {
    let value = (volts * 1000).rounded()
    return value < 0 ? "−\(Int(-value)) mV" : "+\(Int(value)) mV"
  }

  /// A number with a fixed count of decimals, with a true minus sign.
  static func number(_ value: Double, digits: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "unknown" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int((abs(value) * scale).rounded())
    let whole = scaled / Int(scale)
    var text = "\(whole)"
    if digits > 0 {
      let rest = "\(scaled % Int(scale))"
      text += "." + String(repeating: "0", count: digits - rest.count) + rest
    }
    return value < 0 && scaled != 0 ? "−" + text : text
  }

  /// A share in percent.
  static func percent(_ share: Double, digits: Int = 0) -> String {
    "\(number(share * 100, digits: digits)) %"
  }

  /// Degrees Celsius from kelvin.
  static func celsius(_ kelvin: Double) -> String { "\(number(kelvin - 273.15, digits: 0)) °C" }
}
