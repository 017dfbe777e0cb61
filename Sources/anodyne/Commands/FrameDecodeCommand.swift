// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne frame decode: hexadecimal frames in, one JSON object a line out.

import ArgumentParser
import FrameCryptography
import FrameText
import TelemetryCodec

/// Decodes frames.
struct FrameDecodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode",
    abstract: "Decode frames: hexadecimal in, one JSON object a line out.",
    discussion: """
      Examples:
        anodyne frame decode 232307fe5854455354303030303030303030393135010000bb
        anodyne frame decode --key 00112233445566778899aabbccddeeff <frames.hex
        anodyne frame decode --public-key vehicle.pem <frames.hex

      Frames are arguments, or lines of the standard input when there are none; empty lines and \
      lines that start with # are passed over. A frame that is wrong gives an object with the \
      members error (a stable code), message and the numbers; the others are decoded all the same. \
      Values in the words "abnormal" and "invalid" are the two sentinels of the protocol.

      An encrypted frame shows its ciphertext as data_hex, and with a fitting key the decrypted \
      unit as data and the way in decryption. signature_check says valid, wrong, no_key or \
      unsupported when a key was given, and for every activation, which carries its own key.

      Exit codes: 0 every frame decoded, decrypted where keys were given, and no signature wrong; \
      65 otherwise; 64 wrong usage; 66 a key file cannot be read; 74 output failed.
      """)

  @Argument(help: "Frames in hexadecimal; spaces, colons and 0x are allowed.")
  var frames: [String] = []

  @OptionGroup(title: "Keys")
  var keys: FrameKeyArguments

  func run() throws {
    var decoder = FrameLineDecoder(ring: try keys.ring(), hasKeys: keys.areGiven)
    var output = LineWriter()
    if frames.isEmpty {
      var number = 0
      while let line = readLine() {
        number += 1
        if line.allSatisfy(\.isWhitespace) || line.hasPrefix("#") { continue }
        try output.write(decoder.decode(line, line: number).text)
      }
    } else {
      for (place, frame) in frames.enumerated() {
        try output.write(decoder.decode(frame, line: place + 1).text)
      }
    }
    try output.finish()
    if decoder.failureCount > 0 { throw ExitStatus.badData.exitCode }
  }
}

/// Turns one hexadecimal frame into one JSON object.
struct FrameLineDecoder {
  let ring: KeyRing
  let hasKeys: Bool
  private(set) var failureCount = 0

  init(ring: KeyRing, hasKeys: Bool) {
    self.ring = ring
    self.hasKeys = hasKeys
  }

  mutating func decode(_ text: String, line: Int) -> JSONNode {
    do throws(Hexadecimal.Fault) {
      return decode(try Hexadecimal.bytes(of: text), line: line)
    } catch {
      let (message, offset) =
        switch error {
        case .badCharacter(let place):
          ("character \(place + 1) of the text is no hexadecimal digit", place)
        case .oddCount(let count):
          ("the text has \(count) hexadecimal digits; bytes have two each", text.utf8.count)
        }
      return failure(
        [
          JSONNode.Member("error", .string("bad_hex")),
          JSONNode.Member("message", .string(message)),
          JSONNode.Member("offset", .integer(offset)),
        ], line)
    }
  }

  private mutating func decode(_ bytes: [UInt8], line: Int) -> JSONNode {
    let frame: Frame
    do throws(CodecError) {
      frame = try Frame(bytes: bytes)
    } catch {
      guard case .object(let members) = CodecErrorText.json(error) else { return .null }
      return failure(members, line)
    }
    return decode(frame, line: line)
  }

  private mutating func failure(_ members: [JSONNode.Member], _ line: Int) -> JSONNode {
    failureCount += 1
    return .object(members + [JSONNode.Member("line", .integer(line))])
  }

  private mutating func decode(_ frame: Frame, line: Int) -> JSONNode {
    var remarks: [JSONNode.Member] = []
    var plain = frame
    var isOpen = frame.encryption == .none
    if !isOpen, hasKeys, !frame.unit.isEmpty {
      (plain, isOpen) = decrypted(frame, &remarks)
    }
    do throws(CodecError) {
      let unit = try plain.decodedUnit()
      if isOpen { judge(unit, plain, &remarks) }
      guard case .object(let members) = try rendered(frame, isOpen ? unit : .encrypted(frame.unit))
      else { return .null }
      return .object(members + remarks)
    } catch {
      guard case .object(var members) = CodecErrorText.json(error) else { return .null }
      if frame.encryption != .none {
        members.append(JSONNode.Member("decryption", .string("unit_malformed")))
      }
      return failure(members, line)
    }
  }

  private func rendered(_ frame: Frame, _ unit: DataUnit) throws(CodecError) -> JSONNode {
    do throws(FrameTextError) {
      return try FrameJSON.render(frame, unit: unit)
    } catch {
      if case .codec(let error) = error { throw error }
      return .null
    }
  }

  private mutating func decrypted(
    _ frame: Frame, _ remarks: inout [JSONNode.Member]
  ) -> (Frame, Bool) {
    do throws(ProtectionError) {
      let opened = try ring.open(frame)
      remarks.append(
        JSONNode.Member(
          "decryption",
          .object([
            JSONNode.Member("status", .string("ok")),
            JSONNode.Member("way", .string(opened.way)),
          ])))
      return (frame.withPlainUnit(opened.bytes), true)
    } catch {
      // An answer often stays in plain although its header names an encryption.
      if !frame.isAnswer { failureCount += 1 }
      remarks.append(
        JSONNode.Member(
          "decryption",
          .object([
            JSONNode.Member("status", .string(error.code)),
            JSONNode.Member("message", .string(CodecErrorText.message(error))),
          ])))
      return (frame, false)
    }
  }

  private mutating func judge(
    _ unit: DataUnit, _ frame: Frame, _ remarks: inout [JSONNode.Member]
  ) {
    guard let signed = unit.signedPart(ofCount: frame.unit.count) else { return }
    let verdict: SignatureVerdict
    let bytes = Array(frame.unit[..<signed.byteCount])
    if signed.signature.isEmpty {
      guard hasKeys else { return }
      verdict = .unsigned
    } else if case .activation(let activation) = unit {
      verdict = ring.verdict(on: activation, over: bytes)
    } else {
      guard hasKeys, !(ring.publicKeys + ring.privateKeys).isEmpty else { return }
      verdict = ring.verdict(on: signed.signature, over: bytes, by: frame.identifier)
    }
    // Without keys nobody asked for a check: an activation is judged by its own key in passing.
    if verdict == .wrong, hasKeys { failureCount += 1 }
    let word =
      switch verdict {
      case .unsigned: "unsigned"
      case .valid: "valid"
      case .wrong: "wrong"
      case .noKey: "no_key"
      case .unsupported: "unsupported"
      }
    remarks.append(JSONNode.Member("signature_check", .string(word)))
  }
}
