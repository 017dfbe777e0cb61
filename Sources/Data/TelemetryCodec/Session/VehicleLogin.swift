// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a vehicle sends when it logs in.

/// What a vehicle sends when it logs in.
public struct VehicleLogin: Hashable, Sendable {
  /// The codes of the rechargeable systems, in the form of the edition.
  public enum Batteries: Hashable, Sendable {
    /// 2016: number of subsystems, length of each code (0: codes are not sent), the codes.
    case subsystems(count: UInt8, codeLength: UInt8, codes: [[UInt8]])
    /// 2025: for each battery management system the 24-character codes of its packs.
    case packs(Counted<Counted<[UInt8]>>)
  }

  /// When the vehicle collected the data.
  public var time: WireTime
  /// Serial number of the login, 1–65531, one more each time; the logout repeats it.
  public var serial: UInt16
  /// The 20 bytes of the SIM card's number (ICCID).
  public var simCard: [UInt8]
  /// The codes of the batteries.
  public var batteries: Batteries

  /// Length of a battery code in the 2025 edition.
  public static let packCodeLength = 24
  /// Length of the SIM card's number.
  public static let simCardLength = 20

  /// Creates a login.
  public init(time: WireTime, serial: UInt16, simCard: [UInt8], batteries: Batteries) {
    self.time = time
    self.serial = serial
    self.simCard = simCard
    self.batteries = batteries
  }

  /// The codes as text, without padding, in wire order.
  public var batteryCodes: [String] {
    switch batteries {
    case .subsystems(_, _, let codes): codes.map { WireText.text(of: $0) }
    case .packs(let systems):
      systems.elements.flatMap { $0.elements }.map { WireText.text(of: $0) }
    }
  }

  init(_ reader: inout ByteReader, edition: Edition) throws(CodecError) {
    time = try reader.time()
    serial = try reader.word()
    simCard = try reader.bytes(Self.simCardLength)
    switch edition {
    case .edition2016:
      let count = try reader.byte()
      let length = try reader.byte()
      var codes: [[UInt8]] = []
      if count < 0xFE, length > 0, length < 0xFE {
        for _ in 0..<count { codes.append(try reader.bytes(Int(length))) }
      }
      batteries = .subsystems(count: count, codeLength: length, codes: codes)
    case .edition2025:
      let count = try reader.count8()
      let packCounts = try reader.bytes(count.elements)
      var systems: [Counted<[UInt8]>] = []
      for packs in packCounts {
        var codes: [[UInt8]] = []
        for _ in 0..<(packs < 0xFE ? packs : 0) {
          codes.append(try reader.bytes(Self.packCodeLength))
        }
        systems.append(Counted(rawCount: UInt16(packs), elements: codes))
      }
      batteries = .packs(Counted(rawCount: count.raw, elements: systems))
    }
  }

  func write(to writer: inout ByteWriter, edition: Edition) throws(CodecError) {
    writer.time(time)
    writer.word(serial)
    try writer.exactly(Self.simCardLength, simCard)
    switch (batteries, edition) {
    case (.subsystems(let count, let length, let codes), .edition2016):
      let expected = count < 0xFE && length > 0 && length < 0xFE ? Int(count) : 0
      guard codes.count == expected else {
        throw .countMismatch(count: Int(count), elements: codes.count)
      }
      writer.byte(count)
      writer.byte(length)
      for code in codes { try writer.exactly(Int(length), code) }
    case (.packs(let systems), .edition2025):
      try writer.count8(of: systems)
      for packs in systems.elements { try writer.count8(of: packs) }
      for packs in systems.elements {
        for code in packs.elements { try writer.exactly(Self.packCodeLength, code) }
      }
    default: throw .notInEdition(edition)
    }
  }
}
