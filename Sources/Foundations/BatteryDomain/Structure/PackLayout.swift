// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How the cells of a pack are wired, grouped into modules and watched by probes.

/// A module: parallel groups in series.
public struct ModuleLayout: Codable, Hashable, Sendable {
  /// Parallel groups in series; each is one measured cell voltage.
  public let seriesCount: Int
  /// Cells in each parallel group.
  public let parallelCount: Int

  /// Creates a module of at least one cell.
  public init(seriesCount: Int, parallelCount: Int = 1) {
    precondition(
      Self.counts.contains(seriesCount) && Self.counts.contains(parallelCount),
      "a module has a cell")
    self.seriesCount = seriesCount
    self.parallelCount = parallelCount
  }

  private enum CodingKeys: String, CodingKey {
    case seriesCount = "series_count"
    case parallelCount = "parallel_count"
  }

  /// Reads a module; one without a cell is refused.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    seriesCount = try values.decode(Int.self, forKey: .seriesCount)
    parallelCount = try values.decode(Int.self, forKey: .parallelCount)
    guard Self.counts.contains(seriesCount), Self.counts.contains(parallelCount) else {
      throw DecodingError.dataCorruptedError(
        forKey: .seriesCount, in: values,
        debugDescription: "a module has between 1 and \(Self.counts.upperBound) cells a way")
    }
  }

  /// Cells in series or parallel that a module can have; the end only keeps sums in range.
  static let counts = 1...1_000_000
}

/// Where a temperature probe sits.
public struct ProbePlacement: Codable, Hashable, Sendable {
  /// The module it sits in, counted from 1; nil where it watches the pack as a whole.
  public let module: Int?
  /// The cell or parallel group it touches, counted from 1 through the pack; nil where unknown.
  public let cell: Int?

  /// Creates a placement.
  public init(module: Int? = nil, cell: Int? = nil) {
    self.module = module
    self.cell = cell
  }
}

/// How the cells of a pack are wired, grouped into modules and watched by probes.
///
/// Cells are counted from 1 through the series string, as vehicles number them: a "cell" here is
/// one measured voltage, so a parallel group counts as one. All modules are in series and have the
/// same number of parallel cells.
public struct PackLayout: Codable, Hashable, Sendable {
  /// The modules in series order.
  public let modules: [ModuleLayout]
  /// The probes by number, the first being probe 1.
  public let probes: [ProbePlacement]

  /// Creates a layout.
  ///
  /// - Parameters:
  ///   - modules: At least one module, all with the same parallel count.
  ///   - probes: The probes by number; each refers to a module and cell of the pack.
  public init(modules: [ModuleLayout], probes: [ProbePlacement] = []) {
    if let fault = Self.fault(modules, probes) { preconditionFailure(fault) }
    self.modules = modules
    self.probes = probes
  }

  /// Reads a layout; one without a module, with unequal parallel counts or with a probe that
  /// refers to nothing is refused.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    modules = try values.decode([ModuleLayout].self, forKey: .modules)
    probes = try values.decode([ProbePlacement].self, forKey: .probes)
    if let fault = Self.fault(modules, probes) {
      throw DecodingError.dataCorruptedError(
        forKey: .modules, in: values, debugDescription: fault)
    }
  }

  private static func fault(_ modules: [ModuleLayout], _ probes: [ProbePlacement]) -> String? {
    guard let parallel = modules.first?.parallelCount else { return "a pack has a module" }
    guard modules.allSatisfy({ $0.parallelCount == parallel }) else {
      return "modules in series need the same number of parallel cells"
    }
    let count = modules.map(\.seriesCount).reduce(0, +)
    for probe in probes {
      if let module = probe.module, !(1...modules.count).contains(module) {
        return "a probe refers to module \(module) of \(modules.count)"
      }
      if let cell = probe.cell, !(1...count).contains(cell) {
        return "a probe refers to cell \(cell) of \(count)"
      }
    }
    return nil
  }

  /// A pack of equal modules.
  ///
  /// - Parameters:
  ///   - modules: Number of modules.
  ///   - cellsPerModule: Cells in series in each.
  ///   - parallelCount: Cells in each parallel group.
  ///   - probes: The probes by number.
  public init(
    modules: Int, cellsPerModule: Int, parallelCount: Int = 1, probes: [ProbePlacement] = []
  ) {
    precondition(modules > 0, "a pack has a module")
    self.init(
      modules: Array(
        repeating: ModuleLayout(seriesCount: cellsPerModule, parallelCount: parallelCount),
        count: modules), probes: probes)
  }

  /// Number of measured cells in series.
  public var seriesCount: Int { modules.map(\.seriesCount).reduce(0, +) }

  /// Cells in each parallel group.
  public var parallelCount: Int { modules[0].parallelCount }

  /// Number of physical cells.
  public var cellCount: Int { seriesCount * parallelCount }

  /// The cells of a module, counted from 1; empty where there is no such module.
  ///
  /// - Parameter module: Module counted from 1.
  /// - Returns: Numbers of the module's cells.
  public func cells(ofModule module: Int) -> Range<Int> {
    guard modules.indices.contains(module - 1) else { return 1..<1 }
    let first = modules[..<(module - 1)].map(\.seriesCount).reduce(1, +)
    return first..<(first + modules[module - 1].seriesCount)
  }

  /// The module of a cell, counted from 1; nil where there is no such cell.
  public func module(ofCell cell: Int) -> Int? {
    guard cell > 0 else { return nil }
    var last = 0
    for (index, module) in modules.enumerated() {
      last += module.seriesCount
      if cell <= last { return index + 1 }
    }
    return nil
  }

  /// The cells that share a module with a cell, itself left out.
  public func siblings(ofCell cell: Int) -> [Int] {
    guard let module = module(ofCell: cell) else { return [] }
    return cells(ofModule: module).filter { $0 != cell }
  }

  /// The probes of a module, counted from 1.
  public func probes(ofModule module: Int) -> [Int] {
    probes.indices.filter { index in
      probes[index].module == module
        || probes[index].cell.flatMap { self.module(ofCell: $0) } == module
    }.map { $0 + 1 }
  }
}
