// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Dates and durations in text to seconds.

/// Turns the dates and durations that test equipment prints into seconds.
///
/// Dates without an offset are wall-clock times; the reader applies the source's offset from UTC.
enum TimestampParser {
  /// Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
  ///
  /// - Reference: Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
  static func days(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let monthFromMarch = (month + 9) % 12
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// Reads exactly `YYYY-MM-DD hh:mm:ss` (any separators); the form that most loggers print.
  ///
  /// - Parameter text: At least 19 readable bytes.
  /// - Returns: Seconds since 1970-01-01T00:00:00 of the same clock, or nil for another form.
  @inline(__always)
  static func fixedForm(_ text: UnsafePointer<UInt8>) -> Int? {
    var bad: UInt8 = 0
    @inline(__always) func pair(_ at: Int) -> Int {
      let tens = text[at] &- 0x30
      let ones = text[at + 1] &- 0x30
      bad |= (tens > 9 ? 1 : 0) | (ones > 9 ? 1 : 0)
      return Int(tens) &* 10 &+ Int(ones)
    }
    let year = pair(0) &* 100 &+ pair(2)
    let month = pair(5)
    let day = pair(8)
    let hour = pair(11)
    let minute = pair(14)
    let second = pair(17)
    let separator = text[4]
    guard bad == 0, separator == 0x2D || separator == 0x2F, text[7] == separator,
      text[10] == 0x20 || text[10] == 0x54, text[13] == 0x3A, text[16] == 0x3A
    else { return nil }
    guard month >= 1, month <= 12, day >= 1, day <= length(ofMonth: month, year: year),
      hour < 24, minute < 60, second < 61
    else { return nil }
    return days(year: year, month: month, day: day) &* 86_400
      &+ (hour &* 3600 &+ minute &* 60 &+ second)
  }

  private static func length(ofMonth month: Int, year: Int) -> Int {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Reads a date with or without a time of day.
  ///
  /// Forms: `2019-04-15 17:42:30.5`, `2019/4/15 17:42`, `2019-04-15T17:42:30Z`, `…+08:00`,
  /// `4/15/2019 5:42:30 PM` (month first, as Arbin and Maccor print), `15.04.2019 17:42:30` (day
  /// first, as European exports print), `15-Apr-19 5:42:30 PM`.
  ///
  /// - Returns: Seconds since 1970-01-01T00:00:00 of the printed clock, with the offset printed in
  ///   the text, or nil when the text is not such a date.
  static func date(_ text: UnsafeBufferPointer<UInt8>) -> (seconds: Double, offset: Double?)? {
    var scan = Scanner(text)
    scan.skipBlanks()
    guard let first = scan.integer() else { return nil }
    guard let separator = scan.take(anyOf: [0x2D, 0x2F, 0x2E]) else { return nil }
    let named = scan.monthName()
    guard let second = named ?? scan.integer()?.value else { return nil }
    guard scan.take(anyOf: [separator]) != nil, let third = scan.integer() else { return nil }
    let year: Int
    let month: Int
    let day: Int
    if first.digits == 4 {
      (year, month, day) = (first.value, second, third.value)
    } else if named != nil || separator == 0x2E {
      (year, month, day) = (fullYear(third), second, first.value)
    } else {
      (year, month, day) = (fullYear(third), first.value, second)
    }
    guard year >= 1900, year <= 9999, month >= 1, month <= 12, day >= 1,
      day <= length(ofMonth: month, year: year)
    else { return nil }
    var seconds = Double(days(year: year, month: month, day: day) * 86_400)
    var offset: Double?
    _ = scan.take(anyOf: [0x54, 0x74])
    scan.skipBlanks()
    if !scan.atEnd {
      guard let clock = scan.clock(limitHours: true) else { return nil }
      seconds += clock
      offset = scan.zone()
    }
    scan.skipBlanks()
    return scan.atEnd ? (seconds, offset) : nil
  }

  /// Reads a date that is written as a number: an Excel serial, or seconds, milliseconds or
  /// microseconds since the Unix epoch.
  ///
  /// Excel counts days from 1899-12-30 on the clock of the source; serials of the years 1954 to
  /// 2118 lie between 20,000 and 80,000. A Unix time is universal, so the clock of the source does
  /// not shift it; from 1973 to 5138 seconds lie between 10⁸ and 10¹¹, milliseconds and
  /// microseconds a thousand and a million times above.
  ///
  /// - Parameters:
  ///   - number: The number as printed.
  ///   - clockOffset: Seconds that the clock of the source is ahead of UTC.
  /// - Returns: Seconds since 1970-01-01T00:00:00 UTC, or nil.
  static func instant(ofNumber number: Double, clockOffset: Double) -> Double? {
    switch number {
    case 20_000..<80_000: (number - 25_569) * 86_400 - clockOffset
    case 1e8..<1e11: number
    case 1e11..<1e14: number / 1e3
    case 1e14..<1e17: number / 1e6
    default: nil
    }
  }

  private static func fullYear(_ number: (value: Int, digits: Int)) -> Int {
    guard number.digits <= 2 else { return number.value }
    return number.value < 70 ? 2000 + number.value : 1900 + number.value
  }

  /// Reads a duration such as `1:02:03.5`, `26:00:00`, `02:03` or `1d 02:03:04.5`.
  ///
  /// - Returns: Seconds, or nil when the text is not such a duration.
  static func duration(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
    var scan = Scanner(text)
    scan.skipBlanks()
    let negative = scan.take(anyOf: [0x2D]) != nil
    var days = 0
    let start = scan
    if let count = scan.integer(), scan.take(anyOf: [0x64, 0x44]) != nil {
      days = count.value
      scan.skipBlanks()
    } else {
      scan = start
    }
    guard let clock = scan.clock(limitHours: false) else { return nil }
    scan.skipBlanks()
    guard scan.atEnd else { return nil }
    let seconds = Double(days) * 86_400 + clock
    return negative ? -seconds : seconds
  }
}

/// A cursor over the bytes of one field.
private struct Scanner {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var at = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  var atEnd: Bool { at >= bytes.count }

  mutating func skipBlanks() {
    while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x09 { at += 1 }
  }

  mutating func take(anyOf accepted: [UInt8]) -> UInt8? {
    guard at < bytes.count, accepted.contains(bytes[at]) else { return nil }
    at += 1
    return bytes[at - 1]
  }

  /// Up to nine digits.
  mutating func integer() -> (value: Int, digits: Int)? {
    let start = at
    var value = 0
    while at < bytes.count, bytes[at] &- 0x30 < 10, at - start < 9 {
      value = value * 10 + Int(bytes[at] &- 0x30)
      at += 1
    }
    return at == start ? nil : (value, at - start)
  }

  mutating func monthName() -> Int? {
    guard at + 3 <= bytes.count else { return nil }
    let names = [
      "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    let word = String(decoding: bytes[at..<(at + 3)].map { $0 | 0x20 }, as: UTF8.self)
    guard let index = names.firstIndex(of: word) else { return nil }
    at += 3
    return index + 1
  }

  /// `h:mm`, `h:mm:ss`, `h:mm:ss.fff` or with a decimal comma, optionally with AM or PM.
  mutating func clock(limitHours: Bool) -> Double? {
    guard let first = integer(), take(anyOf: [0x3A]) != nil, let second = integer() else {
      return nil
    }
    guard second.value < 60 else { return nil }
    var seconds = 0.0
    var hasSeconds = false
    if take(anyOf: [0x3A]) != nil {
      guard let third = integer(), third.value < 61 else { return nil }
      seconds = Double(third.value)
      hasSeconds = true
      if take(anyOf: [0x2E, 0x2C, 0x3A]) != nil, let fraction = integer() {
        seconds += Double(fraction.value) / DecimalParser.exactPowers[fraction.digits]
        while at < bytes.count, bytes[at] &- 0x30 < 10 { at += 1 }
      }
    }
    guard limitHours else {
      // A duration of two parts is minutes and seconds.
      return hasSeconds
        ? Double(first.value) * 3600 + Double(second.value) * 60 + seconds
        : Double(first.value) * 60 + Double(second.value)
    }
    var hour = first.value
    let before = at
    skipBlanks()
    if at + 2 <= bytes.count, bytes[at + 1] | 0x20 == 0x6D {
      if bytes[at] | 0x20 == 0x70 {
        hour = hour % 12 + 12
        at += 2
      } else if bytes[at] | 0x20 == 0x61 {
        hour %= 12
        at += 2
      }
    } else {
      at = before
    }
    guard hour < 25 else { return nil }
    return Double(hour) * 3600 + Double(second.value) * 60 + seconds
  }

  /// `Z`, `+08:00` or `+0800`, in seconds east of UTC.
  mutating func zone() -> Double? {
    skipBlanks()
    if take(anyOf: [0x5A, 0x7A]) != nil { return 0 }
    guard let sign = take(anyOf: [0x2B, 0x2D]), let hours = integer() else { return nil }
    var seconds: Double
    if hours.digits == 4 {
      seconds = Double(hours.value / 100) * 3600 + Double(hours.value % 100) * 60
    } else {
      seconds = Double(hours.value) * 3600
      if take(anyOf: [0x3A]) != nil, let minutes = integer() {
        seconds += Double(minutes.value) * 60
      }
    }
    return sign == 0x2D ? -seconds : seconds
  }
}
