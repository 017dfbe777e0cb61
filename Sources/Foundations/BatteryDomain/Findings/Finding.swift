// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A ranked statement about a battery: what, where, since when, how sure, and what to do.

/// A statement about a battery that a person can check and act on.
///
/// A finding is data, not an error: it names what was found and where, since when, how urgent and
/// how certain it is, which control node it concerns, the baseline it was judged against, the
/// numbers behind it and the recommended action.
public struct Finding: Codable, Hashable, Sendable {
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
  public var confidence: Double
  /// Risk score from 0 to 100 that orders findings of one severity and vehicles of a fleet.
  public var risk: Double
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
  ///   - since: Onset in seconds since the Unix epoch; nil without an onset.
  ///   - severity: Urgency.
  ///   - confidence: Certainty from 0 to 1; clamped.
  ///   - risk: Score from 0 to 100; clamped.
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
    self.since = since
    self.severity = severity
    self.confidence = max(0, min(1, confidence))
    self.risk = max(0, min(100, risk))
    self.controlNode = controlNode
    self.baseline = baseline
    self.evidence = evidence
    self.recommendedAction = recommendedAction
  }

  /// Whether this finding ranks above another: by severity, then risk, then subject.
  public static func ranksAbove(_ lhs: Finding, _ rhs: Finding) -> Bool {
    if lhs.severity != rhs.severity { return lhs.severity > rhs.severity }
    if lhs.risk != rhs.risk { return lhs.risk > rhs.risk }
    return lhs.subject.label < rhs.subject.label
  }
}

/// One number behind a finding, with what it is compared to.
public struct Evidence: Codable, Hashable, Sendable {
  /// What was measured or computed, in words.
  public var name: String
  /// The value in `unit`.
  public var value: Double
  /// Symbol of the unit, empty for a pure number.
  public var unit: String
  /// The baseline or limit it is compared to, in the same unit, where there is one.
  public var reference: Double?
  /// What the reference is and how many samples stand behind the value.
  public var note: String

  /// Creates a piece of evidence.
  public init(
    name: String, value: Double, unit: String, reference: Double? = nil, note: String = ""
  ) {
    self.name = name
    self.value = value
    self.unit = unit
    self.reference = reference
    self.note = note
  }
}
