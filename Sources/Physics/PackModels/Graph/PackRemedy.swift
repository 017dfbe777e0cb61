// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Real measures against a propagation, each tried by running the pack again with it.

import Foundation

/// A measure, or two together, that was built into the pack and run.
public struct PackRemedy: Sendable {
  /// What to change, as one would say it: `2 mm of aerogel between the cells`.
  public var words: String
  /// The paths that it cuts.
  public var paths: [PropagationGraph.Path]
  /// The pack with it.
  public var pack: PackDescription
  /// Mass it adds, in kg.
  public var mass: Double
  /// What it costs, mass included, in the currency of ``MeasureCosts``.
  public var cost: Double
  /// Cells that run away without and with it.
  public var cellsBefore: Int
  /// Cells that run away with it.
  public var cellsAfter: Int
  /// From the first to the second cell without it, in seconds; nil where there is no second.
  public var secondBefore: Double?
  /// The same with it.
  public var secondAfter: Double?

  /// Whether no second cell follows any more.
  public var stops: Bool { cellsAfter <= 1 }

  /// A change of the pack and its price, before it is tried.
  struct Change {
    var words: String
    var paths: [PropagationGraph.Path]
    var mass: Double
    var cost: Double
    var apply: @Sendable (inout PackDescription) -> Void
  }

  /// Thicknesses of aerogel that are tried, in metres.
  static let thicknesses = [0.001, 0.002, 0.003, 0.004, 0.006, 0.008]

  /// Measures that fit a pack, one by one.
  static func changes(_ pack: PackDescription) -> [Change] {
    let costs = pack.costs
    let count = Double(pack.cellCount)
    var changes: [Change] = []
    let joined = Set(PropagationGraph.paths(pack).values.flatMap { $0 })
    if joined.contains(.jet) {
      let mass = costs.ventChannelMass * count
      changes.append(
        Change(
          words: "a vent channel that leads \(percent(1 - costs.ventChannelLeak)) of the jet away",
          paths: [.jet], mass: mass, cost: costs.ventChannel * count + costs.perKilogram * mass
        ) { $0.venting.jetShare *= $0.costs.ventChannelLeak })
    }
    if joined.contains(.current), pack.fuse == nil {
      let mass = costs.fuseMass * count
      let rated = 3 * pack.cell.capacity / 3_600
      changes.append(
        Change(
          words: "a fuse of " + String(format: "%.0f A", rated) + " in series with each cell",
          paths: [.current], mass: mass, cost: costs.fuse * count + costs.perKilogram * mass
        ) {
          $0.fuse = CellFuse(ratedCurrent: rated, meltingIntegral: $0.cell.capacity / 360)
        })
    }
    if joined.contains(.busbar) {
      changes.append(
        Change(
          words: "busbars with a fifth of the thermal conductance", paths: [.busbar], mass: 0,
          cost: costs.busbar * count
        ) { $0.connections.busbarConductance *= 0.2 })
    }
    let area = pack.arrangement.neighbours.filter { $0.contact != .side }.map(\.area)
      .reduce(0, +)
    let present = pack.barrier?.material == .aerogel ? pack.barrier?.thickness ?? 0 : 0
    let replaced =
      pack.barrier.map {
        String(format: " instead of %g mm of ", ($0.thickness * 1e4).rounded() / 10)
          + $0.material.rawValue
      } ?? ""
    for thickness in thicknesses where area > 0 && thickness > present {
      let mass = max(
        0, area * thickness * BarrierMaterial.aerogel.properties.density - pack.addedMass)
      let millimetres = String(format: "%.0f mm", thickness * 1e3)
      changes.append(
        Change(
          words: "\(millimetres) of aerogel\(replaced) between the cells", paths: [.surface],
          mass: mass,
          cost: area * thickness * 1e3 * costs.aerogelPerSquareMetreMillimetre
            + costs.perKilogram * mass
        ) { pack in
          for index in pack.arrangement.neighbours.indices
          where pack.arrangement.neighbours[index].contact != .side {
            pack.arrangement.neighbours[index].gap = max(
              pack.arrangement.neighbours[index].gap, thickness)
          }
          pack.barrier = Barrier(material: .aerogel, thickness: thickness)
        })
    }
    return changes
  }

  private static func percent(_ share: Double) -> String {
    String(format: "%.0f %%", share * 100)
  }

  /// Tries measures on a pack with its own trigger, cheapest first, then pairs of them, until the
  /// chain stops.
  ///
  /// - Parameters:
  ///   - pack: The pack.
  ///   - result: What it does without them.
  ///   - most: Most runs to spend.
  /// - Returns: What was tried, in order of cost; the last one stops the chain if any does. Empty where no
  ///   second cell ran away or every cell is abused at once.
  /// - Complexity: One run for each measure tried.
  public static func search(_ pack: PackDescription, after result: PackResult, most: Int = 40)
    -> [PackRemedy]
  {
    let isLocal: Bool =
      switch pack.trigger.kind {
      case .heater, .nail, .internalShort: true
      default: false
      }
    guard isLocal, result.sequence.count > 1 else { return [] }
    let single = changes(pack).sorted { $0.cost < $1.cost }
    var pairs: [Change] = []
    for (i, a) in single.enumerated() {
      for b in single[(i + 1)...] where Set(a.paths).isDisjoint(with: b.paths) {
        pairs.append(
          Change(
            words: "\(a.words), and \(b.words)", paths: a.paths + b.paths, mass: a.mass + b.mass,
            cost: a.cost + b.cost
          ) { pack in
            a.apply(&pack)
            b.apply(&pack)
          })
      }
    }
    var tried: [PackRemedy] = []
    for change in single + pairs.sorted(by: { $0.cost < $1.cost }) {
      guard tried.count < most else { break }
      // Aerogel again, thicker: only useful alone until it stops.
      var changed = pack
      change.apply(&changed)
      changed.interval = max(pack.interval, pack.duration / 20)
      var simulation = PackSimulation(changed)
      let after = simulation.run()
      changed.interval = pack.interval
      tried.append(
        PackRemedy(
          words: change.words, paths: change.paths, pack: changed, mass: change.mass,
          cost: change.cost, cellsBefore: result.sequence.count, cellsAfter: after.sequence.count,
          secondBefore: result.timeToSecondCell, secondAfter: after.timeToSecondCell))
      if tried.last?.stops == true { break }
    }
    return tried
  }
}
