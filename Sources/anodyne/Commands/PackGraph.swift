// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne pack graph: which cell ignites which, and what stops it.

import ArgumentParser
import BatteryDomain
import Foundation
import PackModels
import PackReports
import ReportPages

/// The fault-propagation graph of a pack.
struct PackGraph: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graph",
    abstract: "Find which cell can ignite which, by which path, how fast, and what stops it.",
    discussion: """
      Every cell fails in turn as if a nail went through it; then measures are built into the pack and run \
      on the worst cell, cheapest first. The page draws the graph. Draw the DOT file with Graphviz:
        anodyne pack graph pack.yaml --dot graph.dot && neato -n -Tsvg graph.dot > graph.svg
      """)

  @OptionGroup var input: PackInput

  @Option(help: "JSON file to write; - for the standard output.", completion: .file())
  var json: String?

  @Option(help: "Graphviz file to write; - for the standard output.", completion: .file())
  var dot: String?

  @Option(help: "HTML page to write, with the graph drawn.", completion: .file())
  var report: String?

  @Flag(name: .shortAndLong, help: "Print nothing but errors.")
  var quiet = false

  func run() throws {
    let pack = try input.pack()
    try checkOutputs([json, dot, report])
    var bar = ProgressBar(title: "pack graph", quiet: quiet)
    let graph = PropagationGraph(pack) { bar.update($0) }
    bar.finish()
    if let json { try writeOutput(try graph.json() + Data("\n".utf8), to: json) }
    if let report { try PageFile.write(GraphPage(graph).page, to: report) }
    if let dot { try writeOutput(Data(graph.dot().utf8), to: dot) }
    guard !quiet, json != "-", dot != "-" else { return }
    let worst = graph.reach[graph.worstCell]
    var lines = [
      "\(pack.name): \(graph.edges.count) direct ignitions; the worst first cell is "
        + "\(graph.worstCell + 1), \(worst) of \(pack.cellCount) cells lost"
    ]
    for edge in graph.edges.prefix(30) {
      lines.append(
        "  cell \(edge.source + 1) ignites \(edge.target + 1) after "
          + "\(PackWords.duration(edge.delay)) by \(edge.paths.map(\.rawValue).joined(separator: ", "))"
      )
    }
    if graph.edges.count > 30 { lines.append("  … \(graph.edges.count - 30) more in --json") }
    for measure in graph.measures where worst > 1 {
      lines.append(
        "  without the path '\(measure.path.rawValue)' (\(measure.path.node.label)): "
          + "\(measure.cells) of \(pack.cellCount) cells lost")
    }
    for remedy in graph.remedies {
      lines.append("  tried \(PackWords.priced(remedy, pack)): \(PackWords.gain(remedy))")
    }
    lines.append(GraphPage(graph).lead)
    if let words = PackWords.prices(pack, tried: graph.remedies) { lines.append(words) }
    try StandardOutput.write(lines.joined(separator: "\n") + "\n")
  }
}
