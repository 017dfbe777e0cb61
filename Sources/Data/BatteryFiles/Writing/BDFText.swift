// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Rows as lines of the Battery Data Format.

public import BatteryDomain

/// Rows as Battery Data Format CSV.
public struct BDFText: Sendable {
  private let schema: TableSchema
  private let exports: [ExportColumns.Export?]
  /// Position of a Unix time from which the test time that BDF demands is counted.
  private let unixTime: Int?
  private var firstTime = Double.nan

  /// Creates the text of a table.
  ///
  /// - Parameter schema: The columns.
  public init(schema: TableSchema) {
    self.schema = schema
    exports = schema.columns.map { $0.quantity.map(ExportColumns.export(of:)) }
    unixTime = schema.timeReference == .unixEpoch ? schema.column(of: .time) : nil
  }

  /// The line with the names of the columns.
  public func header() -> [UInt8] {
    var titles = schema.columns.map { ExportColumns.label(of: $0, schema.timeReference) }
    if unixTime != nil { titles.insert("Test Time / s", at: 0) }
    let quoted = titles.map { title in
      title.contains { ",\"\n\r".contains($0) }
        ? "\"\(title.replacing("\"", with: "\"\""))\"" : title
    }
    return Array("\(quoted.joined(separator: ","))\n".utf8)
  }

  /// The lines of rows; the first row of all fixes the start of the test time.
  ///
  /// - Parameter batch: Rows of the schema that the text was made for.
  /// - Returns: UTF-8 lines.
  /// - Complexity: O(n) in the number of values.
  public mutating func rows(of batch: RecordBatch) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(batch.rowCount * schema.columns.count * 8)
    for row in 0..<batch.rowCount {
      if let unixTime {
        let time = batch.columns[unixTime][row]
        if firstTime.isNaN { firstTime = time }
        NumberText.append(time - firstTime, to: &bytes)
        bytes.append(0x2C)
      }
      for column in schema.columns.indices {
        if column > 0 { bytes.append(0x2C) }
        NumberText.append(
          ExportColumns.value(batch.columns[column][row], exports[column]), to: &bytes)
      }
      bytes.append(0x0A)
    }
    return bytes
  }
}
