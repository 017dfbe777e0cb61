// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A frame with its data unit decrypted and its signature judged.

/// A frame with its data unit in plain and its signature judged.
public struct OpenedFrame: Hashable, Sendable {
  /// The frame as sent.
  public let frame: Frame
  /// The data unit in plain; that of the frame where nothing is encrypted.
  public let plaintext: [UInt8]
  /// The meaning of the data unit.
  public let unit: DataUnit
  /// What is known about the signature.
  public let verdict: SignatureVerdict
}

extension Frame {
  /// The frame with another, plain data unit.
  public func withPlainUnit(_ plaintext: [UInt8]) -> Frame {
    var plain = self
    plain.encryption = .none
    plain.unit = plaintext
    return plain
  }

  /// Decrypts, decodes and judges the signature.
  ///
  /// The check byte covers the ciphertext, the signature the plain bytes from the time to the last
  /// byte before the signature item (its marker not included).
  ///
  /// - Parameter protection: Keys and algorithms.
  /// - Returns: The frame with its plain unit and the verdict.
  /// - Throws: ``CodecError/protection(_:)`` if the unit cannot be decrypted, other cases if the
  ///   plain unit is malformed.
  /// - Complexity: O(n) in the length of the data unit.
  public func opened(using protection: some FrameProtection) throws(CodecError) -> OpenedFrame {
    var plaintext = unit
    if encryption != .none, !unit.isEmpty {
      do throws(ProtectionError) {
        plaintext = try protection.plaintext(of: self)
      } catch { throw .protection(error) }
    }
    let decoded = try withPlainUnit(plaintext).decodedUnit()
    var verdict = SignatureVerdict.unsigned
    if let signed = decoded.signedPart(ofCount: plaintext.count), !signed.signature.isEmpty {
      verdict = protection.verdict(
        on: signed.signature, over: Array(plaintext[..<signed.byteCount]), by: identifier)
    }
    return OpenedFrame(frame: self, plaintext: plaintext, unit: decoded, verdict: verdict)
  }
}

extension DataUnit {
  /// The signature of a report or activation and how many bytes from the start it covers; nil
  /// where there is none, or bytes follow it.
  ///
  /// - Parameter count: Length of the plain data unit.
  /// - Returns: The signature and the number of bytes before it; nil without one.
  public func signedPart(ofCount count: Int) -> (signature: SignatureBlock, byteCount: Int)? {
    switch self {
    case .report(let report):
      guard case .signature(let block)? = report.items.last, report.opaqueRest.isEmpty else {
        return nil
      }
      let covered = count - block.byteCount - 1
      return covered >= 0 ? (block, covered) : nil
    case .activation(let activation):
      let covered = count - activation.signature.byteCount
      return covered >= 0 ? (activation.signature, covered) : nil
    default: return nil
    }
  }
}
