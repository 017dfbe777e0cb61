// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The signature of a report or activation (2025).

/// A signature as it is sent (2025); see ``FrameProtection``.
public struct SignatureBlock: Hashable, Sendable {
  /// 1 SM2, 2 RSA, 3 ECC.
  public var algorithm: UInt8
  /// First part; the whole signature for RSA.
  public var r: [UInt8]
  /// Second part; empty for RSA.
  public var s: [UInt8]

  /// Creates a block.
  public init(algorithm: UInt8, r: [UInt8], s: [UInt8]) {
    self.algorithm = algorithm
    self.r = r
    self.s = s
  }

  /// Whether neither part has a byte.
  public var isEmpty: Bool { r.isEmpty && s.isEmpty }

  /// Bytes of the block on the wire, without the marker that precedes it in a report.
  public var byteCount: Int { 5 + r.count + s.count }

  init(_ reader: inout ByteReader) throws(CodecError) {
    algorithm = try reader.byte()
    r = try reader.bytes(Int(try reader.word()))
    s = try reader.bytes(Int(try reader.word()))
  }

  func write(to writer: inout ByteWriter) throws(CodecError) {
    writer.byte(algorithm)
    try writer.lengthPrefixed(r)
    try writer.lengthPrefixed(s)
  }
}
