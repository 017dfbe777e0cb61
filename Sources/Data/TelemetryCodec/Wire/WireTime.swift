// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The six time bytes of the protocol and their place on the Unix time line.

/// The six time bytes of a data unit: years since 2000 to seconds, always at UTC+8.
///
/// The bytes are kept as they were sent, even when they name no real time.
public struct WireTime: Hashable, Sendable {
  /// Years since 2000, 0–99.
  public var yearSince2000: UInt8
  /// Month, 1–12.
  public var month: UInt8
  /// Day of the month, 1–31.
  public var day: UInt8
  /// Hour, 0–23.
  public var hour: UInt8
  /// Minute, 0–59.
  public var minute: UInt8
  /// Second, 0–59.
  public var second: UInt8

  /// Seconds that the wall clock of the protocol is ahead of UTC.
  public static let offsetFromUTC: Int64 = 8 * 3_600

  /// Unix time of 2000-01-01T00:00:00+08:00, the first time that can be sent.
  public static let firstUnixSeconds: Int64 = 946_684_800 - offsetFromUTC

  /// Unix time of 2099-12-31T23:59:59+08:00, the last time that can be sent.
  public static let lastUnixSeconds: Int64 = 4_102_444_799 - offsetFromUTC

  /// Wraps six bytes.
  public init(
    yearSince2000: UInt8, month: UInt8, day: UInt8, hour: UInt8, minute: UInt8, second: UInt8
  ) {
    self.yearSince2000 = yearSince2000
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
  }

  /// The wall clock at a Unix time; nil outside the years 2000 to 2099 at UTC+8.
  ///
  /// - Parameter unixSeconds: Whole seconds since 1970-01-01T00:00:00Z.
  /// - Reference: Days to calendar date after E. M. Reingold & N. Dershowitz, Calendrical
  ///   Calculations (2018), with the year shifted to start in March.
  public init?(unixSeconds: Int64) {
    guard unixSeconds >= Self.firstUnixSeconds, unixSeconds <= Self.lastUnixSeconds else {
      return nil
    }
    let local = unixSeconds + Self.offsetFromUTC - 946_684_800
    let secondOfDay = local % 86_400
    // Days since 2000-03-01 shifted by one leap cycle of four years to stay positive; no century
    // exception falls into 2000 to 2099, so every fourth year is a leap year.
    let shifted = local / 86_400 - 60 + 1_461
    let cycle = shifted / 1_461
    let dayOfCycle = shifted % 1_461
    let yearOfCycle = min(dayOfCycle / 365, 3)
    let dayOfYear = dayOfCycle - 365 * yearOfCycle
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let dayOfMonth = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let isNextYear = monthFromMarch >= 10
    let year = 4 * (cycle - 1) + yearOfCycle + (isNextYear ? 1 : 0)
    self.init(
      yearSince2000: UInt8(truncatingIfNeeded: year),
      month: UInt8(truncatingIfNeeded: monthFromMarch + (isNextYear ? -9 : 3)),
      day: UInt8(truncatingIfNeeded: dayOfMonth),
      hour: UInt8(truncatingIfNeeded: secondOfDay / 3_600),
      minute: UInt8(truncatingIfNeeded: secondOfDay / 60 % 60),
      second: UInt8(truncatingIfNeeded: secondOfDay % 60))
  }

  /// Seconds since 1970-01-01T00:00:00Z; nil when the bytes name no real time.
  public var unixSeconds: Int64? {
    guard yearSince2000 <= 99, month >= 1, month <= 12, day >= 1, day <= daysInMonth,
      hour <= 23, minute <= 59, second <= 59
    else { return nil }
    let isNextYear = month <= 2
    let year = Int64(yearSince2000) + 4 - (isNextYear ? 1 : 0)
    let monthFromMarch = Int64(month) + (isNextYear ? 9 : -3)
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + Int64(day) - 1
    let days = 365 * year + year / 4 + dayOfYear - 1_461 + 60
    let secondOfDay = Int64(hour) * 3_600 + Int64(minute) * 60 + Int64(second)
    return 946_684_800 + days * 86_400 + secondOfDay - Self.offsetFromUTC
  }

  private var daysInMonth: UInt8 {
    switch month {
    case 4, 6, 9, 11: 30
    case 2: yearSince2000.isMultiple(of: 4) ? 29 : 28
    default: 31
    }
  }
}
