// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A pack from a YAML file, with all faults told at once.

import BatteryDomain
import Quantities
import RunawayModels
public import StructuredInput

extension PackDescription {
  /// Reads a pack from the keys of a file.
  ///
  /// All faults are noted in the document; call `InputDocument.finish()` behind
  /// it. The keys are described in `Docs/packs.md`. Nil where cells or places are too wrong to go on.
  ///
  /// - Parameter table: The top level.
  public init?(reading table: InputTable) {
    let name = table.text("name", default: "pack")
    let known = PackCell(readingFrom: table)
    let cell = known ?? PackCell(.ncm25Ah)
    var count = 20_000
    let layout = Self.layout(table, cell, isKnown: known != nil, count: &count)
    // Without a layout the rest is read all the same, so that all faults are told.
    var stand = PackArrangement(geometry: cell.geometry, places: [], reach: 0)
    stand.places = Array(repeating: CellPlace(x: 0, y: 0), count: max(1, min(20_000, count)))
    self.init(
      cell: cell, wiring: layout?.wiring ?? .cell(0), arrangement: layout?.arrangement ?? stand)
    self.name = name
    readSurroundings(table, layout?.gap ?? 1)
    readConnections(table)
    if let spread = table.table("spread") {
      self.spread.capacity = spread.number("capacity_percent", in: 0...30, default: 0) / 100
      self.spread.resistance = spread.number("resistance_percent", in: 0...100, default: 0) / 100
      self.spread.stateOfCharge = spread.number("soc_percent", in: 0...30, default: 0) / 100
      self.spread.heat = spread.number("heat_percent", in: 0...30, default: 0) / 100
      self.spread.lithiumLoss =
        spread.number("lithium_loss_percent", in: 0...30, default: 0) / 100
      self.spread.contact = spread.number("contact_percent", in: 0...100, default: 0) / 100
    }
    stateOfCharge = table.number("soc", in: 0...1, default: 1)
    lithiumLoss = table.number("lithium_loss", in: 0...0.9, default: 0)
    duration = table.number("duration_s", in: 1...1e6, default: 3_600)
    interval = table.number("interval_s", in: 0.1...1e5, default: 10)
    nodesPerCell = table.integer("nodes_per_cell", in: 1...40, default: 5)
    seed = UInt64(table.integer("seed", in: 0...Int(Int32.max), default: 1))
    if let venting = table.table("venting") {
      self.venting.ejectedMass = venting.number("ejected_mass", in: 0...0.8, default: 0.3)
      self.venting.jetShare = venting.number("jet_share", in: 0...1, default: 0.1)
    }
    if let keys = table.table("flames") {
      var flames = Flames()
      flames.temperature =
        keys.number("celsius", in: 100...2_000, default: flames.temperature - 273.15) + 273.15
      flames.convection = keys.number("w_per_m2k", in: 0...1_000, default: flames.convection)
      flames.depth = keys.number("depth_mm", in: 0...1_000, default: flames.depth * 1e3) / 1e3
      flames.receivedShare = keys.number("received_share", in: 0...1, default: flames.receivedShare)
      flames.burningTime = keys.number("burning_s", in: 0.1...3_600, default: flames.burningTime)
      self.flames = flames
      if table.has("housing") {
        table.note(
          "nothing burns inside a housing; leave out one of flames and housing", at: "flames")
      }
    }
    if let room = table.table("room") {
      self.room = Room(
        volume: room.number("volume_m3", in: 0.01...1e6),
        airChangesPerHour: room.number("air_changes_per_hour", in: 0...1_000, default: 0.5),
        temperature: temperature)
    }
    readTrigger(table)
    readHousing(table)
    costs = MeasureCosts(reading: table)
    if layout == nil { return nil }
  }

  private static func layout(
    _ table: InputTable, _ cell: PackCell, isKnown: Bool, count: inout Int
  )
    -> (wiring: Wiring, arrangement: PackArrangement, gap: Double)?
  {
    let place = table.table("arrangement")
    let isRound: Bool
    if case .cylindrical = cell.geometry { isRound = true } else { isRound = false }
    let usual: ArrangementKind = isRound ? .square : .stack
    let kind = place?.choice("type", default: usual) ?? usual
    let gap = (place?.number("gap_mm", in: 0...1_000, default: 1) ?? 1) / 1e3
    let rowGap = (place?.number("row_gap_mm", in: 0...10_000, default: gap * 1e3) ?? 1) / 1e3
    var places: [CellPlace] = []
    if kind == .positions, let place {
      for item in place.list("positions_mm") {
        let pair = item.list().compactMap { $0.number(in: -1e5...1e5) }
        if pair.count == 2 {
          places.append(CellPlace(x: pair[0] / 1e3, y: pair[1] / 1e3))
        } else {
          item.note("two numbers are expected: the place [x, y] of a cell's centre in mm")
        }
      }
      if places.isEmpty { place.note("names no place of a cell", at: "positions_mm") }
    }
    let series = table.integer("series", in: 1...10_000, default: max(1, places.count))
    let parallel = table.integer("parallel", in: 1...10_000, default: 1)
    count = places.isEmpty ? series * parallel : places.count
    guard count <= 20_000 else {
      table.note("\(count) cells are more than the 20000 a run takes", at: "series")
      return nil
    }
    let wiring = wiring(table, series: series, parallel: parallel, count: count)
    if kind == .positions {
      let reach = (place?.number("reach_mm", in: 0...1_000, default: 20) ?? 20) / 1e3
      let areIslandsAllowed = place?.flag("islands_allowed", default: false) == true
      // Of an unknown cell nobody knows the size.
      guard !places.isEmpty, isKnown else { return nil }
      for (a, b) in PackArrangement.overlaps(geometry: cell.geometry, places: places).prefix(10) {
        place?.note("cells \(a + 1) and \(b + 1) overlap", at: "positions_mm")
      }
      let arrangement = PackArrangement(geometry: cell.geometry, places: places, reach: reach)
      let islands = arrangement.islands
      if islands.count > 1, !areIslandsAllowed {
        let second = islands[1].prefix(5).map { String($0 + 1) }.joined(separator: ", ")
        place?.note(
          "disconnected: no heat path joins cell \(second) to the others within reach_mm "
            + "\(reach * 1e3); raise reach_mm, or set islands_allowed: true", at: "positions_mm")
      }
      return wiring.map { ($0, arrangement, gap) }
    }
    let columns = place?.integer("columns", in: 1...10_000, default: count) ?? count
    let fits = kind == .stack ? !isRound : isRound
    if !fits, isKnown {
      place?.note(
        "'\(kind.rawValue)' does not fit the shape of \(cell.name); use "
          + (isRound ? "square, hexagonal" : "stack") + " or positions", at: "type")
      return nil
    }
    guard fits, let wiring else { return nil }
    return (
      wiring,
      PackArrangement(
        geometry: cell.geometry, kind: kind, count: count, columns: columns, gap: gap,
        rowGap: rowGap), gap
    )
  }

  private enum Order: String, CaseIterable {
    case groups
    case strings
  }

  private static func wiring(_ table: InputTable, series: Int, parallel: Int, count: Int)
    -> Wiring?
  {
    guard let value = table.value("wiring") else {
      if series * parallel != count {
        table.note(
          "disconnected: series × parallel is \(series * parallel), but \(count) cells stand in "
            + "the pack", at: "series")
        return nil
      }
      return .groupsInSeries(series: series, parallel: parallel)
    }
    if value.isTable {
      guard let wiring = Wiring(value, cellCount: count) else { return nil }
      for fault in wiring.faults(cellCount: count) { value.note(fault) }
      return wiring.faults(cellCount: count).isEmpty ? wiring : nil
    }
    let order: Order? = value.choice()
    guard series * parallel == count else {
      table.note(
        "disconnected: series × parallel is \(series * parallel), but \(count) cells stand in "
          + "the pack", at: "series")
      return nil
    }
    switch order {
    case .groups: return .groupsInSeries(series: series, parallel: parallel)
    case .strings: return .stringsInParallel(series: series, parallel: parallel)
    case nil: return nil
    }
  }

  private mutating func readSurroundings(_ table: InputTable, _ gap: Double) {
    temperature = table.number("temperature_celsius", in: -40...80, default: 25) + 273.15
    filling = table.choice("filling", default: .air) ?? .air
    contactResistance = table.number(
      "contact_resistance_m2k_per_w", in: 1e-6...1, default: 2e-3)
    if let barrier = table.table("barrier"), barrier.has("material") {
      let material: BarrierMaterial = barrier.choice("material") ?? .aerogel
      let thickness = barrier.number("thickness_mm", in: 0.01...100) / 1e3
      if thickness > gap * (1 + 1e-9) {
        barrier.note(
          "\(thickness * 1e3) is thicker than the gap of \(gap * 1e3) mm (arrangement.gap_mm)",
          at: "thickness_mm")
      }
      self.barrier = Barrier(
        material: material, thickness: thickness,
        every: barrier.integer("every", in: 1...10_000, default: 1))
    }
    guard let cooling = table.table("cooling") else { return }
    self.cooling.convection = cooling.number("air_w_per_m2k", in: 0...1_000, default: 5)
    self.cooling.emissivity = cooling.number("emissivity", in: 0...1, default: 0.8)
    self.cooling.plate = cooling.number("plate_w_per_m2k", in: 0...20_000, default: 0)
    self.cooling.immersion = cooling.number("immersion_w_per_m2k", in: 0...20_000, default: 0)
    self.cooling.coolantTemperature =
      cooling.number("coolant_celsius", in: -40...80, default: temperature - 273.15) + 273.15
    self.cooling.failsAt = cooling.optionalNumber("fails_at_s", in: 0...1e6)
  }

  private mutating func readConnections(_ table: InputTable) {
    if let keys = table.table("connections") {
      connections.weldResistance =
        keys.number("weld_mohm", in: 0...1e5, default: connections.weldResistance * 1e3) / 1e3
      connections.busbarResistance =
        keys.number("busbar_mohm", in: 0...1e5, default: connections.busbarResistance * 1e3) / 1e3
      connections.busbarConductance = keys.number(
        "busbar_w_per_k", in: 0...100, default: connections.busbarConductance)
      if let loose = keys.table("loose") {
        connections.loose = Connections.LooseJoint(
          cell: loose.integer("cell", in: 1...max(1, cellCount)) - 1,
          resistance: loose.number("mohm", in: 0...1e6) / 1e3)
      }
    }
    if let fuse = table.table("fuse") {
      self.fuse = CellFuse(
        ratedCurrent: fuse.number("rated_a", in: 0.1...1e5),
        meltingIntegral: fuse.number("melting_a2s", in: 0.1...1e9))
    }
    if let contactors = table.table("contactors") {
      contactorsOpenAt = contactors.number("open_at_celsius", in: 30...200) + 273.15
      contactorDelay = contactors.number("delay_s", in: 0...1_000, default: 1)
    }
    guard let load = table.table("load") else { return }
    if let current = load.optionalNumber("current_a", in: -1e5...1e5) {
      self.load = .current(current)
    }
    if let power = load.optionalNumber("power_w", in: -1e7...1e7) {
      if load.has("current_a") { load.note("give either current_a or power_w", at: "power_w") }
      self.load = .power(power)
    }
  }

  private mutating func readTrigger(_ table: InputTable) {
    guard let keys = table.table("trigger") else {
      trigger.cell = cellCount / 2
      return
    }
    trigger.kind = keys.choice("type", default: .heater) ?? .heater
    trigger.cell =
      keys.integer("cell", in: 1...max(1, cellCount), default: cellCount / 2 + 1) - 1
    trigger.start = keys.number("start_s", in: 0...1e6, default: 0)
    trigger.power = keys.number("power_w", in: 0...1e5, default: trigger.power)
    trigger.heaterPlace = keys.choice("place", default: .face) ?? .face
    trigger.heaterInsulation = keys.number(
      "insulation_m2k_per_w", in: 0...10, default: trigger.heaterInsulation)
    if trigger.kind != .heater {
      for key in ["place", "insulation_m2k_per_w"] where keys.has(key) {
        keys.note("belongs to a heater, not to \(trigger.kind.rawValue)", at: key)
      }
    } else if trigger.heaterPlace == .sides, keys.has("insulation_m2k_per_w") {
      keys.note("has no meaning for a heater at the sides", at: "insulation_m2k_per_w")
    }
    let endures = trigger.kind == .overcharge || trigger.kind == .overdischarge
    trigger.longest = keys.number(
      "longest_s", in: 0...1e6, default: endures ? 2 * 3_600 : trigger.longest)
    let parallel = max(1, cellCount / max(1, wiring.seriesCount))
    trigger.current = keys.number(
      "current_a", in: 0...1e5, default: cell.capacity / 3_600 * Double(parallel))
    trigger.resistance = keys.number("resistance_ohm", in: 1e-6...1e6, default: 100)
    trigger.finalResistance = keys.number("final_resistance_ohm", in: 1e-6...1e6, default: 0.005)
    trigger.fall = keys.number("fall_s", in: 0...1e6, default: 600)
    trigger.ovenTemperature =
      keys.number("oven_celsius", in: 30...400, default: 180) + 273.15
  }
}
