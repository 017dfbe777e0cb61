// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Keys in every format; errors that say what to do and hold no key.

import FrameCryptography
import TelemetryCodec
import Testing

@Suite("Keys")
struct KeyReaderTests {
  @Test(
    "public keys are read from every format",
    arguments: [
      ("rsa_public", false), ("rsa_public_pkcs1", false), ("rsa_private", false),
      ("rsa_private_pkcs1", false), ("ecc_public", false), ("ecc_private", false),
      ("rsa_public_der", true), ("rsa_modulus", true), ("ecc_point", true),
      ("ecc_compressed", true), ("sm2_public", true),
    ])
  func publicKeys(name: String, isHex: Bool) throws {
    let bytes = isHex ? Fixtures.bytes(name) : Fixtures.text(name)
    let key = try KeyReader.publicKey(bytes)
    #expect(key.algorithm.rawValue.lowercased() == name.prefix(3))
  }

  @Test("a modulus alone has the usual exponent, a raw point may carry its mark")
  func bare() throws {
    let key = try KeyReader.publicKey(Array(Fixtures.bytes("rsa_modulus").dropLast(3)))
    #expect(key.algorithm == .rsa && key.bitCount == 2_048)
    #expect(try KeyReader.publicKey([4] + Fixtures.bytes("sm2_public")).algorithm == .sm2)
  }

  @Test("private keys are read; a raw number serves as SM2 and as P-256")
  func privateKeys() throws {
    #expect(
      try KeyReader.privateKeys(Fixtures.text("rsa_private_pkcs1")).map(\.algorithm) == [.rsa])
    #expect(try KeyReader.privateKeys(Fixtures.text("ecc_private")).map(\.algorithm) == [.ecc])
    #expect(
      try KeyReader.privateKeys(Fixtures.bytes("sm2_private")).map(\.algorithm) == [.sm2, .ecc])
  }

  @Test("what is no key is refused with a reason")
  func refused() {
    #expect(throws: KeyError.empty) { try KeyReader.publicKey([]) }
    #expect(throws: KeyError.wrongLength(found: 15, expected: 16)) {
      try KeyReader.symmetric(Array(repeating: 1, count: 15))
    }
    #expect(throws: KeyError.notPrivate) {
      try KeyReader.privateKeys(Fixtures.text("rsa_public"))
    }
    #expect(throws: KeyError.notPrivate) {
      try KeyReader.privateKeys(Fixtures.bytes("rsa_public_der"))
    }
    // A point that lies on neither curve.
    #expect(throws: KeyError.unknownFormat(byteCount: 64)) {
      try KeyReader.publicKey(Array(repeating: 1, count: 64))
    }
    #expect(throws: KeyError.passPhrase) {
      try KeyReader.privateKeys(Array("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n".utf8))
    }
    let pem = Fixtures.text("rsa_public")
    for count in stride(from: 1, to: pem.count - 30, by: 7) {
      #expect(throws: KeyError.self) { try KeyReader.publicKey(Array(pem[..<count])) }
    }
  }

  @Test("a ring describes itself without its keys")
  func silent() throws {
    let ring = try Fixtures.ring()
    #expect("\(ring)" == "KeyRing(1 symmetric, 3 private, 3 public, 0 of vehicles)")
  }
}
