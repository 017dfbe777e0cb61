// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The colours of lines and heat maps by their role.

/// The colours of lines and heat maps by their role; the page's script resolves them by theme.
package enum ColourScale {
  /// Colours of lines that must be told apart, in order of use.
  package static let lines = [
    "var(--c1)", "var(--c2)", "var(--c3)", "var(--c4)", "var(--c5)", "var(--c6)",
  ]

  /// From little to much.
  package static let sequential: [ChartTrace.ColourStop] = [
    .init(0, "var(--seq0)"), .init(0.33, "var(--seq1)"), .init(0.67, "var(--seq2)"),
    .init(1, "var(--seq3)"),
  ]

  /// From below over neutral to above; give `zmid` the neutral value.
  package static let diverging: [ChartTrace.ColourStop] = [
    .init(0, "var(--low2)"), .init(0.25, "var(--low1)"), .init(0.5, "var(--mid)"),
    .init(0.75, "var(--high1)"), .init(1, "var(--high2)"),
  ]

  /// The colour of a line by its position in a figure.
  package static func line(_ position: Int) -> String { lines[position % lines.count] }
}
