// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One row of the table of finding kinds: what counts, from when on, and what to do.

public import BatteryDomain

/// One row of the table of finding kinds.
///
/// Everything that is policy stands here and can be listed, reviewed and documented: thresholds
/// with their reasons, the control node, the highest severity the evidence of this kind can carry,
/// and the recommended actions. Detection computes numbers; this table turns them into severities.
public struct FindingRule: Codable, Hashable, Sendable {
  /// The severity from a value on.
  public struct Step: Codable, Hashable, Sendable {
    /// Severity that applies.
    public var severity: Severity
    /// Magnitude of the metric from which it applies, in the rule's unit.
    public var from: Double
    /// What to do then.
    public var action: String

    init(_ severity: Severity, from: Double, action: String) {
      self.severity = severity
      self.from = from
      self.action = action
    }
  }

  /// Machine name of the kind of finding.
  public var kind: String
  /// What the metric is, in words.
  public var metric: String
  /// Unit of the metric in SI; empty for a ratio.
  public var unit: String
  /// Point of the propagation chains concerned.
  public var controlNode: ControlNode
  /// Severities in ascending order of their thresholds.
  public var steps: [Step]
  /// Share from 0 to 1 of its severity's quarter of the risk scale that the kind can reach: how
  /// directly it bears on safety.
  public var weight: Double
  /// Why the thresholds are where they are, with source.
  public var reason: String

  /// The highest step reached by a magnitude; nil below the first.
  public func step(for magnitude: Double) -> Step? {
    steps.last { magnitude >= $0.from }
  }

  /// Risk from 0 to 100 of a finding of this kind; see <doc:Risk>.
  ///
  /// - Parameters:
  ///   - magnitude: Value of the metric, not below the step's threshold.
  ///   - step: The step it reaches.
  ///   - confidence: Certainty from 0 to 1.
  /// - Returns: Score inside the quarter of the step's severity.
  public func risk(_ magnitude: Double, step: Step, confidence: Double) -> Double {
    let excess = step.from > 0 ? max(0, magnitude / step.from - 1) : 0
    // Half a quarter at the threshold, saturating at about three times the threshold.
    let place = 0.4 + 0.6 * (1 - Self.decay(excess))
    let share = weight * place * (0.5 + 0.5 * max(0, min(1, confidence)))
    return 25 * (Double(step.severity.rank) + min(0.999, share))
  }

  /// `1/(1 + x + x²/2)`: close to exp(−x) without its range.
  private static func decay(_ x: Double) -> Double { 1 / (1 + x + x * x / 2) }
}
