// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The diagnosis table with the facts and settings its detectors need.

/// The diagnosis table: one row for every fault class, the facts and the settings of detectors.
///
/// Plain data of fixed size: built from the limits of a chemistry, read from a configuration,
/// compared by the shadow. Its version is written into every trip.
public struct DiagnosisConfiguration<Real: CoreReal>: ConfigurationPart, BitwiseCopyable {
  /// Version of the limits.
  public var version: UInt32
  /// Facts about the pack.
  public var facts: PackFacts<Real>
  /// Settings of the detectors.
  public var settings: DetectorSettings<Real>
  /// One row for every fault class, at its row.
  public var rows: FaultTable<DiagnosisRow<Real>>

  /// The default table of a pack.
  ///
  /// - Parameters:
  ///   - version: Version of the limits; written into every trip.
  ///   - cells: Cells in series.
  ///   - limits: Limits of the pack in three levels.
  ///   - facts: Facts about the pack.
  public init(
    version: UInt32 = 0, cells: Int, limits: SafetyLimits<Real> = SafetyLimits(),
    facts: PackFacts<Real> = PackFacts()
  ) {
    self.version = version
    self.facts = facts
    settings = DetectorSettings()
    settings.eventTemperature = limits.dischargeTemperatureUpper.safety + 10
    rows = InlineArray(repeating: .vacant)
    fill(cells: cells, limits: limits)
  }

  /// Sets every row to its default for a pack.
  public mutating func fill(cells: Int, limits: SafetyLimits<Real>) {
    let scale = Real(max(cells, 1))
    fillElectrical(cells: scale, limits)
    fillThermal(limits)
    fillMeasuring(cells: scale)
    fillSwitching(limits)
    fillCells()
    fillSystem()
  }

  /// Shows the facts, the settings and every row.
  public mutating func visit<V: ConfigurationVisitor>(_ visitor: inout V) {
    visitor.integer(&version, "version", in: 0...UInt32.max, "version of the limits")
    visitor.part(&facts, "facts", "facts about the pack")
    visitor.part(&settings, "settings", "settings of the detectors")
    visitor.parts(&rows, "rows", "one row for every fault class, in the order of the classes")
  }

  /// Every row stands at its place, its levels are in order, its times fit.
  public func inconsistency() -> ConfigurationRule? {
    for row in rows.indices {
      if rows[row].fault.row != row { return .indexBeyondTable }
      if let rule = rows[row].inconsistency() { return rule }
    }
    return nil
  }

  /// The row of a fault.
  @inlinable
  public subscript(_ fault: FaultClass) -> DiagnosisRow<Real> {
    get { rows[fault.row] }
    set { rows[fault.row] = newValue }
  }

  mutating func set(_ row: DiagnosisRow<Real>) { rows[row.fault.row] = row }
}

extension DiagnosisRow {
  static var vacant: DiagnosisRow {
    DiagnosisRow(
      .cellOverVoltage, limit: PerLevel(.nan, .nan, .nan),
      debounceMilliseconds: PerLevel(0, 0, 0),
      reaction: PerLevel(Reaction(), Reaction(), Reaction()),
      detectMilliseconds: 0, reactMilliseconds: 0)
  }
}
