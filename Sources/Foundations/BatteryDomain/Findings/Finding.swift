// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A ranked statement about a battery: what, where, since when, how sure, and what to do.

/// A statement about a battery that a person can check and act on.
///
/// A finding is data, not an error: it names what was found and where, since when, how urgent and
/// how certain it is, which control node it concerns, the baseline it was judged against, the
/// numbers behind it and the recommended action.
///
/// In JSON its keys are snake_case (`control_node`, `recommended_action`) and `since` is a number
/// of seconds; ``sinceText`` gives the date.
public struct Finding: Hashable, Sendable {
  /// Stable machine name of the kind of finding, for example `cell_voltage_drift`.
  public var kind: String
  /// One line for a list: what was found, with its leading number.
  public var title: String
  /// The part of the battery concerned.
  public var subject: Subject
  /// Onset in seconds since the Unix epoch; nil for a standing condition without an onset.
  public var since: Double?
  /// How urgent the finding is.
  public var severity: Severity
  /// Probability-like certainty from 0 to 1 that the finding is real.
  public var confidence: Double {
    didSet { confidence = Self.clamped(confidence, to: 1) }
  }
  /// Risk score from 0 to 100 that orders findings of one severity and vehicles of a fleet.
  public var risk: Double {
    didSet { risk = Self.clamped(risk, to: 100) }
  }
  /// The point of the propagation chains concerned.
  public var controlNode: ControlNode
  /// What the finding was judged against; never empty.
  public var baseline: String
  /// The numbers behind the finding, the strongest first.
  public var evidence: [Evidence]
  /// What to do next, as an instruction.
  public var recommendedAction: String

  /// Creates a finding.
  ///
  /// - Parameters:
  ///   - kind: Stable machine name of the kind of finding.
  ///   - title: One line with the leading number.
  ///   - subject: Part of the battery concerned.
  ///   - since: Onset in seconds since the Unix epoch; nil without an onset. A number that is not
  ///     finite counts as no onset.
  ///   - severity: Urgency.
  ///   - confidence: Certainty from 0 to 1; clamped, and NaN counts as 0.
  ///   - risk: Score from 0 to 100; clamped, and NaN counts as 0.
  ///   - controlNode: Point of the propagation chains concerned.
  ///   - baseline: What the finding was judged against; must not be empty.
  ///   - evidence: The numbers behind the finding; must not be empty.
  ///   - recommendedAction: What to do next.
  public init(
    kind: String, title: String, subject: Subject, since: Double?, severity: Severity,
    confidence: Double, risk: Double, controlNode: ControlNode, baseline: String,
    evidence: [Evidence], recommendedAction: String
  ) {
    precondition(!baseline.isEmpty, "a finding needs a stated baseline")
    precondition(!evidence.isEmpty, "a finding needs evidence")
    self.kind = kind
    self.title = title
    self.subject = subject
    self.since = since.flatMap { $0.isFinite ? $0 : nil }
    self.severity = severity
    self.confidence = Self.clamped(confidence, to: 1)
    self.risk = Self.clamped(risk, to: 100)
    self.controlNode = controlNode
    self.baseline = baseline
    self.evidence = evidence
    self.recommendedAction = recommendedAction
  }

  /// The onset as ISO 8601 text; nil without an onset.
  public var sinceText: String? { since.flatMap { UTCDate.iso8601($0) } }

  private static func clamped(_ value: Double, to maximum: Double) -> Double {
    value.isNaN ? 0 : max(0, min(maximum, value))
  }
}
