// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Rows of a data file as frames for the core.

public import BatteryDomain
public import BatteryFiles

/// Reads the rows of a data file as frames.
public struct ReplaySource {
  private var file: DataFile
  private let options: ReplayOptions
  private let columns: Columns
  private let table: Int
  /// What the numbers of time count from.
  public let timeReference: TimeReference
  /// Name of the recording.
  public let name: String

  private struct Columns {
    var time: Int
    var current: Int
    var cells: [Int]
    var probes: [Int]
    var pack: Int?
    var insulation: Int?
    var ambient: Int?
    var pressure: Int?
    var speed: Int?
    var charge: Int?
  }

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - path: In any format that `anodyne inspect` knows.
  ///   - cells: Cells that the configuration has.
  ///   - probes: Probes that the configuration has.
  ///   - reading: What the caller knows of the file.
  ///   - options: What the caller knows of the recording.
  /// - Throws: `FileError` or ``ReplayError``.
  public init(
    _ path: String, cells: Int, probes: Int, reading: ReadOptions = .init(),
    options: ReplayOptions = ReplayOptions()
  ) throws {
    file = try DataFile.open(path, options: reading)
    self.options = options
    var found: (Int, Columns)?
    var problem: (any Error)?
    for (index, table) in file.tables.enumerated() where found == nil {
      do { found = (index, try Self.columns(table.schema, cells, probes, options)) } catch {
        problem = problem ?? error
      }
    }
    guard let found else { throw problem ?? ReplayError.noRows }
    (table, columns) = found
    timeReference = file.tables[table].schema.timeReference
    name = file.tables[table].schema.sourceIdentity
  }

  /// The share of the file that has been read.
  public var progress: Double { file.tables[table].progress }

  /// The next frames; nil at the end.
  ///
  /// - Throws: `FileError` where the file is broken.
  public mutating func next() throws -> [ReplayFrame]? {
    guard let batch = try file.tables[table].next() else { return nil }
    return (0..<batch.rowCount).compactMap { frame(batch, $0) }
  }

  private func frame(_ batch: RecordBatch, _ row: Int) -> ReplayFrame? {
    let time = batch.columns[columns.time][row]
    guard time.isFinite else { return nil }
    // A number that the file itself calls unusable never reaches a driver.
    func value(_ column: Int?) -> Double {
      guard let column,
        batch.flags(column: column, row: row).isDisjoint(with: [.missing, .invalid])
      else { return .nan }
      return batch.columns[column][row]
    }
    var frame = ReplayFrame(
      time: time, current: value(columns.current), cellVoltages: columns.cells.map { value($0) },
      probeTemperatures: columns.probes.map { value($0) })
    if columns.probes.isEmpty { frame.probeTemperatures = [] }
    frame.packVoltage = value(columns.pack)
    frame.insulation = options.usesInsulation ? value(columns.insulation) : .nan
    frame.ambient = value(columns.ambient)
    frame.pressure = value(columns.pressure)
    frame.speed = value(columns.speed)
    frame.stateOfCharge = value(columns.charge)
    return frame
  }

  private static func columns(
    _ schema: TableSchema, _ cells: Int, _ probes: Int, _ options: ReplayOptions
  ) throws -> Columns {
    func need(_ keys: [QuantityKey], _ words: String) throws -> Int {
      for key in keys {
        if let column = schema.column(of: key) { return column }
      }
      throw ReplayError.missing(quantity: words, table: schema.sourceIdentity)
    }
    let time = try need([.time, .stepTime], "time")
    let current = try need([.current], "current")
    var voltages = schema.columns(of: .cellVoltage)
    if voltages.isEmpty { voltages = [try need([.voltage, .packVoltage], "cell voltage")] }
    voltages = try choose(voltages, options.cells, "cells")
    guard voltages.count == cells else {
      throw ReplayError.count(what: "cells", recorded: voltages.count, configured: cells)
    }
    var temperatures = schema.columns(of: .probeTemperature)
    if temperatures.isEmpty { temperatures = schema.columns(of: .cellTemperature) }
    temperatures = try choose(temperatures, options.probes, "probes")
    // A recording without temperature stands at the one that the caller states.
    guard temperatures.count == probes || temperatures.isEmpty else {
      throw ReplayError.count(what: "probes", recorded: temperatures.count, configured: probes)
    }
    return Columns(
      time: time, current: current, cells: voltages, probes: temperatures,
      pack: schema.column(of: .packVoltage), insulation: schema.column(of: .insulationResistance),
      ambient: schema.column(of: .ambientTemperature), pressure: schema.column(of: .pressure),
      speed: schema.column(of: .vehicleSpeed), charge: schema.column(of: .stateOfCharge))
  }

  private static func choose(_ columns: [Int], _ wanted: [Int], _ what: String) throws -> [Int] {
    guard !wanted.isEmpty else { return columns }
    return try wanted.map { number in
      guard columns.indices.contains(number) else {
        throw ReplayError.noSuchColumn(what: what, number: number + 1, recorded: columns.count)
      }
      return columns[number]
    }
  }
}
