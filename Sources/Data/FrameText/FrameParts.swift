// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The parts of a frame that its JSON object holds.

public import TelemetryCodec

/// The parts of a frame that its JSON object holds.
public struct FrameParts: Hashable, Sendable {
  /// Header of the frame; its data unit is the ciphertext, or the bytes of ``unit``.
  public internal(set) var frame: Frame
  /// The meaning of the plain data unit; nil when only ciphertext is known.
  public internal(set) var unit: DataUnit?
  /// Whether the ciphertext is known.
  public internal(set) var hasCiphertext = false

  init(frame: Frame, unit: DataUnit) {
    self.frame = frame
    if case .encrypted = unit { self.unit = nil } else { self.unit = unit }
    hasCiphertext = frame.encryption != .none
  }

  init(edition: Edition) {
    frame = Frame(edition: edition, command: .heartbeat, identifier: .blank)
  }

  /// Replaces the signature of a report that ends with one, or of an activation; ciphertext is
  /// made anew.
  public mutating func replaceSignature(_ block: SignatureBlock) {
    switch unit {
    case .report(var report)?:
      guard case .signature? = report.items.last else { return }
      report.items[report.items.count - 1] = .signature(block)
      unit = .report(report)
    case .activation(var activation)?:
      activation.signature = block
      unit = .activation(activation)
    default: return
    }
    hasCiphertext = false
  }

  /// The bytes of the frame.
  ///
  /// Known ciphertext is kept as long as it still is that of ``unit``: with keys that can decrypt
  /// it and find another unit, or without ciphertext, the unit is encrypted anew.
  ///
  /// - Parameter protection: Keys and algorithms.
  /// - Returns: The whole frame with its check byte.
  /// - Throws: ``FrameTextError/codec(_:)`` if a part cannot be encoded, or must be encrypted and
  ///   there is no key.
  public func encoded(using protection: some FrameProtection) throws(FrameTextError) -> [UInt8] {
    do throws(CodecError) {
      return try encodedOrCodecError(using: protection)
    } catch { throw .codec(error) }
  }

  private func encodedOrCodecError(
    using protection: some FrameProtection
  ) throws(CodecError) -> [UInt8] {
    var frame = frame
    guard let unit else { return try frame.encoded() }
    let plaintext = try unit.encoded(for: frame.edition)
    if frame.encryption == .none {
      frame.unit = plaintext
      return try frame.encoded()
    }
    if hasCiphertext, isStill(plaintext, using: protection) { return try frame.encoded() }
    do throws(ProtectionError) {
      frame.unit = try protection.ciphertext(of: plaintext, for: frame)
    } catch { throw .protection(error) }
    return try frame.encoded()
  }

  /// Whether the ciphertext is that of a data unit, as far as the keys can tell.
  private func isStill(_ plaintext: [UInt8], using protection: some FrameProtection) -> Bool {
    do throws(ProtectionError) {
      return try protection.plaintext(of: frame) == plaintext
    } catch {
      if case .noKey = error { return true }
      return false
    }
  }
}
