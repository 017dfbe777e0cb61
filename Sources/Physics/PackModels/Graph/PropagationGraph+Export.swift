// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The propagation graph as JSON and as Graphviz DOT.

import BatteryDomain
public import Foundation

extension PropagationGraph {
  private struct Document: Encodable {
    struct Chain: Encodable {
      var kind: String
      var steps: [ChainStep]
    }
    struct Cell: Encodable {
      var cell: Int
      var xMm: Double
      var yMm: Double
      var cellsLostWhenFirst: Int
    }
    struct Ignition: Encodable {
      var from: Int
      var to: Int
      var delayS: Double
      var paths: [Path]
      var controlNodes: [String]
    }
    struct Stop: Encodable {
      var pathRemoved: String
      var controlNode: String
      var cellsLost: Int
      var stops: Bool
    }
    struct Remedy: Encodable {
      var measure: String
      var controlNodes: [String]
      var maturity: String
      var addedMassKg: Double
      var cost: Double
      var cellsBefore: Int
      var cellsAfter: Int
      var secondCellBeforeS: Double?
      var secondCellAfterS: Double?
      var stops: Bool
    }
    var pack: String
    var chains: [Chain]
    var cells: [Cell]
    var ignitions: [Ignition]
    var worstCell: Int
    var paths: [Stop]
    var currency: String
    var costs: [String: Double]
    var costsFromFile: [String]
    var measures: [Remedy]
    var cheapestStop: Remedy?
  }

  private func entry(_ remedy: PackRemedy) -> Document.Remedy {
    Document.Remedy(
      measure: remedy.words, controlNodes: remedy.paths.map(\.node.label),
      maturity: remedy.maturity,
      addedMassKg: remedy.mass, cost: remedy.cost, cellsBefore: remedy.cellsBefore,
      cellsAfter: remedy.cellsAfter, secondCellBeforeS: remedy.secondBefore,
      secondCellAfterS: remedy.secondAfter, stops: remedy.stops)
  }

  private func stop(_ measure: Measure) -> Document.Stop {
    Document.Stop(
      pathRemoved: measure.path.rawValue, controlNode: measure.path.node.label,
      cellsLost: measure.cells, stops: measure.stops)
  }

  /// The graph as JSON; cells count from 1.
  ///
  /// - Throws: What the encoder throws; values are finite.
  public func json() throws -> Data {
    let document = Document(
      pack: pack.name,
      chains: PropagationChain.all.map { .init(kind: $0.kind.rawValue, steps: $0.steps) },
      cells: pack.arrangement.places.enumerated().map { index, place in
        .init(
          cell: index + 1, xMm: place.x * 1e3, yMm: place.y * 1e3,
          cellsLostWhenFirst: reach[index])
      },
      ignitions: edges.map {
        .init(
          from: $0.source + 1, to: $0.target + 1, delayS: $0.delay, paths: $0.paths,
          controlNodes: Set($0.paths.map(\.node.label)).sorted())
      }, worstCell: worstCell + 1, paths: measures.map(stop), currency: pack.costs.currency,
      costs: Dictionary(
        pack.costs.values.map { ($0.key, $0.value) }, uniquingKeysWith: { a, _ in a }),
      costsFromFile: pack.costs.given.sorted(), measures: remedies.map(entry),
      cheapestStop: cheapestStop.map(entry))
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(document)
  }

  /// The graph as Graphviz DOT, cells at their places; draw it with `neato -n -Tsvg`.
  public func dot() -> String {
    var lines = ["digraph propagation {", "  node [shape=circle, style=filled];"]
    let most = Double(reach.max() ?? 1)
    for (index, place) in pack.arrangement.places.enumerated() {
      // White for a cell that takes none with it, red for the worst.
      let saturation = most > 1 ? Double(reach[index] - 1) / (most - 1) : 0
      let colour = String(format: "0.0 %.2f 1.0", max(0, saturation))
      let position = String(format: "%.1f,%.1f", place.x * 3e3, -place.y * 3e3)
      lines.append(
        "  c\(index + 1) [label=\"\(index + 1)\", pos=\"\(position)\", fillcolor=\"\(colour)\"];")
    }
    for edge in edges {
      let delay = String(format: "%.0f s", edge.delay)
      let paths = edge.paths.map(\.rawValue).joined(separator: ", ")
      lines.append(
        "  c\(edge.source + 1) -> c\(edge.target + 1) [label=\"\(delay)\", tooltip=\"\(paths)\"];")
    }
    lines.append("}")
    return lines.joined(separator: "\n") + "\n"
  }
}
