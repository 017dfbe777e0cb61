// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Measures that a pack contains, each with its maturity or the statement that it has none.

public import BatteryDomain
import Quantities
import RunawayModels

/// A measure against propagation that a pack contains.
public struct PackMeasure: Hashable, Sendable {
  /// What it is, as one would say it: `2 mm of aerogel between the cells`.
  public var words: String
  /// The graded strategy it belongs to; nil where the review grades none like it.
  public var strategy: SafetyStrategy?
  /// The control nodes it acts on.
  public var nodes: [ControlNode]

  /// Maturity as text: `IMRL 3–4`, `IMRL 5` or `not graded`.
  public var maturity: String {
    guard let levels = strategy?.maturity else { return "not graded" }
    return levels.lowerBound == levels.upperBound
      ? "IMRL \(levels.lowerBound)" : "IMRL \(levels.lowerBound)–\(levels.upperBound)"
  }

  init(_ words: String, graded name: String) {
    self.words = words
    strategy = SafetyStrategy.all.first { $0.name == name }
    nodes = strategy?.nodes ?? []
  }

  init(_ words: String, nodes: [ControlNode]) {
    self.words = words
    self.nodes = nodes
  }

  /// A layer or filling of a material.
  init(_ material: BarrierMaterial, _ words: String) {
    switch material {
    case .aerogel: self.init(words, graded: "thermal insulation")
    case .paraffin, .paraffinGraphite: self.init(words, graded: "phase-change material")
    case .air, .mica, .aluminium, .foam: self.init(words, nodes: [.thermalCoupling])
    }
  }
}

extension PackDescription {
  /// Every measure against propagation that the pack contains.
  ///
  /// Grades are those of the review's table 2, whose insulation is aerogel and whose electrical
  /// architecture is cell fuses and interrupt devices; measures it does not name stay without one.
  public var measures: [PackMeasure] {
    var found: [PackMeasure] = []
    if let barrier {
      let millimetres = (barrier.thickness * 1e5).rounded() / 100
      let size = millimetres == millimetres.rounded() ? "\(Int(millimetres))" : "\(millimetres)"
      found.append(
        PackMeasure(
          barrier.material, "\(size) mm of \(barrier.material.rawValue) between the cells"))
    }
    if filling != .air {
      found.append(PackMeasure(filling, "\(filling.rawValue) in the gaps"))
    }
    if fuse != nil {
      found.append(PackMeasure("a fuse in each cell", graded: "electrical architecture"))
    }
    if cell.casing.interruptPressure != nil {
      found.append(
        PackMeasure("a current interrupt device in each cell", graded: "electrical architecture"))
    }
    if contactorsOpenAt != nil {
      found.append(PackMeasure("contactors that open when hot", nodes: [.faultIsolation]))
    }
    if case .prismatic(let width, let thickness, _) = cell.geometry,
      width.value > 20 * thickness.value
    {
      found.append(PackMeasure("long thin cells", graded: "structure, geometry"))
    }
    if cell.chemistry == .sulfideSolidState {
      found.append(PackMeasure("a solid electrolyte", graded: "solid electrolyte"))
    }
    if cooling.plate > 0 { found.append(PackMeasure("a cold plate", nodes: [.hotSpot])) }
    if cooling.immersion > 0 {
      found.append(PackMeasure("a bath of coolant", nodes: [.hotSpot, .thermalCoupling]))
    }
    if enclosure.map({ $0.ventArea > 0 }) ?? false {
      found.append(PackMeasure("a vent with a burst panel", nodes: [.gasPressure]))
    }
    return found
  }
}

extension PackRemedy {
  /// Maturity of what it changes, as text; both where two are combined.
  public var maturity: String {
    let graded = paths.map { path -> String in
      switch path {
      case .surface: PackMeasure("", graded: "thermal insulation").maturity
      case .current: PackMeasure("", graded: "electrical architecture").maturity
      case .jet, .busbar: "not graded"
      }
    }
    return graded.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      .joined(separator: ", ")
  }
}
