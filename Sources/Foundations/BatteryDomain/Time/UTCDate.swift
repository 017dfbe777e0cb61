// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Calendar dates in UTC from seconds since the Unix epoch, and back, without Foundation.

/// A date and time of day in UTC, in the proleptic Gregorian calendar.
///
/// Reports, pages and the command line write `since` and time spans with this type, so that they
/// look the same everywhere. Leap seconds are not counted, as in Unix time.
///
/// Source of the day arithmetic: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013),
/// `days_from_civil` and `civil_from_days`: the year is taken to start in March, so that the leap
/// day comes last, and 400-year eras make every division exact.
public struct UTCDate: Hashable, Sendable {
  /// Year, from −9999 to 9999; year 0 is 1 BC.
  public let year: Int
  /// Month of the year, 1 to 12.
  public let month: Int
  /// Day of the month, 1 to 31.
  public let day: Int
  /// Hour of the day, 0 to 23.
  public let hour: Int
  /// Minute of the hour, 0 to 59.
  public let minute: Int
  /// Second of the minute, 0 to 59.
  public let second: Int
  /// Thousandths of the second, 0 to 999.
  public let millisecond: Int

  /// The date of an instant, rounded down to the millisecond.
  ///
  /// The result is nil if the number is not finite or the year would leave −9999…9999.
  ///
  /// - Parameter secondsSinceEpoch: Seconds since 1970-01-01T00:00:00Z.
  /// - Complexity: O(1).
  public init?(secondsSinceEpoch: Double) {
    guard secondsSinceEpoch.isFinite, secondsSinceEpoch.magnitude < 4e11 else { return nil }
    // Half a microsecond absorbs the rounding of decimal fractions such as 0.001 s.
    let milliseconds = Int((secondsSinceEpoch * 1_000 + 0.000_5).rounded(.down))
    let (days, rest) = Self.floorDivide(milliseconds, by: 86_400_000)
    let date = Self.civil(fromDays: days)
    guard (-9_999...9_999).contains(date.year) else { return nil }
    year = date.year
    month = date.month
    day = date.day
    hour = rest / 3_600_000
    minute = rest / 60_000 % 60
    second = rest / 1_000 % 60
    millisecond = rest % 1_000
  }

  /// A date from its parts; nil if one is out of its range or the month has no such day.
  ///
  /// - Parameters:
  ///   - year: Year from −9999 to 9999.
  ///   - month: Month from 1 to 12.
  ///   - day: Day of the month.
  ///   - hour: Hour from 0 to 23.
  ///   - minute: Minute from 0 to 59.
  ///   - second: Second from 0 to 59.
  ///   - millisecond: Millisecond from 0 to 999.
  public init?(
    year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0,
    millisecond: Int = 0
  ) {
    guard (-9_999...9_999).contains(year), (1...12).contains(month),
      (1...Self.length(ofMonth: month, year: year)).contains(day), (0...23).contains(hour),
      (0...59).contains(minute), (0...59).contains(second), (0...999).contains(millisecond)
    else { return nil }
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
    self.millisecond = millisecond
  }

  /// Seconds since 1970-01-01T00:00:00Z.
  public var secondsSinceEpoch: Double {
    let days = Self.days(fromYear: year, month: month, day: day)
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second
    return Double(seconds * 1_000 + millisecond) / 1_000
  }

  /// Days in a month.
  ///
  /// - Parameters:
  ///   - month: Month from 1 to 12.
  ///   - year: Year in the proleptic Gregorian calendar.
  /// - Returns: 28 to 31.
  public static func length(ofMonth month: Int, year: Int) -> Int {
    switch month {
    case 2:
      year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  private static func floorDivide(_ value: Int, by divisor: Int) -> (Int, Int) {
    let rest = value % divisor
    return rest < 0 ? (value / divisor - 1, rest + divisor) : (value / divisor, rest)
  }

  /// Days since 1970-01-01 of a civil date (Hinnant, `days_from_civil`).
  private static func days(fromYear year: Int, month: Int, day: Int) -> Int {
    let (era, yearOfEra) = floorDivide(month <= 2 ? year - 1 : year, by: 400)
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// Civil date of days since 1970-01-01 (Hinnant, `civil_from_days`).
  private static func civil(fromDays days: Int) -> (year: Int, month: Int, day: Int) {
    let (era, dayOfEra) = floorDivide(days + 719_468, by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}

extension UTCDate: Comparable {
  /// Orders by time.
  public static func < (lhs: UTCDate, rhs: UTCDate) -> Bool {
    lhs.secondsSinceEpoch < rhs.secondsSinceEpoch
  }
}
