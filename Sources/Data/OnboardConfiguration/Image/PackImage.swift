// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The binary image of a configuration whose size is known only when it is read.

public import BMSCore

/// A configuration as the bytes that the core reads from flash; it has passed every check.
public struct PackImage: Sendable, Hashable {
  /// The bytes: header, fields, checksum, signature slot.
  public private(set) var bytes: [UInt8]
  /// Cells and probes of the pack.
  public let size: PackSize
  /// Name of the pack; files have one, images do not.
  public var name: String

  /// Writes a configuration.
  ///
  /// - Throws: `ConfigurationError` where the core would refuse it.
  public init<let cells: Int, let probes: Int>(
    _ configuration: PackConfiguration<cells, probes, Double>, name: String = "pack"
  ) throws {
    guard let size = PackSize(cells: cells, probes: probes) else {
      throw ImageFault.size(cells: cells, probes: probes)
    }
    self.size = size
    self.name = name
    var bytes = [UInt8](
      repeating: 0, count: PackConfiguration<cells, probes, Double>.imageByteCount)
    var span = bytes.mutableSpan
    _ = try configuration.encode(into: &span)
    self.bytes = bytes
  }

  /// Takes the bytes of an image, checked as the core checks them.
  ///
  /// - Throws: `ConfigurationError` or ``ImageFault``.
  public init(bytes: [UInt8], name: String = "image") throws {
    guard let size = Self.size(in: bytes) else {
      if bytes.count < 12 {
        throw ConfigurationError.truncated(needed: 12, found: bytes.count)
      }
      guard Self.hasMark(bytes) else { throw ConfigurationError.notAnImage }
      throw ImageFault.size(cells: Self.half(bytes, 6), probes: Self.half(bytes, 8))
    }
    self.bytes = bytes
    self.size = size
    self.name = name
    var check = CheckingWork()
    try open(&check)
    self.bytes = Array(bytes.prefix(check.count))
  }

  /// Whether bytes begin as an image does.
  public static func hasMark(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: [0x41, 0x4E, 0x42, 0x43])
  }

  private static func half(_ bytes: [UInt8], _ place: Int) -> Int {
    Int(bytes[place]) | Int(bytes[place + 1]) << 8
  }

  private static func size(in bytes: [UInt8]) -> PackSize? {
    guard bytes.count >= 12, hasMark(bytes) else { return nil }
    return PackSize(cells: half(bytes, 6), probes: half(bytes, 8))
  }

  /// The configuration of known size.
  ///
  /// - Throws: `ConfigurationError`, for the wrong size as well.
  public func configuration<let cells: Int, let probes: Int, Real: CoreReal>(
    _ type: PackConfiguration<cells, probes, Real>.Type = PackConfiguration<cells, probes, Real>
      .self
  ) throws(ConfigurationError) -> PackConfiguration<cells, probes, Real> {
    try PackConfiguration(image: bytes.span)
  }

  /// Runs work on the configuration with its counts as part of the type.
  public func open<Work: ConfiguredWork>(_ work: inout Work) throws -> Work.Output {
    var opening = OpeningWork(image: self, work: work)
    defer { work = opening.work }
    return try size.open(&opening)
  }

  /// The bytes that a signature covers.
  public var signedPart: ArraySlice<UInt8> { bytes.prefix(bytes.count - 68) }

  /// Number of the key in the signature slot; 0 where the image is not signed.
  public var signatureKey: UInt32 {
    bytes.suffix(68).prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// Puts a signature into its slot; nothing else changes.
  ///
  /// - Parameters:
  ///   - signature: 64 bytes over ``signedPart``.
  ///   - key: Number of the key; not 0.
  /// - Throws: ``ImageFault/signature(found:)``.
  public mutating func sign(_ signature: [UInt8], key: UInt32) throws(ImageFault) {
    guard signature.count == 64, key != 0 else { throw .signature(found: signature.count) }
    let start = bytes.count - 68
    for place in 0..<4 {
      bytes[start + place] = UInt8(truncatingIfNeeded: key >> UInt32(8 * place))
    }
    bytes.replaceSubrange((start + 4)..., with: signature)
  }

  /// The whole configuration as YAML; read again it gives the same image.
  ///
  /// - Parameter withMeanings: Whether meanings and units are written as comments.
  /// - Returns: The text.
  /// - Throws: `ConfigurationError` where the image is not whole.
  public func yaml(withMeanings: Bool = true) throws -> String {
    "format: 1\nname: \(Self.quoted(name))\npack:\n  cells: \(size.cells)\n  probes: \(size.probes)\n"
      + ConfigurationText.yaml(try described(), withMeanings: withMeanings)
  }

  /// The whole configuration as JSON with the same keys.
  public func json() throws -> String {
    "{\"format\":1,\"name\":\(Self.quoted(name)),\"pack\":{\"cells\":\(size.cells),"
      + "\"probes\":\(size.probes)}," + ConfigurationText.json(try described()).dropFirst() + "\n"
  }

  /// A name in quotes that YAML and JSON read alike.
  private static func quoted(_ text: String) -> String {
    "\"" + text.filter { $0 >= " " }.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      + "\""
  }

  /// All fields as a tree.
  public func described() throws -> [ConfigurationEntry] {
    var work = DescribingWork()
    return try open(&work)
  }

  /// The image of the same pack after a change of its configuration.
  ///
  /// - Throws: `ConfigurationError` where the changed configuration is refused.
  public func changed<Change: ConfigurationChange>(by change: Change) throws -> PackImage {
    var work = ChangingWork(change: change, name: name)
    return try open(&work)
  }
}

/// Work on a configuration whose counts are part of its type.
public protocol ConfiguredWork {
  /// What the work gives.
  associatedtype Output
  /// Does the work.
  mutating func run<let cells: Int, let probes: Int>(
    _ configuration: PackConfiguration<cells, probes, Double>
  ) throws -> Output
}

/// A change of a configuration of any size.
public protocol ConfigurationChange {
  /// Makes the change.
  func apply<let cells: Int, let probes: Int>(
    to configuration: inout PackConfiguration<cells, probes, Double>)
}

private struct OpeningWork<Work: ConfiguredWork>: SizedWork {
  let image: PackImage
  var work: Work

  mutating func run<let cells: Int, let probes: Int>(
    _ shape: PackShape<cells, probes>.Type
  ) throws -> Work.Output {
    let configuration: PackConfiguration<cells, probes, Double> = try image.configuration()
    return try work.run(configuration)
  }
}

private struct CheckingWork: ConfiguredWork {
  var count = 0

  mutating func run<let cells: Int, let probes: Int>(
    _ configuration: PackConfiguration<cells, probes, Double>
  ) { count = PackConfiguration<cells, probes, Double>.imageByteCount }
}

private struct DescribingWork: ConfiguredWork {
  func run<let cells: Int, let probes: Int>(
    _ configuration: PackConfiguration<cells, probes, Double>
  ) -> [ConfigurationEntry] { configuration.described }
}

private struct ChangingWork<Change: ConfigurationChange>: ConfiguredWork {
  let change: Change
  let name: String

  func run<let cells: Int, let probes: Int>(
    _ configuration: PackConfiguration<cells, probes, Double>
  ) throws -> PackImage {
    var copy = configuration
    change.apply(to: &copy)
    return try PackImage(copy, name: name)
  }
}

/// What can be wrong with an image beyond what the core checks.
public enum ImageFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// The image is for a pack of a size that this program has no type for.
  case size(cells: Int, probes: Int)
  /// A signature has another length, or its key is 0.
  case signature(found: Int)

  /// What, which value, what is allowed.
  public var description: String {
    switch self {
    case .size(let cells, let probes):
      "the image is for \(cells) cells and \(probes) probes; this program knows 1 to 256 cells and "
        + "0 to 64 probes"
    case .signature(let found):
      "the signature has \(found) bytes; 64 are expected, and a key number other than 0"
    }
  }
}

extension ConfigurationError {
  /// What is wrong and what to do.
  public var sentence: String {
    switch self {
    case .truncated(let needed, let found):
      "is cut short: \(found) of \(needed) bytes; copy the whole image"
    case .notAnImage: "does not begin with ANBC, so it is no configuration image"
    case .otherLayout(let expected, let found):
      "was written for layout \(found) of the fields, this core has \(expected): write it anew from "
        + "its file"
    case .otherPack(let cells, let probes):
      "is for a pack of \(cells) cells and \(probes) probes"
    case .checksum(let expected, let found):
      "is damaged: its checksum is "
        + String(found, radix: 16) + ", written was " + String(expected, radix: 16)
    case .fieldOutOfRange(let index): "holds a value outside its range in field \(index)"
    case .inconsistent(let rule): "contradicts itself: \(rule.sentence)"
    case .bufferTooSmall(let needed, let found): "needs \(needed) bytes of room, not \(found)"
    }
  }
}
