// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tables out of MATLAB structures: NASA records and plain structures of vectors.

import BatteryDomain

/// A table that is in memory as columns of raw numbers.
struct MemoryTable {
  var format: String
  var title: String
  var kind: DataFile.Kind
  var identity: String
  /// Titles with units, as a text header would print them, and what they hold.
  var columns: [(title: String, rule: ColumnRule, values: [Double])]
  var currents: CurrentConvention
  var notes: [String] = []
}

/// Tables out of MATLAB structures.
enum MatTables {
  /// The tables of a file.
  ///
  /// - Parameters:
  ///   - variables: The variables of the file.
  ///   - identity: Base name of the file.
  /// - Returns: The tables that were understood; empty when none was.
  static func tables(
    _ variables: [(name: String, value: MatValue)], identity: String
  ) -> [MemoryTable] {
    var tables: [MemoryTable] = []
    for (name, value) in variables {
      if let cycles = value.elements.first?["cycle"]?.elements, cycles.first?["type"] != nil {
        tables += nasa(cycles, identity: identity)
      } else if let table = vectors(value.elements, name: name, identity: identity) {
        tables.append(table)
      }
    }
    return tables
  }

  /// Structures of vectors `t`, `I`, `V`, `T`, `Q`, as in the DMEGC electro-thermal data set.
  ///
  /// Its charge is in ampere-seconds, although its description says ampere-hours: 0.13 A over
  /// 10 s adds 1.3.
  private static func vectors(
    _ elements: [[String: MatValue]], name: String, identity: String
  ) -> MemoryTable? {
    let rules: [(field: String, title: String, rule: ColumnRule)] = [
      ("t", "t", .init(["t"], .stepTime, "s")), ("I", "I", .init(["i"], .current, "A")),
      ("V", "V", .init(["v"], .voltage, "V")), ("T", "T", .init(["t"], .cellTemperature, "degC")),
      ("Q", "Q", .init(["q"], .netCapacity, "As")),
      ("SOC", "SOC", .init(["soc"], .stateOfCharge)),
    ]
    let usable = elements.filter { element in
      let length = element["t"]?.numbers.count ?? 0
      return length > 0 && element["V"]?.numbers.count == length
    }
    guard let first = usable.first else { return nil }
    let present = rules.filter { first[$0.field]?.numbers.isEmpty == false }
    var columns = present.map { (title: $0.title, rule: $0.rule, values: [Double]()) }
    var cycles: [Double] = []
    for (index, element) in usable.enumerated() {
      let length = element["t"]?.numbers.count ?? 0
      for column in columns.indices {
        var values = element[present[column].field]?.numbers ?? []
        if values.count > length { values.removeLast(values.count - length) }
        values += Array(repeating: Double.nan, count: length - values.count)
        columns[column].values += values
      }
      cycles += Array(repeating: Double(index + 1), count: length)
    }
    columns.append(("cycle", .init(["cycle"], .cycleIndex), cycles))
    return MemoryTable(
      format: "matlab-vectors", title: "MATLAB structure of t, I, V, T, Q", kind: .cellTest,
      identity: "\(identity) \(name)", columns: columns, currents: .dischargePositive,
      notes: ["discharge is positive and Q is in ampere-seconds, as in the DMEGC data set"])
  }

  /// Charge, discharge and impedance records of the NASA PCoE batteries.
  private static func nasa(_ cycles: [[String: MatValue]], identity: String) -> [MemoryTable] {
    var records = NASARecords()
    for (index, cycle) in cycles.enumerated() {
      records.add(cycle, number: index + 1)
    }
    return records.tables(identity: identity)
  }
}
