// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Runs an abuse test: segments, events, records.

import NumericalMethods
import Quantities

/// An abuse test of one cell, ready to run.
///
/// ```swift
/// let result = AbuseSimulation(cell: .lco18650, test: .oven(temperature: 428.15)).run()
/// ```
public struct AbuseSimulation: Sendable {
  /// The cell.
  public var cell: AbuseCell
  /// The test.
  public var test: AbuseTest
  /// Charge and ageing.
  public var condition = CellCondition.fresh
  /// Temperature of the cell at the start, and of its surroundings but for an oven, in kelvin.
  public var startTemperature = PhysicalConstants.referenceTemperature
  /// Heat transfer coefficient, in W/(m²·K).
  public var convection = 7.17
  /// Integral of the squared current at which the metal of an internal short burns away, in A²·s
  /// (``ShortCircuit/burnOff``); infinite where it stays. What melts around it then is coated electrode
  /// against coated electrode.
  public var contactBurnOff = Double.infinity
  /// Duration, in seconds; nil for the usual one of the test.
  public var duration: Double?
  /// Relative tolerance of the solver's steps; the default keeps peaks of temperature in ovens to
  /// half a kelvin, times of runaway to half a second and critical oven temperatures to 0.1 K.
  public var tolerance = 1e-3
  /// Whether states are recorded; events, outcome and balances always are.
  public var records = true
  /// Whether an oven test ends as soon as runaway is certain.
  public var stopsAtVerdict = false
  /// Most steps of the solver.
  public var stepLimit = 200_000

  /// Prepares a test of a fresh, fully charged cell.
  public init(cell: AbuseCell, test: AbuseTest) {
    self.cell = cell
    self.test = test
  }

  /// Runs the test.
  ///
  /// - Returns: The result; every run ends with a named outcome.
  /// - Precondition: ``AbuseCell/faults`` is empty.
  /// - Complexity: A few hundred to a few thousand steps.
  public func run() -> AbuseResult {
    var runner = AbuseRunner(self)
    if case .calorimeter(let program) = test {
      runner.runCalorimeter(program)
    } else {
      runner.runSegments()
    }
    return runner.finished()
  }

  /// The oven temperature above which the cell runs away, by bisection.
  ///
  /// - Parameters:
  ///   - range: Temperatures to search, in kelvin.
  ///   - resolution: Width of the interval given, in kelvin.
  /// - Returns: The middle of the last interval; nil where both ends of the range agree.
  public func criticalOvenTemperature(
    in range: ClosedRange<Double> = 353.15...573.15, resolution: Double = 0.05
  ) -> Double? {
    var probe = self
    probe.records = false
    probe.stopsAtVerdict = true
    func runsAway(_ temperature: Double) -> Bool {
      probe.test = .oven(temperature: temperature)
      return probe.run().isRunaway
    }
    var low = range.lowerBound
    var high = range.upperBound
    guard !runsAway(low), runsAway(high) else { return nil }
    while high - low > resolution {
      let middle = (low + high) / 2
      if runsAway(middle) { high = middle } else { low = middle }
    }
    return (low + high) / 2
  }
}
