// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The section of a simulation's page about the inside of the cell: profiles over time.

import CellModels
import Foundation
import ReportPages

extension SimulationPage {
  /// Profiles across the cell over time; nil for models without them.
  var insideSection: PageSection? {
    let sections = record.sections
    guard sections.count > 1 else { return nil }
    let charts = [
      map(
        "salt-map", "Salt in the electrolyte over time",
        "Depth across the cell against time; dark is much salt. The negative electrode is at the bottom.",
        "mol/m³"
      ) { $0.salt },
      map(
        "reaction-map", "Where lithium reacts",
        "Current that leaves the particles per volume: blue out of them, red into them. Uneven columns "
          + "are parts of an electrode that work harder than others.", "A/cm³", neutral: 0
      ) { $0.reaction.map { $0 * 1e-6 } },
      moving(
        "salt", "Salt across the cell", "Move the slider to see the concentration at other times.",
        "concentration in mol/m³", [("salt", { $0.salt })]),
      moving(
        "stoichiometry", "Filling of the particles",
        "Share of the sites that hold lithium, at the surface of the particles and in their mean.",
        "share of sites",
        [("at the surface", { $0.surfaceStoichiometry }), ("mean", { $0.meanStoichiometry })]),
      moving(
        "electrolyte-potential", "Potential of the electrolyte", "Against the negative collector.",
        "potential in mV", [("electrolyte", { $0.electrolytePotential.map { $0 * 1_000 } })]),
      moving(
        "solid-potential", "Potential of the electrodes",
        "Of the solid, against the negative collector.",
        "potential in V", [("solid", { $0.solidPotential })]),
      moving(
        "lithium-potential", "Negative electrode against lithium",
        "Below 0 lithium can plate; usually first next to the separator.", "potential in mV",
        [("negative electrode", { Self.negative($0).map { $0 * 1_000 } })]),
      moving(
        "film-profile", "Film across the negative electrode", "Thickness of the interphase.",
        "thickness in nm", [("film", { $0.filmThickness.map { $0 * 1e9 } })]),
    ].compactMap { $0 }
    return PageSection(
      id: "inside", title: "Inside of the cell",
      lead:
        "Across the cell from the negative collector (0) over the separator to the positive one.",
      charts: charts)
  }

  /// Potentials against lithium of the negative electrode: what is before the separator.
  private static func negative(_ profiles: CellProfiles) -> [Double] {
    let end = profiles.lithiumPotential.firstIndex { !$0.isFinite } ?? profiles.position.count
    return profiles.lithiumPotential.enumerated().map { $0.offset < end ? $0.element : .nan }
  }

  private func map(
    _ name: String, _ title: String, _ caption: String, _ unitName: String, neutral: Double? = nil,
    _ values: (CellProfiles) -> [Double]
  ) -> Chart? {
    let sections = record.sections
    let columns = sections.map { values($0.profiles) }
    let depth = sections[0].profiles.position.map { $0 * 1e6 }
    guard columns.allSatisfy({ $0.count == depth.count }) else { return nil }
    var chart = Chart.heatMap(
      ChartWords(name: name, title: title, caption: caption),
      x: HeatMapAxis(unit.title, positions: .significant(unit.values(sections.map(\.time)))),
      y: HeatMapAxis("depth in µm", positions: .significant(depth)),
      values: depth.indices.map { row in columns.map { $0[row] } },
      colours: HeatMapColours(unit: unitName, neutral: neutral))
    chart?.height = 340
    return chart
  }

  private func moving(
    _ name: String, _ title: String, _ caption: String, _ axis: String,
    _ lines: [(name: String, values: (CellProfiles) -> [Double])]
  ) -> Chart? {
    let unit = unit
    let frames = record.sections.map { section in
      let depth = section.profiles.position.map { $0 * 1e6 }
      return (
        label: unit.label(section.time),
        lines: lines.map { (x: depth, y: $0.values(section.profiles)) }
      )
    }
    return Chart.profiles(
      ChartWords(name: name, title: title, caption: caption), x: "depth in µm", y: axis,
      names: lines.map(\.name), frames: frames)
  }
}
