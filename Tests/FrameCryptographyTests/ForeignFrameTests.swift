// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Frames encrypted and signed by other implementations.

import FrameCryptography
import TelemetryCodec
import TestSupport
import Testing

@Suite("Frames of other implementations")
struct ForeignFrameTests {
  static let plain = Fixtures.bytes("plain")

  @Test("an encrypted frame opens to the plain unit", arguments: Fixtures.list("encrypted"))
  func opens(fixture: JSONValue) throws {
    let frame = try Frame(bytes: Fixtures.hex(try #require(fixture["frame"]?.string)))
    let ring = try Fixtures.ring()
    let opened = try ring.open(frame)
    #expect(opened.bytes == (try Frame(bytes: Self.plain)).unit)
    #expect(opened.way == fixture["way"]?.string)
    guard case .report(let report) = try frame.opened(using: ring).unit else {
      Issue.record("not a report")
      return
    }
    #expect(report.cellVoltageGroups.first?.cells.elements.count == 24)
  }

  @Test("a wrong key, or none, is a named error", arguments: Fixtures.list("encrypted"))
  func wrongKey(fixture: JSONValue) throws {
    let frame = try Frame(bytes: Fixtures.hex(try #require(fixture["frame"]?.string)))
    var ring = KeyRing()
    #expect(throws: ProtectionError.noKey(frame.encryption)) { try ring.plaintext(of: frame) }
    ring.symmetricKeys = [Array(repeating: 7, count: 16)]
    ring.privateKeys = try KeyReader.privateKeys(Array(repeating: 7, count: 32))
    if frame.encryption != .rsa {
      #expect(throws: ProtectionError.cannotOpen(frame.encryption)) {
        try ring.plaintext(of: frame)
      }
    }
    #expect(throws: CodecError.self) { try frame.opened(using: ring) }
  }

  @Test(
    "a signed frame is valid; changed bytes or another key are not",
    arguments: Fixtures.list("signed"))
  func signed(fixture: JSONValue) throws {
    let frame = try Frame(bytes: Fixtures.hex(try #require(fixture["frame"]?.string)))
    let ring = try Fixtures.ring()
    #expect(try frame.opened(using: ring).verdict == .valid)
    var changed = frame
    changed.unit[10] ^= 1
    #expect(try changed.opened(using: ring).verdict == .wrong)
    #expect(try frame.opened(using: KeyRing()).verdict == .noKey)
    if case .activation(let activation) = try frame.decodedUnit() {
      let covered = Array(frame.unit.dropLast(activation.signature.byteCount))
      #expect(ring.verdict(on: activation, over: covered) == .valid)
      var bound = KeyRing()
      #expect(bound.verdict(on: activation, over: covered.dropLast() + [0]) == .wrong)
      try bound.bind(activation)
      #expect(
        bound.verdict(on: activation.signature, over: covered, by: activation.vehicle) == .valid)
    }
  }

  @Test("what is encrypted or signed here opens and checks here")
  func ownRoundTrip() throws {
    var ring = try Fixtures.ring()
    ring.privateKeys += try KeyReader.privateKeys(Fixtures.text("ecc_private"))
    let plain = try Frame(bytes: Self.plain)
    for code: UInt8 in [2, 3, 4, 5] {
      for mode in CipherProfile.Mode.allCases where !(code == 5 && mode == .gcm) {
        for vector in [CipherProfile.InitialVector.prefix, .key, .zero, .bytes(plain.unit)] {
          ring.profile = CipherProfile(mode: mode, initialVector: vector)
          if code == 2 || code == 4 {
            ring.profile.rsaPadding = CipherProfile.RSAPadding.allCases.randomElement()
            ring.profile.sm2Form = CipherProfile.SM2Form.allCases.randomElement()
          }
          var frame = plain
          frame.encryption = Encryption(rawValue: code)
          frame.unit = try ring.ciphertext(of: plain.unit, for: frame)
          #expect(frame.unit != plain.unit)
          #expect(try ring.plaintext(of: frame) == plain.unit)
        }
      }
    }
    for algorithm: UInt8 in [1, 2, 3] {
      for identity in [SM2Identity.usual, .vehicle, .bytes([1, 2])] {
        ring.identity = identity
        let block = try ring.signature(
          over: plain.unit, by: plain.identifier, algorithm: algorithm)
        #expect(block.algorithm == algorithm)
        #expect(ring.verdict(on: block, over: plain.unit, by: plain.identifier) == .valid)
      }
    }
  }
}
