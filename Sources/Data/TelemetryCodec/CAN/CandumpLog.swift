// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Lines of candump: the log format and the one for people.

/// Lines that the program candump writes.
public enum CandumpLog {
  /// Reads one line.
  ///
  /// Understood are the log format, `(1700000000.123456) can0 1F334455#1122334455667788`, CAN FD
  /// with `##`, remote requests with `#R`, and the format for people,
  /// `(000.000) can0  123   [2]  11 22`, with or without the time and the text at its end.
  ///
  /// - Parameter line: The bytes of the line without its end.
  /// - Returns: The record; nil when the line is none.
  /// - Complexity: O(n).
  public static func record(_ line: [UInt8]) -> CANRecord? {
    var words = split(line)
    var seconds: Double?
    if let first = words.first, first.first == 0x28 {
      guard let time = moment(first) else { return nil }
      seconds = time
      words.removeFirst()
    }
    // A second word in brackets would be taken for a moment when the line is written and read again.
    guard words.count >= 2, words[0].first != 0x28 else { return nil }
    let interface = String(decoding: words[0], as: UTF8.self)
    let frame =
      words[1].contains(0x23) ? compact(words[1]) : spaced(Array(words.dropFirst()))
    guard let frame else { return nil }
    return CANRecord(seconds: seconds, interface: interface, frame: frame)
  }

  /// The line of a record in the log format.
  public static func line(_ record: CANRecord) -> String {
    let frame = record.frame
    var text = ""
    if let seconds = record.seconds, seconds >= 0, seconds < 9e12,
      let micros = DecimalText.nearest(seconds * 1e6)
    {
      let fraction = String(micros % 1_000_000)
      text =
        "(" + padded(String(micros / 1_000_000), 10) + "." + padded(fraction, 6) + ") "
    }
    text += record.interface + " "
    let identifier = frame.identifier | (frame.isError ? 0x2000_0000 : 0)
    text += padded(
      String(identifier, radix: 16, uppercase: true), frame.isExtended || frame.isError ? 8 : 3)
    text += frame.isFlexible ? "##0" : "#"
    if frame.isRemote { return text + "R" }
    for byte in frame.data { text += padded(String(byte, radix: 16, uppercase: true), 2) }
    return text
  }

  private static func padded(_ text: String, _ count: Int) -> String {
    var text = text
    while text.utf8.count < count { text = "0" + text }
    return text
  }

  private static func split(_ line: [UInt8]) -> [[UInt8]] {
    var words: [[UInt8]] = []
    var word: [UInt8] = []
    for byte in line {
      if byte <= 0x20 {
        if !word.isEmpty { words.append(word) }
        word = []
      } else {
        word.append(byte)
      }
    }
    if !word.isEmpty { words.append(word) }
    return words
  }

  private static func moment(_ word: [UInt8]) -> Double? {
    guard word.count > 2, word.last == 0x29 else { return nil }
    let digits = Array(word[1..<word.count - 1])
    for byte in digits where !((byte >= 0x30 && byte <= 0x39) || byte == 0x2E) { return nil }
    return DecimalText.value(of: digits)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }

  /// A frame without data, from its identifier in three or eight digits.
  private static func head(_ digits: [UInt8]) -> CANFrame? {
    guard digits.count == 3 || digits.count == 8 else { return nil }
    var identifier: UInt32 = 0
    for byte in digits {
      guard let digit = digit(byte) else { return nil }
      identifier = identifier << 4 | UInt32(digit)
    }
    let isExtended = digits.count == 8
    guard isExtended || identifier <= 0x7FF else { return nil }
    return CANFrame(
      identifier: identifier & 0x1FFF_FFFF, isExtended: isExtended,
      isError: isExtended && identifier & 0x2000_0000 != 0)
  }

  private static func bytes(_ digits: [UInt8]) -> [UInt8]? {
    guard digits.count.isMultiple(of: 2), digits.count <= 128 else { return nil }
    var result: [UInt8] = []
    var place = 0
    while place < digits.count {
      guard let high = digit(digits[place]), let low = digit(digits[place + 1]) else { return nil }
      result.append(high << 4 | low)
      place += 2
    }
    return result
  }

  /// `123#1122`, `123##1AABB` or `123#R`.
  private static func compact(_ word: [UInt8]) -> CANFrame? {
    guard let mark = word.firstIndex(of: 0x23), var frame = head(Array(word[..<mark])) else {
      return nil
    }
    var rest = Array(word[(mark + 1)...])
    if rest.first == 0x23 {
      frame.isFlexible = true
      // The first digit holds the flags of CAN FD.
      guard rest.count >= 2 else { return nil }
      rest.removeFirst(2)
    } else if rest.first == 0x52 {
      frame.isRemote = true
      return frame
    }
    // Dots may separate the bytes.
    rest.removeAll { $0 == 0x2E }
    guard let data = bytes(rest), data.count <= (frame.isFlexible ? 64 : 8) else { return nil }
    frame.data = data
    return frame
  }

  /// `123 [2] 11 22`.
  private static func spaced(_ words: [[UInt8]]) -> CANFrame? {
    guard var frame = head(words[0]), words.count >= 2, words[1].count >= 3,
      words[1].first == 0x5B, words[1].last == 0x5D,
      let count = Int(String(decoding: words[1].dropFirst().dropLast(), as: UTF8.self)),
      count >= 0, count <= 64
    else { return nil }
    // Two digits in the brackets are those of CAN FD.
    frame.isFlexible = words[1].count == 4
    if words.count > 2, words[2] == Array("remote".utf8) {
      frame.isRemote = true
      return frame
    }
    guard words.count >= 2 + count else { return nil }
    for word in words[2..<2 + count] {
      guard word.count == 2, let byte = bytes(word)?.first else { return nil }
      frame.data.append(byte)
    }
    return frame
  }
}
