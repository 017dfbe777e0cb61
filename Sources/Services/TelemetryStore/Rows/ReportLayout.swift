// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How a vehicle's reports become the columns of a table.

public import BatteryDomain
import TelemetryCodec

/// How a vehicle's reports become the columns of a table.
///
/// Subsystems are put one behind the other in the order of their numbers. The layout learns their
/// sizes from the reports and only grows, so that rows of a vehicle keep their columns.
public struct ReportLayout: Codable, Hashable, Sendable {
  /// Most cells or probes that a vehicle may have; more are passed over. Bounds the memory that
  /// a broken or hostile sender can claim.
  public static let limit = 1_024

  /// The scalar columns, in order; cells and probes follow.
  static let scalars: [QuantityKey] = [
    .time, .chargeState, .vehicleSpeed, .odometer, .packVoltage, .current, .stateOfCharge,
    .insulationResistance, .cellVoltageMaximum, .cellVoltageMinimum, .probeTemperatureMaximum,
    .probeTemperatureMinimum, .alarmLevel, .alarmFlags,
  ]

  private(set) var cells = Parts()
  private(set) var probes = Parts()

  /// Creates a layout without cells and probes.
  public init() {}

  /// Number of cells.
  public var cellCount: Int { cells.total }
  /// Number of probes.
  public var probeCount: Int { probes.total }

  /// Sizes of numbered parts that lie one behind the other.
  struct Parts: Codable, Hashable, Sendable {
    private(set) var sizes: [UInt8: Int] = [:]
    private(set) var total = 0

    /// Makes room; false if that would exceed the limit.
    mutating func grow(part: UInt8, to size: Int) -> Bool {
      let known = sizes[part] ?? 0
      if size <= known { return true }
      guard total + size - known <= ReportLayout.limit else { return false }
      sizes[part] = size
      total += size - known
      return true
    }

    /// Where a part begins.
    func start(of part: UInt8) -> Int {
      var start = 0
      for (number, size) in sizes where number < part { start += size }
      return start
    }
  }

  mutating func growCells(part: UInt8, to size: Int) { _ = cells.grow(part: part, to: size) }
  mutating func growProbes(part: UInt8, to size: Int) { _ = probes.grow(part: part, to: size) }

  /// Makes room for the cells and probes of a report.
  mutating func learn(_ report: Report) {
    for group in report.cellVoltageGroups {
      let first = Int(group.window?.firstCell ?? 1)
      _ = cells.grow(part: group.number, to: max(0, first - 1) + group.cells.elements.count)
    }
    for group in report.temperatureGroups {
      _ = probes.grow(part: group.number, to: group.probes.elements.count)
    }
  }

  /// The columns of a vehicle's table.
  ///
  /// - Parameter identity: VIN.
  /// - Returns: A schema with scalars, cells and probes; times count from the Unix epoch and local
  ///   time is UTC+8, the clock of the protocol.
  public func schema(identity: String) -> TableSchema {
    func column(_ key: QuantityKey, _ element: Int = 0, _ name: String) -> ColumnSchema {
      ColumnSchema(
        quantity: key, element: element, sourceName: name,
        sourceUnit: QuantityCatalogue.descriptor(of: key).unit)
    }
    var columns = Self.scalars.map { column($0, 0, $0.rawValue) }
    columns += (0..<cellCount).map {
      column(.cellVoltage, $0, "\(QuantityKey.cellVoltage.rawValue)_\($0 + 1)")
    }
    columns += (0..<probeCount).map {
      column(.probeTemperature, $0, "\(QuantityKey.probeTemperature.rawValue)_\($0 + 1)")
    }
    return TableSchema(
      format: "gbt32960", sourceIdentity: identity, columns: columns, timeReference: .unixEpoch,
      wallClockOffset: Double(WireTime.offsetFromUTC))
  }
}
