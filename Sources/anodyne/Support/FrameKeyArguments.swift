// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Keys and cipher profile on the command line.

import ArgumentParser
import Foundation
import FrameCryptography
import FrameText

/// Keys and cipher profile.
struct FrameKeyArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Key of AES-128 or SM4: 32 hexadecimal digits, 16 characters as text:…, base64:…, a file as "
        + "@FILE, or an environment variable as env:NAME. May be given more than once.",
      valueName: "key"))
  var key: [String] = []

  @Option(
    help: ArgumentHelp(
      "Private key of RSA, SM2 or ECC, for decryption and --sign: a PEM or DER file, or "
        + "hexadecimal digits (DER, or the raw 32-byte number). May be given more than once.",
      valueName: "key"))
  var privateKey: [String] = []

  @Option(
    help: ArgumentHelp(
      "Public key for signatures and encryption: a PEM, DER or certificate file, or hexadecimal "
        + "digits (DER, a raw SM2 or P-256 point, an RSA modulus with its exponent). May be given "
        + "more than once.",
      valueName: "key"))
  var publicKey: [String] = []

  @Option(
    help: "Mode of AES-128 and SM4: cbc, ecb, ctr, cfb, ofb, gcm; found out by trial without it.",
    transform: Self.word)
  var mode: CipherProfile.Mode?

  @Option(
    help: "Padding of cbc and ecb: pkcs7, zero, none; found out by trial without it.",
    transform: Self.word)
  var padding: CipherProfile.Padding?

  @Option(
    name: .customLong("iv"),
    help: ArgumentHelp(
      "Initial vector: prefix (before the ciphertext), key, zero, or hexadecimal digits; found "
        + "out by trial without it.",
      valueName: "vector"))
  var initialVector: String?

  @Option(
    help: "Padding of RSA encryption: pkcs1, oaep, oaep-sha256; found out by trial without it.",
    transform: Self.word)
  var rsaPadding: CipherProfile.RSAPadding?

  @Option(
    help: "Form of SM2 ciphertexts: c1c3c2, c1c2c3, der; found out by trial without it.",
    transform: Self.word)
  var sm2Form: CipherProfile.SM2Form?

  @Option(
    help: ArgumentHelp(
      "Identity in SM2 signatures: a text, hex:…, vin for the frame's own, or none for the bare "
        + "hash.",
      valueName: "identity"))
  var sm2Id = "1234567812345678"

  /// One of the words of a set.
  static func word<Word: RawRepresentable<String> & CaseIterable>(_ text: String) throws -> Word {
    guard let word = Word(rawValue: text) else {
      let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("'\(text)' is none of \(words).")
    }
    return word
  }

  /// Whether any key was given.
  var areGiven: Bool { !(key.isEmpty && privateKey.isEmpty && publicKey.isEmpty) }

  /// The keys and the profile.
  ///
  /// - Throws: `ExitCode` or a validation error; never with bytes of a key in its text.
  func ring() throws -> KeyRing {
    var ring = KeyRing()
    ring.profile = CipherProfile(
      mode: mode, padding: padding, initialVector: try vector(), rsaPadding: rsaPadding,
      sm2Form: sm2Form)
    ring.identity = try identity()
    for text in key {
      let bytes = try material(text, option: "--key")
      // A key file or number of another length can only be meant for public-key ciphers.
      if bytes.count == 16 || text.hasPrefix("text:") {
        ring.symmetricKeys.append(try checked("--key") { try KeyReader.symmetric(bytes) })
      } else if let keys = try? KeyReader.privateKeys(bytes) {
        ring.privateKeys += keys
      } else {
        _ = try checked("--key") { try KeyReader.symmetric(bytes) }
      }
    }
    for text in privateKey {
      let bytes = try material(text, option: "--private-key")
      ring.privateKeys += try checked("--private-key") { try KeyReader.privateKeys(bytes) }
    }
    for text in publicKey {
      let bytes = try material(text, option: "--public-key")
      ring.publicKeys.append(try checked("--public-key") { try KeyReader.publicKey(bytes) })
    }
    return ring
  }

  private func checked<Result>(_ option: String, _ read: () throws -> Result) throws -> Result {
    do { return try read() } catch let error as KeyError {
      throw ValidationError("\(option): \(error.message).")
    }
  }

  private func vector() throws -> CipherProfile.InitialVector? {
    switch initialVector {
    case nil: return nil
    case "prefix": return .prefix
    case "key": return .key
    case "zero": return .zero
    case let text?:
      guard let bytes = try? Hexadecimal.bytes(of: text), bytes.count == 16 || bytes.count == 12
      else {
        throw ValidationError(
          "--iv is prefix, key, zero, or 32 hexadecimal digits (24 for gcm).")
      }
      return .bytes(bytes)
    }
  }

  private func identity() throws -> SM2Identity {
    switch sm2Id {
    case "vin": return .vehicle
    case "none": return .none
    default:
      guard sm2Id.hasPrefix("hex:") else { return .bytes(Array(sm2Id.utf8)) }
      guard let bytes = try? Hexadecimal.bytes(of: sm2Id.dropFirst(4)) else {
        throw ValidationError("--sm2-id hex: wants hexadecimal digits behind it.")
      }
      return .bytes(bytes)
    }
  }

  /// The bytes that an option names.
  private func material(_ text: String, option: String) throws -> [UInt8] {
    if text.hasPrefix("text:") { return Array(text.dropFirst(5).utf8) }
    if text.hasPrefix("base64:") {
      guard let data = Data(base64Encoded: String(text.dropFirst(7))) else {
        throw ValidationError("\(option): what follows base64: is not base64.")
      }
      return Array(data)
    }
    if text.hasPrefix("env:") {
      let name = String(text.dropFirst(4))
      guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else {
        throw ValidationError("\(option): the environment variable \(name) is empty or not set.")
      }
      return Self.content(Array(value.utf8))
    }
    if text.contains("-----BEGIN ") { return Array(text.utf8) }
    if !text.hasPrefix("@"), let bytes = try? Hexadecimal.bytes(of: text), !bytes.isEmpty {
      return bytes
    }
    let path = text.hasPrefix("@") ? String(text.dropFirst()) : text
    guard let data = FileManager.default.contents(atPath: path) else {
      if !text.hasPrefix("@"), text.utf8.count == 16 { return Array(text.utf8) }
      StandardError.write(
        "anodyne: \(option): neither hexadecimal digits nor a file that can be read\n")
      throw ExitStatus.unreadableInput.exitCode
    }
    return Self.content(Array(data))
  }

  /// A file or variable holds PEM, hexadecimal digits, or the bytes themselves.
  private static func content(_ bytes: [UInt8]) -> [UInt8] {
    let text = String(decoding: bytes, as: UTF8.self)
    if text.contains("-----BEGIN ") { return bytes }
    if let read = try? Hexadecimal.bytes(of: text), read.count >= 16 { return read }
    return bytes
  }
}
