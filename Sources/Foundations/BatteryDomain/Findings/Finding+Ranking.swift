// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The one order in which findings are listed.

extension Finding {
  /// Whether this finding ranks above another.
  ///
  /// Severity decides first, then risk, then confidence; ties are broken by the subject (the pack
  /// before its parts, then by number), the kind, the earlier onset and the title, so that the
  /// order of a list never depends on the order of its input. This is a strict weak ordering.
  public static func ranksAbove(_ lhs: Finding, _ rhs: Finding) -> Bool {
    if lhs.severity != rhs.severity { return lhs.severity > rhs.severity }
    if lhs.risk != rhs.risk { return lhs.risk > rhs.risk }
    if lhs.confidence != rhs.confidence { return lhs.confidence > rhs.confidence }
    if lhs.subject != rhs.subject { return lhs.subject < rhs.subject }
    if lhs.kind != rhs.kind { return lhs.kind < rhs.kind }
    // A standing condition without an onset is listed before those that began at a known time.
    let onsets = (lhs.since ?? -.infinity, rhs.since ?? -.infinity)
    if onsets.0 != onsets.1 { return onsets.0 < onsets.1 }
    return lhs.title < rhs.title
  }

  /// The findings in their order of rank.
  ///
  /// - Complexity: O(n log n).
  public static func ranked(_ findings: [Finding]) -> [Finding] {
    findings.sorted(by: ranksAbove)
  }
}
