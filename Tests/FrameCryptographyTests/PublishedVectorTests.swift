// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Published sample values: GB/T 32905, 32907, 32918, NIST SP 800-38A and 38D.

import FrameCryptography
import TelemetryCodec
import Testing

@Suite("Published vectors")
struct PublishedVectorTests {
  /// Decrypts a bare text with one way fixed, as the unit of a platform-defined command.
  private func decrypt(
    _ text: String, _ key: String, _ encryption: Encryption, _ profile: CipherProfile
  ) throws -> [UInt8] {
    var ring = KeyRing()
    ring.symmetricKeys = [try KeyReader.symmetric(Fixtures.hex(key))]
    ring.profile = profile
    let frame = Frame(
      edition: .edition2025, command: Command(rawValue: 0xC0), identifier: .blank,
      encryption: encryption, unit: Fixtures.hex(text))
    let plain = try ring.plaintext(of: frame)
    #expect(try ring.ciphertext(of: plain, for: frame) == frame.unit)
    return plain
  }

  @Test("SM3 gives the hashes of GB/T 32905-2016, annex A")
  func sm3() {
    #expect(
      Digest.sm3(Array("abc".utf8))
        == Fixtures.hex("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"))
    #expect(
      Digest.sm3(Array(String(repeating: "abcd", count: 16).utf8))
        == Fixtures.hex("debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"))
  }

  @Test("SM4 gives the block of GB/T 32907-2016, annex A")
  func sm4() throws {
    #expect(
      try decrypt(
        "681edf34d206965e86b3e94f536e4246", "0123456789abcdeffedcba9876543210", .sm4,
        CipherProfile(mode: .ecb, padding: CipherProfile.Padding.none))
        == Fixtures.hex("0123456789abcdeffedcba9876543210"))
  }

  @Test(
    "AES-128 gives the blocks of NIST SP 800-38A, annex F",
    arguments: [
      (CipherProfile.Mode.ecb, "", "3ad77bb40d7a3660a89ecaf32466ef97"),
      (.cbc, "000102030405060708090a0b0c0d0e0f", "7649abac8119b246cee98e9b12e9197d"),
      (.cfb, "000102030405060708090a0b0c0d0e0f", "3b3fd92eb72dad20333449f8e83cfb4a"),
      (.ofb, "000102030405060708090a0b0c0d0e0f", "3b3fd92eb72dad20333449f8e83cfb4a"),
      (.ctr, "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", "874d6191b620e3261bef6864990db6ce"),
    ])
  func aes(mode: CipherProfile.Mode, vector: String, text: String) throws {
    let profile = CipherProfile(
      mode: mode, padding: CipherProfile.Padding.none, initialVector: .bytes(Fixtures.hex(vector)))
    #expect(
      try decrypt(text, "2b7e151628aed2a6abf7158809cf4f3c", .aes128, profile)
        == Fixtures.hex("6bc1bee22e409f96e93d7e117393172a"))
  }

  @Test("AES-128-GCM gives test case 2 of its specification, and refuses a changed tag")
  func gcm() throws {
    let profile = CipherProfile(mode: .gcm, initialVector: .zero)
    let key = String(repeating: "00", count: 16)
    let text = "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf"
    #expect(try decrypt(text, key, .aes128, profile) == Array(repeating: 0, count: 16))
    #expect(throws: ProtectionError.cannotOpen(.aes128)) {
      try decrypt(String(text.dropLast()) + "e", key, .aes128, profile)
    }
  }

  static let sm2Private = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"

  @Test("an SM2 signature of GB/T 32918.5-2017, annex A, is valid, and a changed one is not")
  func sm2Signature() throws {
    var ring = KeyRing()
    ring.publicKeys = [try KeyReader.publicKey(Fixtures.bytes("sm2_public"))]
    let block = SignatureBlock(
      algorithm: 1,
      r: Fixtures.hex("F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"),
      s: Fixtures.hex("B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"))
    let message = Array("message digest".utf8)
    #expect(ring.verdict(on: block, over: message, by: .blank) == .valid)
    #expect(ring.verdict(on: block, over: message + [0], by: .blank) == .wrong)
    ring.identity = .bytes(Array("ALICE123@YAHOO.COM".utf8))
    #expect(ring.verdict(on: block, over: message, by: .blank) == .wrong)
    ring.identity = .none
    #expect(ring.verdict(on: block, over: message, by: .blank) == .wrong)
  }

  @Test("one key serves many tasks at once")
  func sharedKey() async throws {
    var ring = KeyRing()
    ring.publicKeys = [try KeyReader.publicKey(Fixtures.bytes("sm2_public"))]
    ring.privateKeys = try KeyReader.privateKeys(Fixtures.hex(Self.sm2Private))
    let shared = ring
    let block = SignatureBlock(
      algorithm: 1,
      r: Fixtures.hex("F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"),
      s: Fixtures.hex("B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"))
    let message = Array("message digest".utf8)
    let right = await withTaskGroup(of: Int.self) { group in
      for task in 0..<16 {
        group.addTask {
          (0..<50).count { turn in
            let isWhole = (turn + task).isMultiple(of: 2)
            let verdict = shared.verdict(
              on: block, over: isWhole ? message : message + [0], by: .blank)
            return verdict == (isWhole ? .valid : .wrong)
          }
        }
      }
      return await group.reduce(0, +)
    }
    #expect(right == 16 * 50)
  }

  @Test("an SM2 ciphertext of GB/T 32918.5-2017, annex C, opens in both orders")
  func sm2Encryption() throws {
    var ring = KeyRing()
    ring.privateKeys = try KeyReader.privateKeys(Fixtures.hex(Self.sm2Private))
    let point =
      "0404EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73"
      + "E858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0"
    let hash = "59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766"
    let body = "21886CA989CA9C7D58087307CA93092D651EFA"
    for text in [point + hash + body, point + body + hash] {
      let frame = Frame(
        edition: .edition2025, command: Command(rawValue: 0xC0), identifier: .blank,
        encryption: .sm2, unit: Fixtures.hex(text))
      #expect(try ring.plaintext(of: frame) == Array("encryption standard".utf8))
    }
  }
}
