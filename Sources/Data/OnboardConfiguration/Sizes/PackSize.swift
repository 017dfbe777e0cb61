// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// From counts known when a file is read to counts that are part of a type.

public import BMSCore

/// How many cells in series and temperature probes a pack has.
///
/// The core has both counts in its type, so that all its memory is known when it is built. A file
/// says them when the program runs; open(_:) finds the type that has them.
public struct PackSize: Hashable, Sendable {
  /// Cells in series, 1…256.
  public let cells: Int
  /// Temperature probes, 0…64.
  public let probes: Int

  /// Counts of cells that have a type.
  public static let cellRange = 1...256
  /// Counts of probes that have a type.
  public static let probeRange = 0...64

  /// A size, or nil where a count is outside its range.
  public init?(cells: Int, probes: Int) {
    guard Self.cellRange.contains(cells), Self.probeRange.contains(probes) else { return nil }
    self.cells = cells
    self.probes = probes
  }

  /// Runs work with both counts as part of its types.
  ///
  /// The types are looked up in tables, so that the compiler makes one unspecialised body of the
  /// work and not sixteen thousand.
  ///
  /// - Complexity: O(1) besides the work.
  public func open<Work: SizedWork>(_ work: inout Work) throws -> Work.Output {
    try Self.cellTypes[cells - 1].open(Self.probeTypes[probes], &work)
  }
}

/// Work on a pack whose counts are part of its types.
public protocol SizedWork {
  /// What the work gives.
  associatedtype Output
  /// Does the work.
  mutating func run<let cells: Int, let probes: Int>(
    _ shape: PackShape<cells, probes>.Type
  ) throws -> Output
}

/// The counts of a pack as a type.
public enum PackShape<let cells: Int, let probes: Int> {
  /// The configuration of such a pack in the number type of desktops.
  public typealias Configuration = PackConfiguration<cells, probes, Double>
}

/// A count of cells as a type.
protocol CellCount: SendableMetatype {
  static func open<Work: SizedWork>(
    _ probes: any ProbeCount.Type, _ work: inout Work
  ) throws -> Work.Output
}

/// A count of probes as a type.
protocol ProbeCount: SendableMetatype {
  static func open<let cells: Int, Work: SizedWork>(
    _ count: Cells<cells>.Type, _ work: inout Work
  ) throws -> Work.Output
}

enum Cells<let count: Int>: CellCount {
  static func open<Work: SizedWork>(
    _ probes: any ProbeCount.Type, _ work: inout Work
  ) throws -> Work.Output {
    try probes.open(Self.self, &work)
  }
}

enum Probes<let count: Int>: ProbeCount {
  static func open<let cells: Int, Work: SizedWork>(
    _ shape: Cells<cells>.Type, _ work: inout Work
  ) throws -> Work.Output {
    try work.run(PackShape<cells, count>.self)
  }
}
