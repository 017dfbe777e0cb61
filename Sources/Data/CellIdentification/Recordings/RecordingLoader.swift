// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Recordings out of data files of any recognised format.

import BatteryDomain
public import BatteryFiles
import Cleaning

/// Recordings out of data files of any recognised format.
public enum RecordingLoader {
  /// Reads the recordings of a file.
  ///
  /// Rows that cleaning sets aside are left out; a table falls into several recordings where its
  /// cycle number changes and its clock restarts.
  ///
  /// - Parameters:
  ///   - argument: Path of a file; `PATH#PATTERN` takes only the tables whose name contains the
  ///     pattern, such as `R1.mat#pulse_data`.
  ///   - options: What the caller knows that the content does not say.
  ///   - progress: Called with the share read, 0 to 1.
  /// - Returns: At least one recording.
  /// - Throws: `FileError` or ``IdentificationError``.
  public static func load(
    _ argument: String, options: ReadOptions = .init(), progress: (Double) -> Void = { _ in }
  ) throws -> [Recording] {
    let (path, pattern) = split(argument)
    var file = try DataFile.open(path, options: options)
    let names = file.tables.map(\.schema.sourceIdentity)
    var recordings: [Recording] = []
    var missing: IdentificationError?
    for index in file.tables.indices {
      if let pattern, !names[index].lowercased().contains(pattern.lowercased()) { continue }
      let columns: TableColumns
      do throws(IdentificationError) {
        columns = try TableColumns(file.tables[index].schema)
      } catch {
        missing = error
        continue
      }
      // Elements of a MATLAB structure are tests of their own, whatever their clock.
      let isSplit = file.format == "matlab-vectors"
      var assembler = RecordingAssembler(
        columns: columns, name: names[index], splitsCycles: isSplit)
      var cleaner = StreamCleaner(schema: file.tables[index].schema)
      while let batch = try file.tables[index].next() {
        assembler.add(cleaner.clean(batch))
        progress(file.tables[index].progress)
      }
      let isAssumed =
        options.rowInterval == nil && file.tables[index].schema.timeReference == .rowNumber
      for var recording in assembler.finish() {
        recording.assumesTimes = isAssumed
        recordings.append(recording)
      }
    }
    if recordings.isEmpty {
      if let missing { throw missing }
      throw IdentificationError.noTable(file: path, pattern: pattern ?? "", tables: names)
    }
    return recordings
  }

  private static func split(_ argument: String) -> (path: String, pattern: String?) {
    guard let mark = argument.lastIndex(of: "#"), mark != argument.startIndex else {
      return (argument, nil)
    }
    let pattern = String(argument[argument.index(after: mark)...])
    return (String(argument[..<mark]), pattern.isEmpty ? nil : pattern)
  }
}

/// Where a table has what a recording needs.
struct TableColumns {
  var time: Int
  var current: Int
  var voltage: Int
  var temperature: Int?
  var cycle: Int?

  init(_ schema: TableSchema) throws(IdentificationError) {
    func column(_ keys: [QuantityKey], _ words: String) throws(IdentificationError) -> Int {
      for key in keys {
        if let column = schema.column(of: key) { return column }
      }
      throw .missingColumn(recording: schema.sourceIdentity, quantity: words)
    }
    time = try column([.time, .stepTime], "time")
    current = try column([.current], "current")
    voltage = try column([.voltage], "voltage")
    temperature = schema.column(of: .cellTemperature)
    cycle = schema.column(of: .cycleIndex)
  }
}

/// Collects the rows of a table and cuts them where a new test starts.
struct RecordingAssembler {
  let columns: TableColumns
  let name: String
  let splitsCycles: Bool
  private var rows = Rows()
  private var done: [Rows] = []

  private struct Rows {
    var times: [Double] = []
    var currents: [Double] = []
    var voltages: [Double] = []
    var temperatures: [Double] = []
    var cycle = Double.nan
  }

  init(columns: TableColumns, name: String, splitsCycles: Bool) {
    self.columns = columns
    self.name = name
    self.splitsCycles = splitsCycles
  }

  mutating func add(_ batch: CleanedBatch) {
    let times = batch.values[columns.time]
    for row in batch.acceptedRows {
      let number = columns.cycle.map { batch.values[$0][row] } ?? .nan
      let restarts = rows.times.last.map { times[row] < $0 - 1 } ?? false
      let isOther = splitsCycles && !rows.times.isEmpty && number != rows.cycle
      if isOther || (restarts && (number != rows.cycle || number.isNaN)) {
        done.append(rows)
        rows = Rows()
      }
      rows.cycle = number
      rows.times.append(times[row])
      rows.currents.append(batch.values[columns.current][row])
      rows.voltages.append(batch.values[columns.voltage][row])
      rows.temperatures.append(columns.temperature.map { batch.values[$0][row] } ?? .nan)
    }
  }

  mutating func finish() -> [Recording] {
    done.append(rows)
    let parts = done.filter { !$0.times.isEmpty }
    return parts.enumerated().map { index, part in
      Recording(
        name: parts.count > 1 ? "\(name) \(index + 1)" : name, times: part.times,
        currents: part.currents, voltages: part.voltages, temperatures: part.temperatures)
    }
  }
}
