// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The sections of a page about its inputs.

extension HTMLReport {
  /// One section for each input, the most urgent first.
  func subjectSections() -> [SubjectSection] { [] }
}
