// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reports: dispatch of items on edition and type.

import TelemetryCodec

extension FieldMapper {
  mutating func report(_ report: inout Report) throws(FrameTextError) {
    try time("time", &report.time)
    guard isParsing else {
      var nodes: [JSONNode] = []
      for item in report.items {
        var item: ReportItem? = item
        nodes.append(try object(.null, at: "\(path).items[\(nodes.count)]", &item, Self.item))
      }
      if let type = report.opaqueRest.first {
        nodes.append(
          .object([
            JSONNode.Member("type", .string("0x" + Words.hexadecimal(type))),
            JSONNode.Member("name", .string("unknown")),
            JSONNode.Member(
              "rest_hex", .string(Hexadecimal.text(of: report.opaqueRest.dropFirst()))),
          ]))
        warn("items[\(report.items.count)]", "unknown type; the rest is kept as bytes")
      }
      put("items", .array(nodes))
      return
    }
    guard case .array(let nodes) = try take("items") else { throw bad("items", "a list") }
    report.items = []
    report.opaqueRest = []
    for (place, node) in nodes.enumerated() {
      let key = "items[\(place)]"
      guard report.opaqueRest.isEmpty else {
        throw bad(key, "absent: nothing can follow an item of unknown type")
      }
      if node["name"] == .string("unknown") {
        report.opaqueRest = try unknown(node, key)
        continue
      }
      var item: ReportItem?
      _ = try object(node, at: path(of: key), &item, Self.item)
      if let item { report.items.append(item) }
    }
  }

  private func unknown(_ node: JSONNode, _ key: String) throws(FrameTextError) -> [UInt8] {
    guard case .string(let word)? = node["type"], let type = Words.rawCode(word, prefix: "0x"),
      case .string(let hex)? = node["rest_hex"], let rest = try? Hexadecimal.bytes(of: hex)
    else { throw bad(key, "an object with type 0xNN and rest_hex in hexadecimal") }
    return [type] + rest
  }

  private static func item(
    _ mapper: inout FieldMapper, _ item: inout ReportItem?
  ) throws(FrameTextError) {
    if mapper.isParsing {
      guard case .string(let word) = try mapper.take("type"),
        let type = Words.rawCode(word, prefix: "0x"),
        let blank = blank(type, mapper.edition)
      else { throw mapper.bad("type", "an item type of the \(mapper.edition.year) edition, 0xNN") }
      item = blank
      guard case .string(let name) = try mapper.take("name"), name == Self.name(of: blank) else {
        throw .contradiction(path: mapper.path(of: "name"), other: mapper.path(of: "type"))
      }
    } else if let known = item {
      do throws(CodecError) {
        let type = try known.type(in: mapper.edition)
        mapper.put("type", .string("0x" + Words.hexadecimal(type)))
      } catch { throw .codec(error) }
      mapper.put("name", .string(Self.name(of: known)))
    }
    if let known = item { item = try mapper.content(known) }
  }

  private static func name(of item: ReportItem) -> String {
    switch item {
    case .vehicle: "vehicle"
    case .motors: "motors"
    case .fuelCell: "fuel_cell"
    case .fuelCellEngine: "fuel_cell_system"
    case .engine: "engine"
    case .position: "position"
    case .extremes: "extremes"
    case .alarms: "alarms"
    case .cellVoltages: "cell_voltages"
    case .temperatures: "probe_temperatures"
    case .fuelCellStacks: "fuel_cell_stacks"
    case .supercapacitor: "supercapacitor"
    case .supercapacitorExtremes: "supercapacitor_extremes"
    case .custom: "custom"
    case .signature: "signature"
    }
  }

  private mutating func content(_ item: ReportItem) throws(FrameTextError) -> ReportItem {
    let groups = edition == .edition2016 ? "subsystems" : "packs"
    switch item {
    case .vehicle(var data):
      try vehicle(&data)
      return .vehicle(data)
    case .motors(var list):
      let blank = MotorData(number: 0, state: .invalid, edition: edition)
      try counted("motors", &list, blank: blank) {
        (mapper: inout FieldMapper, motor: inout MotorData) throws(FrameTextError) in
        try mapper.motor(&motor)
      }
      return .motors(list)
    case .fuelCell(var data):
      try fuelCell(&data)
      return .fuelCell(data)
    case .fuelCellEngine(var data):
      try fuelCellEngine(&data)
      return .fuelCellEngine(data)
    case .engine(var data):
      try engine(&data)
      return .engine(data)
    case .position(var data):
      try position(&data)
      return .position(data)
    case .extremes(var data):
      try extremes(&data, prefix: "subsystem")
      return .extremes(data)
    case .supercapacitorExtremes(var data):
      try extremes(&data, prefix: "system")
      return .supercapacitorExtremes(data)
    case .alarms(var data):
      try alarms(&data)
      return .alarms(data)
    case .cellVoltages(var list):
      try counted(groups, &list, blank: Blanks.cells(edition)) {
        (mapper: inout FieldMapper, group: inout CellVoltageGroup) throws(FrameTextError) in
        try mapper.cells(&group)
      }
      return .cellVoltages(list)
    case .temperatures(var list):
      let blank = TemperatureGroup(number: 0, probes: Counted([]))
      try counted(groups, &list, blank: blank) {
        (mapper: inout FieldMapper, group: inout TemperatureGroup) throws(FrameTextError) in
        try mapper.probes(&group)
      }
      return .temperatures(list)
    case .fuelCellStacks(var list):
      try counted("stacks", &list, blank: Blanks.stack) {
        (mapper: inout FieldMapper, stack: inout FuelCellStackData) throws(FrameTextError) in
        try mapper.stack(&stack)
      }
      return .fuelCellStacks(list)
    case .supercapacitor(var data):
      try supercapacitor(&data)
      return .supercapacitor(data)
    case .custom(let type, var data):
      try bytes("data_hex", &data)
      return .custom(type: type, bytes: data)
    case .signature(var block):
      try signature(&block)
      return .signature(block)
    }
  }

  /// An empty item of a type, to be filled in; nil for a type that the edition does not define.
  private static func blank(_ type: UInt8, _ edition: Edition) -> ReportItem? {
    switch (edition, type) {
    case (_, 0x01): .vehicle(VehicleData(edition: edition))
    case (_, 0x02): .motors(Counted([]))
    case (.edition2016, 0x03): .fuelCell(Blanks.fuelCell)
    case (.edition2025, 0x03): .fuelCellEngine(Blanks.fuelCellEngine)
    case (_, 0x04): .engine(Blanks.engine(edition))
    case (_, 0x05): .position(Blanks.position(edition))
    case (.edition2016, 0x06): .extremes(Blanks.extremes(.number8))
    case (.edition2016, 0x07), (.edition2025, 0x06):
      .alarms(AlarmData(level: 0, flags: [], edition: edition))
    case (.edition2016, 0x08), (.edition2025, 0x07): .cellVoltages(Counted([]))
    case (.edition2016, 0x09), (.edition2025, 0x08): .temperatures(Counted([]))
    case (.edition2025, 0x30): .fuelCellStacks(Counted([]))
    case (.edition2025, 0x31): .supercapacitor(Blanks.supercapacitor)
    case (.edition2025, 0x32): .supercapacitorExtremes(Blanks.extremes(.number16))
    case (.edition2025, 0xFF): .signature(Blanks.signature)
    case (_, 0x80...0xFE): .custom(type: type, bytes: [])
    default: nil
    }
  }
}
