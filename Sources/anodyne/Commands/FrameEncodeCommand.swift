// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne frame encode: JSON objects in, hexadecimal frames out.

import ArgumentParser
import FrameCryptography
import FrameText
import TelemetryCodec

/// Encodes frames.
struct FrameEncodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encode",
    abstract: "Encode frames: the JSON objects of decode in, one hexadecimal frame a line out.",
    discussion: """
      Examples:
        anodyne frame decode <frames.hex | anodyne frame encode
        anodyne frame encode --key 00112233445566778899aabbccddeeff --mode cbc --iv prefix <edited.jsonl

      What decode writes comes back as the same bytes. Lengths and the check byte are computed. \
      The ciphertext in data_hex is kept unless a key shows that it no longer is that of data; \
      then, or when it is missing, data is encrypted anew. --sign writes the signature of a report \
      or activation anew.

      A line that cannot be encoded gives no frame but an error with its number on the standard \
      error stream; the others are encoded all the same.

      Exit codes: 0 every line encoded, 65 a line could not be, 64 wrong usage, 66 a key file \
      cannot be read, 74 output failed.
      """)

  @Argument(help: "JSON objects; lines of the standard input when there are none.")
  var objects: [String] = []

  @Flag(help: "Sign reports that carry a signature item, and activations, with --private-key.")
  var sign = false

  @OptionGroup(title: "Keys")
  var keys: FrameKeyArguments

  func validate() throws {
    if sign, keys.privateKey.isEmpty { throw ValidationError("--sign needs --private-key.") }
  }

  func run() throws {
    let ring = try keys.ring()
    var output = LineWriter()
    var failures = 0
    func encode(_ text: String, _ line: Int) throws {
      do {
        var parts = try FrameJSON.parse(text)
        if sign { try parts.sign(with: ring) }
        try output.write(Hexadecimal.text(of: try parts.encoded(using: ring)))
      } catch let error as FrameTextError {
        failures += 1
        StandardError.write("anodyne: line \(line): \(error.message)\n")
      }
    }
    if objects.isEmpty {
      var number = 0
      while let line = readLine() {
        number += 1
        if line.allSatisfy(\.isWhitespace) || line.hasPrefix("#") { continue }
        try encode(line, number)
      }
    } else {
      for (place, object) in objects.enumerated() { try encode(object, place + 1) }
    }
    try output.finish()
    if failures > 0 { throw ExitStatus.badData.exitCode }
  }
}

extension FrameParts {
  /// Replaces the signature of a report or activation.
  fileprivate mutating func sign(with ring: KeyRing) throws(FrameTextError) {
    guard let unit else { return }
    do throws(CodecError) {
      let bytes = try unit.encoded(for: frame.edition)
      guard let signed = unit.signedPart(ofCount: bytes.count) else { return }
      let covered = Array(bytes[..<signed.byteCount])
      let block: SignatureBlock
      do throws(ProtectionError) {
        let code = signed.signature.algorithm
        block = try ring.signature(
          over: covered, by: frame.identifier, algorithm: (1...3).contains(code) ? code : nil)
      } catch { throw .protection(error) }
      replaceSignature(block)
    } catch { throw .codec(error) }
  }
}
