// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// ISO 8601 text of UTC dates, in and out.

extension UTCDate {
  /// The calendar day, for example `2019-07-12`.
  public var dayText: String {
    let digits = Self.padded(year < 0 ? -year : year, to: 4)
    return (year < 0 ? "-" : "") + "\(digits)-\(Self.padded(month, to: 2))-"
      + Self.padded(day, to: 2)
  }

  /// The day and the minute for tables and labels, for example `2019-07-12 08:05`.
  public var minuteText: String {
    "\(dayText) \(Self.padded(hour, to: 2)):\(Self.padded(minute, to: 2))"
  }

  /// ISO 8601 with seconds, for example `2019-07-12T08:05:30Z`; milliseconds only where present.
  public var iso8601: String {
    let time = "\(Self.padded(hour, to: 2)):\(Self.padded(minute, to: 2))"
    let fraction = millisecond == 0 ? "" : ".\(Self.padded(millisecond, to: 3))"
    return "\(dayText)T\(time):\(Self.padded(second, to: 2))\(fraction)Z"
  }

  /// The instant as ISO 8601 text.
  ///
  /// - Parameter secondsSinceEpoch: Seconds since 1970-01-01T00:00:00Z.
  /// - Returns: Text such as `2019-07-12T08:05:30Z`; nil where the instant has no date.
  public static func iso8601(_ secondsSinceEpoch: Double) -> String? {
    UTCDate(secondsSinceEpoch: secondsSinceEpoch)?.iso8601
  }

  /// Reads ISO 8601 text in the extended format.
  ///
  /// Accepts a day (`2019-07-12`) or a day and a time with minutes or seconds, separated by `T`
  /// or a space, with up to nine digits of a fraction (cut to milliseconds), and a zone `Z` or
  /// `±hh:mm`. Text without a zone is taken as UTC. The result is nil if the
  /// text has another form or names a date that does not exist.
  ///
  /// - Parameter iso8601: The text; surrounding blanks are not allowed.
  public init?(iso8601: String) {
    var scanner = DigitScanner(Array(iso8601.utf8))
    let negative = scanner.skip(UInt8(ascii: "-"))
    guard let year = scanner.number(digits: 4), scanner.skip(UInt8(ascii: "-")),
      let month = scanner.number(digits: 2), scanner.skip(UInt8(ascii: "-")),
      let day = scanner.number(digits: 2)
    else { return nil }
    let signedYear = negative ? -year : year
    guard !scanner.isAtEnd else {
      self.init(year: signedYear, month: month, day: day)
      return
    }
    guard scanner.skip(UInt8(ascii: "T")) || scanner.skip(UInt8(ascii: " ")),
      let hour = scanner.number(digits: 2), scanner.skip(UInt8(ascii: ":")),
      let minute = scanner.number(digits: 2)
    else { return nil }
    var second = 0
    var millisecond = 0
    if scanner.skip(UInt8(ascii: ":")) {
      guard let seconds = scanner.number(digits: 2) else { return nil }
      second = seconds
      if scanner.skip(UInt8(ascii: ".")) {
        guard let fraction = scanner.thousandths() else { return nil }
        millisecond = fraction
      }
    }
    guard let offsetMinutes = scanner.zoneOffsetMinutes(), scanner.isAtEnd,
      let local = UTCDate(
        year: signedYear, month: month, day: day, hour: hour, minute: minute, second: second,
        millisecond: millisecond)
    else { return nil }
    self.init(secondsSinceEpoch: local.secondsSinceEpoch - Double(offsetMinutes * 60))
  }

  private static func padded(_ number: Int, to width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.count)) + text
  }
}

/// Reads fixed-width numbers out of ASCII bytes.
private struct DigitScanner {
  let bytes: [UInt8]
  var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  mutating func skip(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  mutating func digit() -> Int? {
    guard position < bytes.count, (48...57).contains(bytes[position]) else { return nil }
    position += 1
    return Int(bytes[position - 1]) - 48
  }

  mutating func number(digits: Int) -> Int? {
    var value = 0
    for _ in 0..<digits {
      guard let next = digit() else { return nil }
      value = value * 10 + next
    }
    return value
  }

  /// One to nine digits after the point, cut to three.
  mutating func thousandths() -> Int? {
    var value = 0
    var count = 0
    while let next = digit() {
      if count < 3 { value = value * 10 + next }
      count += 1
    }
    guard (1...9).contains(count) else { return nil }
    return count == 1 ? value * 100 : count == 2 ? value * 10 : value
  }

  /// Minutes east of UTC; 0 for `Z` and for a missing zone.
  mutating func zoneOffsetMinutes() -> Int? {
    if isAtEnd || skip(UInt8(ascii: "Z")) { return 0 }
    let west = skip(UInt8(ascii: "-"))
    guard west || skip(UInt8(ascii: "+")), let hours = number(digits: 2),
      skip(UInt8(ascii: ":")), let minutes = number(digits: 2), hours < 24, minutes < 60
    else { return nil }
    return (west ? -1 : 1) * (hours * 60 + minutes)
  }
}
