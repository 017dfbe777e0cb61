// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A real-time or reissued report: time, items, and what could not be read.

/// A real-time or reissued report.
public struct Report: Hashable, Sendable {
  /// When the vehicle collected the data.
  public var time: WireTime
  /// The items in wire order; the same kind may occur more than once.
  public var items: [ReportItem]
  /// Bytes from the first item of unknown type to the end: items other than custom ones do not
  /// state their length, so nothing behind an unknown one can be read.
  public var opaqueRest: [UInt8]

  /// Creates a report.
  public init(time: WireTime, items: [ReportItem], opaqueRest: [UInt8] = []) {
    self.time = time
    self.items = items
    self.opaqueRest = opaqueRest
  }

  /// Whether every byte was understood.
  public var isComplete: Bool { opaqueRest.isEmpty }

  init(_ reader: inout ByteReader, edition: Edition) throws(CodecError) {
    time = try reader.time()
    items = []
    opaqueRest = []
    while reader.remaining > 0 {
      let unread = reader
      let type = try reader.byte()
      reader.item = type
      guard let item = try ReportItem(type: type, &reader, edition: edition) else {
        reader = unread
        opaqueRest = reader.rest()
        return
      }
      items.append(item)
    }
    reader.item = nil
  }

  func write(to writer: inout ByteWriter, edition: Edition) throws(CodecError) {
    writer.time(time)
    for item in items { try item.write(to: &writer, edition: edition) }
    if let type = opaqueRest.first, ReportItem.isKnown(type, in: edition) {
      throw .badCustomType(type)
    }
    writer.append(opaqueRest)
  }

  /// The first vehicle item.
  public var vehicle: VehicleData? {
    for item in items { if case .vehicle(let data) = item { return data } }
    return nil
  }

  /// The first alarm item.
  public var alarms: AlarmData? {
    for item in items { if case .alarms(let data) = item { return data } }
    return nil
  }

  /// The first extremes item of 2016.
  public var extremes: ExtremesData? {
    for item in items { if case .extremes(let data) = item { return data } }
    return nil
  }

  /// The cell groups of all cell items, in wire order.
  public var cellVoltageGroups: [CellVoltageGroup] {
    var groups: [CellVoltageGroup] = []
    for item in items {
      if case .cellVoltages(let list) = item { groups.append(contentsOf: list.elements) }
    }
    return groups
  }

  /// The probe groups of all temperature items, in wire order.
  public var temperatureGroups: [TemperatureGroup] {
    var groups: [TemperatureGroup] = []
    for item in items {
      if case .temperatures(let list) = item { groups.append(contentsOf: list.elements) }
    }
    return groups
  }
}
