// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The propagation graph of a pack and the chain behind it, drawn as SVG.

import BatteryDomain
import Foundation
import PackModels
import ReportPages

/// Drawings of a propagation graph: cells at their places with the ignitions between them, and the
/// chain of thermal runaway with the node that stops it.
struct GraphDrawing {
  let graph: PropagationGraph

  /// Distance between neighbouring cells, and size of a cell, on the page.
  private let pitch = 98.0
  private let size = 46.0

  /// Paths that the named measure cuts.
  private var cut: Set<PropagationGraph.Path> { Set(graph.cheapestStop?.paths ?? []) }

  /// Cells from above, not to scale, with arrows from each cell to those it ignites first.
  var cells: Markup {
    let places = graph.pack.arrangement.places
    let xs = scaled(places.map(\.x))
    let ys = scaled(places.map(\.y))
    let width = (xs.max() ?? 0) + pitch
    let height = (ys.max() ?? 0) + pitch
    let centres = zip(xs, ys).map { ($0 + pitch / 2, $1 + pitch / 2) }
    var parts: [Markup] = []
    for edge in graph.edges { parts.append(arrow(edge, centres)) }
    let most = Double(max(2, graph.reach.max() ?? 2))
    for (cell, (x, y)) in centres.enumerated() {
      let lost = graph.reach[cell]
      let heat = Double(lost - 1) / (most - 1)
      let isWorst = cell == graph.worstCell && lost > 1
      let fill = lost > 1 ? "var(--act-soft)" : "var(--good-soft)"
      let words =
        "cell \(cell + 1): \(lost) of \(places.count) cells are lost when it fails first"
      let r = size / 2
      parts.append(
        """
        <g><title>\(words)</title><rect x="\(n(x - r))" y="\(n(y - r))" width="\(n(size))" \
        height="\(n(size))" rx="7" fill="\(fill)" fill-opacity="\(n(0.35 + 0.65 * heat))" \
        stroke="var(\(isWorst ? "--stop" : "--c0"))" stroke-width="\(isWorst ? "3.5" : "1.2")"/>\
        <text x="\(n(x))" y="\(n(y - 2))" text-anchor="middle" font-size="14" font-weight="600" \
        fill="var(--text)">\(cell + 1)</text><text x="\(n(x))" y="\(n(y + 14))" \
        text-anchor="middle" font-size="10" fill="var(--muted)">\(lost) lost</text></g>
        """)
    }
    let label =
      "Cells of the pack with an arrow from each to the cells it ignites, and the time it takes."
    return """
      <div class="card" style="overflow-x:auto"><svg role="img" aria-label="\(label)" \
      viewBox="0 0 \(n(width)) \(n(height))" width="\(n(width))" height="\(n(height))" \
      style="\(Self.fitting(width));display:block;margin:auto"><defs>\
      \(Self.marker("tip", "var(--c0)"))\(Self.marker("cut", "var(--accent)"))</defs>
      \(Markup.joined(parts, separator: "\n"))
      </svg></div>
      """
  }

  /// Drawings a little wider than the page shrink to it; wider ones scroll, to stay readable.
  private static func fitting(_ width: Double) -> String {
    width > 1_700 ? "max-width:none" : "max-width:100%;height:auto"
  }

  private static func marker(_ id: String, _ colour: String) -> Markup {
    """
    <marker id="\(id)" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" \
    orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" fill="\(colour)"/></marker>
    """
  }

  /// An ignition: blue where the named measure cuts it, with the time; those far away as a bow.
  private func arrow(_ edge: PropagationGraph.Edge, _ centres: [(Double, Double)]) -> Markup {
    let (x1, y1) = centres[edge.source]
    let (x2, y2) = centres[edge.target]
    let (dx, dy) = (x2 - x1, y2 - y1)
    let length = max(1e-9, (dx * dx + dy * dy).squareRoot())
    let (ux, uy) = (dx / length, dy / length)
    // Both directions stand side by side, each on its own right.
    let aside = length > 1.6 * pitch ? 0.22 * length : 7
    let (px, py) = (-uy, ux)
    let edgeGap = size / 2 / max(abs(ux), abs(uy)) + 2
    let a = (x1 + ux * edgeGap + px * 7, y1 + uy * edgeGap + py * 7)
    let b = (x2 - ux * edgeGap + px * 7, y2 - uy * edgeGap + py * 7)
    let c = ((a.0 + b.0) / 2 + px * (aside - 7), (a.1 + b.1) / 2 + py * (aside - 7))
    let isCut = !cut.isDisjoint(with: edge.paths)
    let colour = isCut ? "--accent" : "--c0"
    let words =
      "cell \(edge.source + 1) ignites cell \(edge.target + 1) after "
      + "\(PackWords.duration(edge.delay)) by \(edge.paths.map(\.rawValue).joined(separator: ", "))"
    let middle = ((a.0 + 2 * c.0 + b.0) / 4, (a.1 + 2 * c.1 + b.1) / 4)
    return """
      <g><title>\(words)</title><path d="M\(n(a.0)) \(n(a.1))Q\(n(c.0)) \(n(c.1)) \(n(b.0)) \
      \(n(b.1))" fill="none" stroke="var(\(colour))" stroke-width="\(isCut ? "2.4" : "1.3")" \
      marker-end="url(#\(isCut ? "cut" : "tip"))"/><text x="\(n(middle.0 + px * 9))" \
      y="\(n(middle.1 + py * 9 + 3))" text-anchor="middle" font-size="9" \
      fill="var(--muted)">\(PackWords.duration(edge.delay))</text></g>
      """
  }

  /// The chain of thermal runaway with its control nodes; the one that the measure acts on is marked.
  var chain: Markup {
    guard let chain = PropagationChain.all.first(where: { $0.kind == .thermalRunaway }) else {
      return ""
    }
    let marked = Set((graph.cheapestStop?.paths ?? []).map(\.node))
    let (box, gap, perRow) = (132.0, 20.0, 7)
    var parts: [Markup] = []
    for (index, step) in chain.steps.enumerated() {
      let x = Double(index % perRow) * (box + gap) + 4
      let y = Double(index / perRow) * 110 + 6
      let isMarked = step.node.map { marked.contains($0) } ?? false
      let lines = Self.wrapped(step.event, 19)
      let texts = lines.enumerated().map { row, line -> Markup in
        """
        <text x="\(n(x + box / 2))" y="\(n(y + 20 + Double(row) * 15))" text-anchor="middle" \
        font-size="12" fill="var(--text)">\(line)</text>
        """
      }
      let node: Markup =
        step.node.map { node in
          """
          <text x="\(n(x + box / 2))" y="\(n(y + 74))" text-anchor="middle" font-size="10" \
          font-weight="\(isMarked ? "700" : "400")" \
          fill="var(\(isMarked ? "--accent" : "--muted"))">\
          \(isMarked ? "here: " : "")\(node.label)</text>
          """
        } ?? ""
      parts.append(
        """
        <g><rect x="\(n(x))" y="\(n(y))" width="\(n(box))" height="84" rx="8" \
        fill="var(\(isMarked ? "--note-soft" : "--raised"))" \
        stroke="var(\(isMarked ? "--accent" : "--line"))" stroke-width="\(isMarked ? "3" : "1")"/>\
        \(Markup.joined(texts))\(node)</g>
        """)
      if index + 1 < chain.steps.count, (index + 1) % perRow != 0 {
        parts.append(
          """
          <path d="M\(n(x + box + 2)) \(n(y + 42))h\(n(gap - 5))" stroke="var(--c0)" \
          stroke-width="1.5" marker-end="url(#tip)"/>
          """)
      }
    }
    let rows = Double((chain.steps.count + perRow - 1) / perRow)
    let width = Double(min(perRow, chain.steps.count)) * (box + gap)
    let label = "The chain of thermal runaway with its control nodes."
    return """
      <div class="card" style="overflow-x:auto"><svg role="img" aria-label="\(label)" \
      viewBox="0 0 \(n(width)) \(n(rows * 110))" width="\(n(width))" height="\(n(rows * 110))" \
      style="\(Self.fitting(width))">
      \(Markup.joined(parts, separator: "\n"))
      </svg></div>
      """
  }

  /// Positions in units of the smallest distance between different ones, on the page.
  private func scaled(_ values: [Double]) -> [Double] {
    let low = values.min() ?? 0
    let sorted = Set(values.map { ($0 * 1e5).rounded() / 1e5 }).sorted()
    let step = zip(sorted, sorted.dropFirst()).map { $1 - $0 }.min() ?? 1
    return values.map { ($0 - low) / step * pitch }
  }

  private func n(_ value: Double) -> String { String(format: "%.1f", value) }

  private static func wrapped(_ text: String, _ most: Int) -> [String] {
    var lines = [""]
    for word in text.split(separator: " ") {
      if lines[lines.count - 1].count + word.count + 1 > most { lines.append("") }
      lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
    }
    return lines
  }
}
