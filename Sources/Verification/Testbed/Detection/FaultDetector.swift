// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The protocol through which any detector is judged.

public import BatteryDomain

/// One number behind a verdict.
public struct VerdictEvidence: Codable, Hashable, Sendable {
  /// What it is.
  public var name: String
  /// Its value.
  public var value: Double
  /// Its unit.
  public var unit: String

  /// Creates an item of evidence.
  public init(_ name: String, _ value: Double, _ unit: String) {
    self.name = name
    self.value = value
    self.unit = unit
  }
}

/// What a detector says: which fault, where, with which numbers.
public struct Verdict: Codable, Hashable, Sendable {
  /// What is wrong.
  public var fault: FaultClass
  /// Where.
  public var subject: Subject
  /// Time of the reading that decided, in seconds of the instruments' clock.
  public var time: Double
  /// The numbers behind it.
  public var evidence: [VerdictEvidence]

  /// Creates a verdict.
  public init(
    _ fault: FaultClass, at subject: Subject, time: Double, evidence: [VerdictEvidence] = []
  ) {
    self.fault = fault
    self.subject = subject
    self.time = time
    self.evidence = evidence
  }
}

/// What a detector may know beforehand: the data sheet, not the truth.
public struct DetectorContext: Sendable {
  /// The type of cell as new, at its nominal values.
  public var cell: PlantCell
  /// Cells in series.
  public var cells: Int
  /// Cells in each module.
  public var cellsPerModule: Int
  /// Temperature probes.
  public var probes: Int
  /// Current of a balancing switch in amperes.
  public var bleedCurrent: Double

  /// Creates a context.
  public init(
    cell: PlantCell, cells: Int, cellsPerModule: Int, probes: Int, bleedCurrent: Double = 0.1
  ) {
    self.cell = cell
    self.cells = cells
    self.cellsPerModule = cellsPerModule
    self.probes = probes
    self.bleedCurrent = bleedCurrent
  }

  /// The module of a cell, both from 0.
  public func module(of cell: Int) -> Int { cell / cellsPerModule }
  /// The module of a probe, both from 0.
  public func module(ofProbe probe: Int) -> Int {
    probe * (cells / cellsPerModule) / max(probes, 1)
  }
}

/// A detector under test: it sees readings in order and says what is wrong.
///
/// Conform a type to judge it on the scenarios of the testbed: it is created once a vehicle, gets every
/// cycle that arrived, and returns verdicts in the cycle in which it reaches them. It may repeat itself;
/// the judge counts the first verdict of each class and subject. It must not trap on NaN, on repeated or
/// leaping time, or on any value at all.
public protocol FaultDetector: Sendable {
  /// Takes one reading.
  ///
  /// - Parameters:
  ///   - reading: The cycle.
  ///   - verdicts: New verdicts are appended.
  mutating func ingest(_ reading: PackReading, verdicts: inout [Verdict])
}

/// A named way to create detectors, so that scenario runs can choose among them.
public struct DetectorKind: Sendable {
  /// Name for the command line.
  public var name: String
  /// One sentence on what it does, with its source.
  public var summary: String
  /// The classes it can name; only these count as missed.
  public var classes: Set<FaultClass>
  /// Creates one for a vehicle.
  public var make: @Sendable (DetectorContext) -> any FaultDetector

  /// Creates a kind.
  public init(
    name: String, summary: String, classes: Set<FaultClass>,
    make: @escaping @Sendable (DetectorContext) -> any FaultDetector
  ) {
    self.name = name
    self.summary = summary
    self.classes = classes
    self.make = make
  }
}
