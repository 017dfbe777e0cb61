// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What frames of one layout have in common, and how they differ.

import TelemetryCodec

/// A frame on its way into a block or out of one.
struct BlockRow: Hashable {
  var id: Int64
  var time: Int64
  var receiveMilliseconds: Int64
  var command: UInt8
  var bytes: [UInt8]

  /// Whether it is a real-time or reissued report.
  var isReport: Bool { Self.isReport(command) }

  /// Whether a command is that of a real-time or reissued report.
  static func isReport(_ command: UInt8) -> Bool {
    command == Command.realTimeReport.rawValue || command == Command.reissuedReport.rawValue
  }

  /// As a reader gets it.
  var stored: StoredFrame {
    StoredFrame(
      id: id, collectionTime: time, receiveTime: Double(receiveMilliseconds) / 1_000,
      command: command, bytes: bytes)
  }
}

/// What frames of one layout have in common, and how they differ.
///
/// A structured shape keeps one frame as a template; of the others only the fields are stored. The
/// six time bytes follow from the time of the row, the check byte from all others. Frames that fit
/// no layout are kept as plain bytes.
struct FrameShape {
  enum Kind: UInt8 {
    /// Frames of any content, byte for byte.
    case plain = 0
    /// Fields in a template; the time bytes follow from the row's time.
    case timed = 1
    /// Fields in a template; the time bytes are six fields.
    case untimed = 2
  }

  let kind: Kind
  let template: [UInt8]
  let fields: [WireField]
  let plain: [Range<Int>]
  let command: UInt8
  private let fixed: [Int]

  /// Frames without a layout.
  init(plainOf command: UInt8) {
    kind = .plain
    template = []
    fields = []
    plain = []
    fixed = []
    self.command = command
  }

  /// The shape of a frame: plain if the protocol does not describe it.
  init(of row: BlockRow) {
    guard row.bytes.count > 2, row.command == row.bytes[2], let walker = FrameWalker(row.bytes)
    else {
      self.init(plainOf: row.command)
      return
    }
    let isTimed = Self.statesTime(row)
    self.init(
      kind: isTimed ? .timed : .untimed, template: row.bytes,
      fields: isTimed
        ? walker.fields
        : (24..<30).map { WireField(offset: $0, width: 1, list: 0) } + walker.fields,
      plain: walker.plain, fixed: walker.fixed)
  }

  /// A shape as a block states it.
  init(
    kind: Kind, template: [UInt8], fields: [WireField], plain: [Range<Int>], fixed: [Int] = [],
    command: UInt8? = nil
  ) {
    self.kind = kind
    self.template = template
    self.fields = fields
    self.plain = plain
    self.fixed = fixed
    self.command = command ?? (template.count > 2 ? template[2] : 0)
  }

  /// Whether a frame has this shape.
  func fits(_ row: BlockRow) -> Bool {
    guard row.command == command else { return false }
    if kind == .plain { return false }
    guard row.bytes.count == template.count else { return false }
    for place in fixed where row.bytes[place] != template[place] { return false }
    return Self.statesTime(row) == (kind == .timed)
  }

  /// Writes the six time bytes of a time into the frame that begins at a place.
  static func write(
    time: Int64, into bytes: inout [UInt8], at start: Int
  ) throws(BlockError) {
    guard let wire = WireTime(unixSeconds: time) else { throw .malformed("the time \(time)") }
    bytes[start + 24] = wire.yearSince2000
    bytes[start + 25] = wire.month
    bytes[start + 26] = wire.day
    bytes[start + 27] = wire.hour
    bytes[start + 28] = wire.minute
    bytes[start + 29] = wire.second
  }

  /// Whether the time bytes of a frame are those of its row's time.
  static func statesTime(_ row: BlockRow) -> Bool {
    guard let wire = WireTime(unixSeconds: row.time) else { return false }
    return row.bytes[24] == wire.yearSince2000 && row.bytes[25] == wire.month
      && row.bytes[26] == wire.day && row.bytes[27] == wire.hour && row.bytes[28] == wire.minute
      && row.bytes[29] == wire.second
  }

  /// The exclusive-or that the check byte ought to be.
  static func check(_ bytes: [UInt8]) -> UInt8 {
    var check: UInt8 = 0
    for index in 2..<bytes.count - 1 { check ^= bytes[index] }
    return check
  }
}
