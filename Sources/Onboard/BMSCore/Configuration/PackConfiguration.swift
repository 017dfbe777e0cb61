// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Everything the core is told about its pack: one value, with a version and a signature slot.

/// Everything the core is told about its pack.
///
/// Fixed-size value data: no arrays, no strings. It is built from a file outside the core, travels
/// as a binary image (``encode(into:)``, ``init(image:)``), and is checked as a whole before use.
public struct PackConfiguration<let cells: Int, let probes: Int, Real: CoreReal>:
  ConfigurationPart
{
  /// Number of the layout of fields; raised when any field is added, removed or reordered.
  public static var layout: UInt16 { 1 }

  /// Version of this configuration, given by who wrote it; every trip names it.
  public var version: UInt32 = 0
  /// Code of the chemistry as in GB/T 32960.3-2025's cell type list; 0 where it is not stated.
  public var chemistry: UInt8 = 0
  /// Limits of the pack in three levels.
  public var limits = SafetyLimits<Real>()
  /// The measuring chain.
  public var sensing = SensingConfiguration<cells, probes, Real>()
  /// The estimators.
  public var estimation = EstimationConfiguration<Real>()
  /// The diagnosis table.
  public var diagnosis = DiagnosisConfiguration<Real>(cells: cells)
  /// Contactors, limits, thermal control, balancing, sleep.
  public var control = ControlConfiguration<Real>()
  /// When the core stops trusting its input or its parts.
  public var supervision = SupervisionConfiguration<Real>()
  /// Who signed, and the signature over the image up to it.
  public var signature = SignatureSlot()

  /// A configuration to start from; see the parts for what it suits.
  public init() {}

  /// Shows every field but the signature, which covers them.
  public mutating func visit<V: ConfigurationVisitor>(_ visitor: inout V) {
    visitor.integer(
      &version, "version", in: 0...UInt32.max, "version of this configuration; trips name it")
    visitor.integer(&chemistry, "chemistry", in: 0...255, "code of the chemistry; 0: not stated")
    visitor.part(&limits, "limits", "limits of the pack in three levels")
    visitor.part(&sensing, "sensing", "the measuring chain")
    visitor.part(&estimation, "estimation", "the estimators")
    visitor.part(&diagnosis, "diagnosis", "the diagnosis table")
    visitor.part(&control, "control", "contactors, limits, thermal control, balancing, sleep")
    visitor.part(
      &supervision, "supervision", "when the core stops trusting its input or its parts")
  }

  /// The first rule broken in any part.
  public func inconsistency() -> ConfigurationRule? {
    limits.inconsistency() ?? sensing.inconsistency() ?? estimation.inconsistency()
      ?? diagnosis.inconsistency()
      ?? control.inconsistency()
      ?? supervision.inconsistency()
  }
}

/// Place for a signature (for example Ed25519) over the image up to it.
///
/// The core carries it unchanged. The boot loader or the service that delivers the image verifies
/// it: keys and their revocation do not belong into the cyclic path.
public struct SignatureSlot: Sendable, BitwiseCopyable {
  /// Number of the key; 0 where the image is not signed.
  public var key: UInt32 = 0
  /// The signature.
  public var bytes = InlineArray<64, UInt8>(repeating: 0)

  /// An empty slot.
  public init() {}
}
