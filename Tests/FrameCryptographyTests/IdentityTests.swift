// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Hashes against published vectors, passwords, and the seal of data at rest.

import Foundation
import FrameCryptography
import TelemetryCodec
import Testing

@Suite struct IdentityTests {
  @Test func `SHA-256 and HMAC give the published values`() {
    // FIPS 180-4 example "abc"; RFC 4231 test case 2.
    #expect(
      Digest.hexadecimal(Digest.sha256(Array("abc".utf8)))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      Digest.hexadecimal(
        Digest.hmacSHA256(
          key: Array("Jefe".utf8), Array("what do ya want for nothing?".utf8)))
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
  }

  @Test func `a written password hash is that of Python's hashlib and tells nothing`() throws {
    let hash = PasswordHash(of: "open sesame", iterations: 7)
    let again = try #require(PasswordHash(written: hash.written))
    #expect(again == hash)
    #expect(again.matches(Array("open sesame".utf8)))
    #expect(!again.matches(Array("open sesame ".utf8)))
    #expect(!again.matches([]))
    #expect(PasswordHash(of: "open sesame", iterations: 7).written != hash.written)
    #expect(!"\(hash)".contains(hash.written.suffix(64)))
    // hashlib.pbkdf2_hmac("sha256", b"secret", bytes.fromhex("00112233445566778899"), 1000)
    let known = try #require(
      PasswordHash(
        written:
          "pbkdf2-sha256$1000$00112233445566778899$71e24a160cafdc1140174b6083483097437cbc45700ebaa7f3a1d47bfbd1adde"
      ))
    #expect(known.matches(Array("secret".utf8)))
  }

  @Test(arguments: [
    "", "secret", "md5$1$00112233445566778899$00", "pbkdf2-sha256$0$0011223344556677$00",
    "pbkdf2-sha256$10$0011$00", "pbkdf2-sha256$99999999$0011223344556677$00",
  ])
  func `what is no written hash is refused`(text: String) {
    #expect(PasswordHash(written: text) == nil)
  }

  private func frame(_ vin: String, _ command: Command, _ unit: [UInt8]) throws -> Frame {
    Frame(
      edition: .edition2016, command: command, identifier: try #require(UniqueIdentifier(vin)),
      unit: unit)
  }

  @Test func `a sealed frame opens to the same, and only under its key`() throws {
    let seal = try FrameSeal(masterKey: Array(0..<32))
    let other = try FrameSeal(masterKey: Array(1..<33))
    let unit: [UInt8] = [19, 4, 15, 17, 42, 30, 5, 0, 7, 54, 53, 64, 1, 217, 5, 192]
    let plain = try frame("LTEST000000000001", .realTimeReport, unit)
    let sealed = try #require(seal.seal(plain))
    #expect(FrameSeal.isSealed(sealed.bytes))
    #expect(!FrameSeal.isSealed(try plain.encoded()))
    #expect(seal.open(sealed.bytes) == plain)
    #expect(other.open(sealed.bytes) == nil)
    // Neither the VIN nor the position is in it.
    let text = String(decoding: sealed.bytes, as: UTF8.self)
    #expect(!text.contains("LTEST"))
    #expect(sealed.bytes.count == 25 + 12 + 17 + unit.count + 16)
    for place in [0, 4, 20, 24, 40, sealed.bytes.count - 2] {
      var bent = sealed.bytes
      bent[place] ^= 1
      #expect(seal.open(bent) == nil)
    }
    // No codec takes it for a frame of the protocol.
    #expect(throws: CodecError.badHeader(offset: 21, value: FrameSeal.mark)) {
      try Frame(bytes: sealed.bytes)
    }
  }

  @Test func `equal units seal equally, also as a reissue; of other vehicles they do not`() throws {
    let seal = try FrameSeal(masterKey: Array(0..<32))
    let unit: [UInt8] = [19, 4, 15, 17, 42, 30]
    let first = try #require(seal.seal(try frame("LTEST000000000001", .realTimeReport, unit)))
    let again = try #require(seal.seal(try frame("LTEST000000000001", .reissuedReport, unit)))
    let other = try #require(seal.seal(try frame("LTEST000000000002", .realTimeReport, unit)))
    #expect(first.bytes[first.unit] == again.bytes[again.unit])
    #expect(first.bytes[first.unit] != other.bytes[other.unit])
  }

  @Test func `pseudonyms look like VINs, keep to their vehicle and differ between keys`() throws {
    let seal = try FrameSeal(masterKey: Array(0..<32))
    let names = Set((0..<2_000).map { seal.pseudonym(of: "LTEST\($0)") })
    #expect(names.count == 2_000)
    #expect(names.allSatisfy { $0.utf8.count == 17 && $0.hasPrefix("P") })
    #expect(seal.pseudonym(of: "LTEST1") == seal.pseudonym(of: "LTEST1"))
    #expect(
      try FrameSeal(masterKey: Array(1..<33)).pseudonym(of: "LTEST1")
        != seal.pseudonym(of: "LTEST1"))
    #expect(throws: KeyError.wrongLength(found: 31, expected: 32)) {
      try FrameSeal(masterKey: Array(0..<31))
    }
  }
}
