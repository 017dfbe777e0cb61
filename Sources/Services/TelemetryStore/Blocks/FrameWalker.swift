// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Walks over the bytes of a report: which fields lie where, and which signals they carry.

import BatteryDomain
import TelemetryCodec

/// A number in a frame: where, how wide, and whether it belongs to a list of equals.
struct WireField: Hashable {
  var offset: Int
  /// 1, 2 or 4 bytes, most significant first.
  var width: Int
  /// Number of its list, from 1; 0 if it stands alone.
  var list: Int
}

/// Walks over the bytes of a report: which fields lie where, and which signals they carry.
///
/// Counts and types are not fields: they fix where everything lies, so frames that share them
/// share the walk. What the protocol does not describe becomes fields of one byte, or a stretch of
/// plain bytes when it is long.
struct FrameWalker {
  /// Stretches longer than this are kept as plain bytes: signatures, unknown contents.
  static let longestUnknown = 32

  let bytes: [UInt8]
  private(set) var fields: [WireField] = []
  /// Places whose bytes fix the layout.
  private(set) var fixed: [Int] = []
  /// Stretches without structure.
  private(set) var plain: [Range<Int>] = []
  /// The field and the scale of each signal.
  private(set) var signals: [SignalKey: (field: Int, scale: SignalScale)] = [:]

  /// Where cells and probes lie.
  private var members: [Roster] = []
  /// The first field of the extremes: of four, subsystem, number and value.
  private var extremesField: Int?

  private let end: Int
  private var place = Frame.headerByteCount + 6
  private var lists = 0
  private var is2016: Bool { bytes[0] == Edition.edition2016.rawValue }

  /// Walks over a frame; nil if it is not an unencrypted report with a time.
  init?(_ bytes: [UInt8]) {
    self.bytes = bytes
    end = bytes.count - 1
    guard bytes.count >= Frame.overheadByteCount + 6, bytes[0] == bytes[1],
      Edition(rawValue: bytes[0]) != nil,
      bytes[2] == Command.realTimeReport.rawValue || bytes[2] == Command.reissuedReport.rawValue,
      bytes[21] == Encryption.none.rawValue,
      bytes.count == Frame.overheadByteCount + Int(bytes[22]) << 8 + Int(bytes[23])
    else { return nil }
    fixed = Array(0..<Frame.headerByteCount)
    while place < end {
      let type = bytes[place]
      let before = (fields.count, fixed.count, place, signals, plain.count)
      let (known, extremes) = (members, extremesField)
      fixed.append(place)
      place += 1
      if !item(type) {
        // Cut short or unknown: the rest is kept byte for byte.
        fields.removeSubrange(before.0...)
        fixed.removeSubrange(before.1...)
        signals = before.3
        plain.removeSubrange(before.4...)
        (members, extremesField) = (known, extremes)
        place = before.2
        unknown(end - place)
        break
      }
    }
  }

  // MARK: - Items

  private mutating func item(_ type: UInt8) -> Bool {
    switch (is2016, type) {
    case (_, 0x01): vehicle()
    case (_, 0x02):
      repeated { $0.plainFields($0.is2016 ? [1, 1, 1, 2, 2, 1, 2, 2] : [1, 1, 1, 2, 4, 1]) }
    case (true, 0x03): plainFields([2, 2, 2]) && byteList() && plainFields([2, 1, 2, 1, 2, 1, 1])
    case (false, 0x03): plainFields([2, 1, 2, 1, 2, 1, 1, 1, 1])
    case (true, 0x04): plainFields([1, 2, 2])
    case (false, 0x04): plainFields([2])
    case (true, 0x05): plainFields([1, 4, 4])
    case (false, 0x05): plainFields([1, 1, 4, 4])
    case (true, 0x06): extremes()
    case (true, 0x07), (false, 0x06): alarms()
    case (true, 0x08): repeated { $0.cells2016() }
    case (false, 0x07): repeated { $0.cells2025() }
    case (true, 0x09), (false, 0x08): repeated { $0.temperatures() }
    case (false, 0x30):
      repeated { $0.plainFields([1, 2, 2, 2, 2, 1]) && $0.byteList() }
    case (false, 0x31): plainFields([1, 2, 2]) && wordList() && byteList()
    case (false, 0x32): plainFields([1, 2, 2, 1, 2, 2, 1, 2, 1, 1, 2, 1])
    case (_, 0x80...0xFE): custom()
    case (false, 0xFF): signature()
    default: false
    }
  }

  private mutating func vehicle() -> Bool {
    let kinds: [(QuantityKey, SignalScale)?] = [
      nil, (.chargeState, .code), nil,
      (.vehicleSpeed, .field(is2016 ? .speed2016 : .speed2025)),
      (.odometer, .field(.odometer)),
      (.packVoltage, .field(is2016 ? .packVoltage2016 : .packVoltage2025)),
      (.current, .field(is2016 ? .packCurrent2016 : .packCurrent2025)),
      (.stateOfCharge, .field(.stateOfCharge)), nil, nil,
      (.insulationResistance, .field(.insulationResistance)),
    ]
    let widths = [1, 1, 1, 2, 4, 2, 2, 1, 1, 1, 2]
    for (width, kind) in zip(widths, kinds) {
      guard field(width) else { return false }
      if let kind { name(SignalKey(kind.0), kind.1) }
    }
    return is2016 ? plainFields([1, 1]) : true
  }

  private mutating func extremes() -> Bool {
    let parts: [(QuantityKey, Int, FieldKind)] = [
      (.cellVoltageMaximum, 2, .cellVoltage), (.cellVoltageMinimum, 2, .cellVoltage),
      (.probeTemperatureMaximum, 1, .temperature), (.probeTemperatureMinimum, 1, .temperature),
    ]
    extremesField = extremesField ?? fields.count
    for (quantity, width, kind) in parts {
      guard plainFields([1, 1]), field(width) else { return false }
      name(SignalKey(quantity), .field(kind))
    }
    return true
  }

  private mutating func alarms() -> Bool {
    guard field(1) else { return false }
    name(SignalKey(.alarmLevel), .field(is2016 ? .alarmLevel2016 : .alarmLevel2025))
    guard field(4) else { return false }
    name(SignalKey(.alarmFlags), .flags)
    for _ in 0..<4 {
      guard let count = count8(), fieldRun(count, width: 4) else { return false }
    }
    if is2016 { return true }
    return repeated { $0.plainFields([1, 1]) }
  }

  private mutating func cells2016() -> Bool {
    guard let part = fixedByte(), group(part, .packVoltage2016, .packCurrent2016),
      fixedWord() != nil, let first = fixedWord(), let count = count8()
    else { return false }
    return cells(part: part, from: max(1, first), count: count)
  }

  private mutating func cells2025() -> Bool {
    guard let part = fixedByte(), group(part, .packVoltage2025, .packCurrent2025),
      let count = count16()
    else { return false }
    return cells(part: part, from: 1, count: count)
  }

  private mutating func group(_ part: Int, _ voltage: FieldKind, _ current: FieldKind) -> Bool {
    guard field(2) else { return false }
    name(SignalKey(.packVoltage, part: part), .field(voltage))
    guard field(2) else { return false }
    name(SignalKey(.current, part: part), .field(current))
    return true
  }

  private mutating func cells(part: Int, from first: Int, count: Int) -> Bool {
    let start = fields.count
    guard fieldRun(count, width: 2) else { return false }
    members.append(
      Roster(isProbes: false, field: start, count: count, part: part, first: first))
    for index in 0..<count {
      signals[SignalKey(.cellVoltage, part: part, element: first + index)] = (
        start + index, .field(.cellVoltage)
      )
    }
    return true
  }

  private mutating func temperatures() -> Bool {
    guard let part = fixedByte(), let count = count16() else { return false }
    let start = fields.count
    guard fieldRun(count, width: 1) else { return false }
    members.append(Roster(isProbes: true, field: start, count: count, part: part, first: 1))
    for index in 0..<count {
      signals[SignalKey(.probeTemperature, part: part, element: index + 1)] = (
        start + index, .field(.temperature)
      )
    }
    return true
  }

  private mutating func custom() -> Bool {
    guard let length = fixedWord(), length <= end - place else { return false }
    unknown(length)
    return true
  }

  private mutating func signature() -> Bool {
    guard fixedByte() != nil, let first = fixedWord(), first <= end - place else { return false }
    unknown(first)
    guard let second = fixedWord(), second <= end - place else { return false }
    unknown(second)
    return true
  }

  // MARK: - Ranks

  /// Where cells and probes lie, in fields from `shift` on.
  func rosters(shift: Int) -> [Roster] {
    members.map { roster in
      var roster = roster
      roster.field += shift
      return roster
    }
  }

  /// Fields that name the cell or the probe with the highest or the lowest value.
  func ranks(shift: Int) -> [(field: Int, rank: RankColumn)] {
    guard let start = extremesField, start + 12 <= fields.count else { return [] }
    return (0..<8).map { place in
      let rank = RankColumn(
        isProbes: place >= 4, isLowest: place / 2 % 2 == 1, takesLast: false,
        isPart: place % 2 == 0)
      return (start + shift + place / 2 * 3 + place % 2, rank)
    }
  }

  // MARK: - Pieces

  private mutating func field(_ width: Int, list: Int = 0) -> Bool {
    guard end - place >= width else { return false }
    fields.append(WireField(offset: place, width: width, list: list))
    place += width
    return true
  }

  private mutating func plainFields(_ widths: [Int]) -> Bool {
    for width in widths where !field(width) { return false }
    return true
  }

  /// A run of equal fields; from four on a list of its own.
  private mutating func fieldRun(_ count: Int, width: Int) -> Bool {
    guard end - place >= count * width else { return false }
    if count >= 4 { lists += 1 }
    for _ in 0..<count where !field(width, list: count >= 4 ? lists : 0) { return false }
    return true
  }

  private mutating func name(_ key: SignalKey, _ scale: SignalScale) {
    if signals[key] == nil { signals[key] = (fields.count - 1, scale) }
  }

  private mutating func fixedByte() -> Int? {
    guard end - place >= 1 else { return nil }
    defer { place += 1 }
    fixed.append(place)
    return Int(bytes[place])
  }

  private mutating func fixedWord() -> Int? {
    guard let high = fixedByte(), let low = fixedByte() else { return nil }
    return high << 8 | low
  }

  /// A count, zero behind a sentinel.
  private mutating func count8() -> Int? { fixedByte().map { $0 >= 0xFE ? 0 : $0 } }
  private mutating func count16() -> Int? { fixedWord().map { $0 >= 0xFFFE ? 0 : $0 } }

  private mutating func repeated(_ body: (inout FrameWalker) -> Bool) -> Bool {
    guard let count = count8() else { return false }
    for _ in 0..<count where !body(&self) { return false }
    return true
  }

  private mutating func byteList() -> Bool {
    guard let count = count16() else { return false }
    return fieldRun(count, width: 1)
  }

  private mutating func wordList() -> Bool {
    guard let count = count16() else { return false }
    return fieldRun(count, width: 2)
  }

  private mutating func unknown(_ length: Int) {
    if length > Self.longestUnknown {
      plain.append(place..<place + length)
      place += length
    } else {
      for _ in 0..<length { _ = field(1) }
    }
  }
}
