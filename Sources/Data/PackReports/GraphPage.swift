// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The page of a propagation graph: who ignites whom, what carries it, what stops it at which price.

import BatteryDomain
import Foundation
package import PackModels
package import ReportPages

/// The page of a propagation graph.
package struct GraphPage: Sendable {
  /// The graph.
  package var graph: PropagationGraph

  /// Creates the page of a graph.
  package init(_ graph: PropagationGraph) { self.graph = graph }

  private var pack: PackDescription { graph.pack }
  private var worst: Int { graph.reach[graph.worstCell] }

  /// What the graph says, and what to change.
  package var lead: String {
    guard worst > 1 else {
      return
        "No cell ignites another when a nail goes through it; nothing needs to be added for this."
    }
    let fastest = graph.edges.map(\.delay).min().map(PackWords.duration) ?? "–"
    let start =
      "If cell \(graph.worstCell + 1) fails, \(worst) of \(pack.cellCount) cells are lost; the "
      + "quickest ignition of a neighbour takes \(fastest). "
    guard let stop = graph.cheapestStop else {
      return start
        + "None of the \(graph.remedies.count) measures that were built in and run stops "
        + "the chain; change the cell, its state of charge, or the distance."
    }
    let nodes = Set(stop.paths.map(\.node.label)).sorted().joined(separator: " and ")
    return start
      + "Add \(PackWords.priced(stop, pack)): it acts on \(nodes), and the run with it shows "
      + "that \(PackWords.gain(stop))."
  }

  /// The page.
  package var page: ReportPage {
    let drawing = GraphDrawing(graph: graph)
    var cells = PageSection(
      id: "ignitions", title: "Which cell ignites which",
      lead:
        "Each cell failed in turn, as if a nail went through it. An arrow leads to the cells it "
        + "ignites, with the time between; blue arrows are those that the named measure cuts. The thick "
        + "frame marks the worst cell to fail. A cell that heat ignites is hotter than one that a nail "
        + "opens, so a chain may run on through cells that start none themselves. Places follow the "
        + "layout, distances do not.",
      tables: [edgeTable])
    cells.drawing = drawing.cells
    var chain = PageSection(
      id: "chain", title: "Where the chain can be stopped",
      lead:
        "The chain of thermal runaway. Below each step stands the control node at which it can be "
        + "stopped; the marked one is where the named measure acts.",
      tables: [pathTable])
    chain.drawing = drawing.chain
    let measures = PageSection(
      id: "measures", title: "Measures, built in and run",
      lead:
        "In order of cost, until the chain stops. Each row is a run of this pack with that measure, "
        + "cell \(graph.worstCell + 1) failing first.",
      tables: [remedyTable, costTable])
    let second = graph.edges.filter { $0.source == graph.worstCell }.map(\.delay).min()
    return ReportPage(
      kind: "pack graph", title: pack.name, lead: lead,
      severity: worst <= 1 ? .note : graph.cheapestStop == nil ? .stop : .act,
      tiles: [
        .init("\(worst) of \(pack.cellCount)", "cells lost from the worst cell"),
        .init(second.map(PackWords.duration) ?? "–", "to its first neighbour"),
        .init("\(graph.edges.count)", "direct ignitions"),
        .init(
          graph.cheapestStop.map { String(format: "%.0f %@", $0.cost, pack.costs.currency) } ?? "–",
          "cheapest measure that stops it"),
      ],
      sections: [cells, chain, measures],
      notes: [
        "Costs and masses rank measures; those marked as assumed are round figures of this program and "
          + "can be replaced in the table 'measures' of the pack file. Tolerances are not in this page: "
          + "confirm the measure with a study."
      ])
  }

  private var edgeTable: TableMarkup {
    TableMarkup(
      caption: "Direct ignitions",
      columns: [.number("from cell"), .number("to cell"), .number("after"), .text("ways")],
      rows: graph.edges.prefix(400).map { edge in
        [
          "\(edge.source + 1)", "\(edge.target + 1)", PackWords.duration(edge.delay),
          edge.paths.map(\.rawValue).joined(separator: ", "),
        ].map { Markup(escaping: $0) }
      })
  }

  private var pathTable: TableMarkup {
    TableMarkup(
      caption: "Which path carries it: cells lost from the worst cell without the path",
      columns: [.text("path"), .text("control node"), .number("cells lost without it")],
      rows: graph.measures.map { measure in
        [
          measure.path.rawValue, measure.path.node.label,
          "\(measure.cells) of \(pack.cellCount)" + (measure.stops ? ", stops" : ""),
        ].map { Markup(escaping: $0) }
      })
  }

  private var remedyTable: TableMarkup {
    RemedyTable.table(graph.remedies, pack)
  }

  private var costTable: TableMarkup {
    TableMarkup(
      caption: "What masses and costs are taken as (table 'measures' of the pack file)",
      columns: [.text("key"), .number("value"), .text("where from")],
      rows: pack.costs.values.map { entry in
        [
          entry.key, String(format: "%g", entry.value),
          pack.costs.given.contains(entry.key) ? "from the file" : "assumed",
        ].map { Markup(escaping: $0) }
      })
  }
}

/// Measures that were tried, as a table.
enum RemedyTable {
  static func table(_ remedies: [PackRemedy], _ pack: PackDescription) -> TableMarkup {
    TableMarkup(
      caption: "Measures that were tried, each by running the pack with it",
      columns: [
        .text("measure"), .text("control node"), .text("maturity"), .number("more mass"),
        .number("cost in \(pack.costs.currency)"), .number("cells lost before"),
        .number("after"), .number("second cell before"), .number("after"),
      ],
      rows: remedies.map { remedy in
        [
          remedy.words + (remedy.stops ? " – stops the chain" : ""),
          Set(remedy.paths.map(\.node.label)).sorted().joined(separator: ", "), remedy.maturity,
          String(format: "%.2f kg", remedy.mass), String(format: "%.0f", remedy.cost),
          "\(remedy.cellsBefore)", "\(remedy.cellsAfter)",
          remedy.secondBefore.map(PackWords.duration) ?? "–",
          remedy.stops ? "never" : remedy.secondAfter.map(PackWords.duration) ?? "–",
        ].map { Markup(escaping: $0) }
      })
  }
}
