// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The stable JSON form of a finding.

extension Finding: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind
    case title
    case subject
    case since
    case severity
    case confidence
    case risk
    case controlNode = "control_node"
    case baseline
    case evidence
    case recommendedAction = "recommended_action"
  }

  /// Reads a finding; text without a baseline or without evidence is refused.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let baseline = try values.decode(String.self, forKey: .baseline)
    guard !baseline.isEmpty else {
      throw DecodingError.dataCorruptedError(
        forKey: .baseline, in: values, debugDescription: "a finding needs a stated baseline")
    }
    let evidence = try values.decode([Evidence].self, forKey: .evidence)
    guard !evidence.isEmpty else {
      throw DecodingError.dataCorruptedError(
        forKey: .evidence, in: values, debugDescription: "a finding needs evidence")
    }
    self.init(
      kind: try values.decode(String.self, forKey: .kind),
      title: try values.decode(String.self, forKey: .title),
      subject: try values.decode(Subject.self, forKey: .subject),
      since: try values.decodeIfPresent(Double.self, forKey: .since),
      severity: try values.decode(Severity.self, forKey: .severity),
      confidence: try values.decode(Double.self, forKey: .confidence),
      risk: try values.decode(Double.self, forKey: .risk),
      controlNode: try values.decode(ControlNode.self, forKey: .controlNode),
      baseline: baseline, evidence: evidence,
      recommendedAction: try values.decode(String.self, forKey: .recommendedAction))
  }

  /// Writes a finding; `since` is left out where there is no onset.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(kind, forKey: .kind)
    try values.encode(title, forKey: .title)
    try values.encode(subject, forKey: .subject)
    try values.encodeIfPresent(since.flatMap { $0.isFinite ? $0 : nil }, forKey: .since)
    try values.encode(severity, forKey: .severity)
    try values.encode(confidence, forKey: .confidence)
    try values.encode(risk, forKey: .risk)
    try values.encode(controlNode, forKey: .controlNode)
    try values.encode(baseline, forKey: .baseline)
    try values.encode(evidence, forKey: .evidence)
    try values.encode(recommendedAction, forKey: .recommendedAction)
  }
}
