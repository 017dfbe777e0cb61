// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A cell of one's own out of a YAML or JSON file: a shipped cell with other numbers.

import BatteryDomain
import Quantities
public import StructuredInput

extension AbuseCell {
  /// Reads a cell from a file: `like:` names a shipped cell, every other key replaces a number of it.
  ///
  /// ```yaml
  /// like: ncm-18650
  /// name: my-cell
  /// capacity_ah: 2.5
  /// mass_g: 46
  /// resistance_ohm: 0.03
  /// separator: ceramic
  /// vent_pressure_kpa: 1800
  /// ```
  ///
  /// `diameter_mm` and `height_mm` make it round; `width_mm`, `thickness_mm` and `height_mm` flat, in a
  /// rigid can or, with `shape: pouch`, in a pouch.
  ///
  /// Reacting masses grow with the capacity, as the lithium that reacts is the lithium that stores;
  /// where a file gives dimensions but no capacity they grow with the volume, except those counted for
  /// one whole cell.
  ///
  /// - Parameters:
  ///   - text: YAML or JSON.
  ///   - file: Name for messages.
  /// - Returns: The cell.
  /// - Throws: `InputFaults` with all faults at once.
  public static func read(_ text: String, file: String) throws(InputFaults) -> AbuseCell {
    let document = try InputDocument(text, file: file)
    let cell = AbuseCell(reading: document.root)
    try document.finish()
    return cell
  }

  /// Reads a cell from a table with the keys of ``read(_:file:)``.
  ///
  /// Faults are noted in the document of the table.
  ///
  /// - Parameter root: The table.
  public init(reading root: InputTable) {
    let word = root.text("like", default: "ncm-18650")
    let found = AbuseCell.named(word)
    if found == nil {
      root.note(
        "there is no cell '\(word)'; there are " + Self.all.map(\.name).joined(separator: ", "),
        at: "like")
    }
    var cell = found ?? .ncm18650
    let old = (volume: cell.geometry.volume.value, capacity: cell.capacity)
    cell.name = root.text("name", default: cell.name)
    cell.summary = root.text("summary", default: cell.summary)
    cell.readShape(root)
    cell.mass = root.number("mass_g", in: 0.1...1e6, default: cell.mass * 1e3) / 1e3
    cell.specificHeat = root.number(
      "specific_heat_j_per_kg_k", in: 100...5_000, default: cell.specificHeat)
    cell.conductivity = root.number(
      "conductivity_w_per_m_k", in: 0.05...500, default: cell.conductivity)
    cell.capacity =
      3_600
      * root.number("capacity_ah", in: 1e-3...1e4, default: cell.capacity / 3_600)
    // Larger cells of one kind have less resistance.
    cell.resistance = root.number(
      "resistance_ohm", in: 1e-6...100, default: cell.resistance * old.capacity / cell.capacity)
    cell.emissivity = root.number("emissivity", in: 0...1, default: cell.emissivity)
    cell.runawayOvershoot = root.number(
      "runaway_overshoot_k", in: 5...1_000, default: cell.runawayOvershoot)
    let heat = root.number("heat_factor", in: 0...10, default: 1)
    cell.network = cell.network.scalingHeats(by: heat)
    if root.has("separator") {
      let name = root.text("separator", default: "none")
      if let design = SeparatorDesign.named[name] {
        cell.fit(design)
      } else if name == "none" {
        cell.fit(nil)
      } else {
        root.note(
          "'\(name)' is not one of none, "
            + SeparatorDesign.named.keys.sorted().joined(separator: ", "), at: "separator")
      }
    }
    let grown = cell.geometry.volume.value / old.volume
    let larger = cell.capacity / old.capacity
    let growsWithVolume = cell.network.basis == .cubicMetre && !root.has("capacity_ah")
    cell.amount *= growsWithVolume ? grown : larger
    cell.readCasing(root, grown: grown)
    self = cell
  }

  private enum FlatShape: String, CaseIterable {
    case prismatic
    case pouch
  }

  private mutating func readShape(_ root: InputTable) {
    let round = ["diameter_mm", "height_mm"]
    let flat = ["width_mm", "thickness_mm", "height_mm"]
    guard (round + flat).contains(where: { root.has($0) }) else { return }
    func length(_ key: String) -> Length {
      Length(millimetres: root.number(key, in: 0.5...5_000))
    }
    if root.has("diameter_mm") {
      geometry = .cylindrical(diameter: length("diameter_mm"), height: length("height_mm"))
    } else {
      let shape: FlatShape = root.choice("shape", default: .prismatic) ?? .prismatic
      let (width, thickness) = (length("width_mm"), length("thickness_mm"))
      let height = length("height_mm")
      geometry =
        shape == .pouch
        ? .pouch(width: width, thickness: thickness, height: height)
        : .prismatic(width: width, thickness: thickness, height: height)
    }
  }

  private mutating func readCasing(_ root: InputTable, grown: Double) {
    casing.headspace *= grown
    casing.solventMass *= grown
    casing.headspace =
      root.number("headspace_ml", in: 1e-3...1e5, default: casing.headspace * 1e6) / 1e6
    casing.ventPressure =
      root.number("vent_pressure_kpa", in: 1...2e4, default: casing.ventPressure / 1e3) * 1e3
    casing.ventArea =
      root.number("vent_area_mm2", in: 0.01...1e5, default: casing.ventArea * 1e6) / 1e6
    casing.burstPressure =
      root.number("burst_pressure_kpa", in: 1...1e5, default: casing.burstPressure / 1e3) * 1e3
    if root.has("interrupt_pressure_kpa") {
      casing.interruptPressure = root.number("interrupt_pressure_kpa", in: 1...2e4) * 1e3
    }
    casing.ventFeedback = root.flag("vent_feedback", default: casing.ventFeedback)
  }
}
