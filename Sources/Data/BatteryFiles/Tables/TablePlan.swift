// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What to do with each column of one table: the outcome of recognition.

import BatteryDomain
import Quantities

/// One source column that becomes a column of the batches.
struct PlannedColumn: Sendable {
  /// Position in the source, from 0.
  var source: Int
  var form: NumberForm
  var schema: ColumnSchema
  /// Range of the quantity in SI, or nil for a column of no known quantity.
  var range: ClosedRange<Double>?
  /// Numbers in the file that mean something else.
  var sentinels: [Sentinel]
  /// Seconds subtracted from dates without an offset of their own.
  var clockOffset: Double
}

/// A column that the reader computes because the source does not have it.
enum DerivedTime: Sendable, Hashable {
  case none
  /// Row number times the interval in seconds.
  case rowNumber(interval: Double)
  /// Step time continued over its restarts.
  case continued
}

/// What to do with each column of one table.
struct TablePlan: Sendable {
  var format: String
  var title: String
  var kind: DataFile.Kind
  var timeReference: TimeReference
  var wallClockOffset: Double
  /// Number of columns in the source's header.
  var sourceColumns: Int
  var columns: [PlannedColumn]
  /// Titles of columns that are text and therefore not read.
  var ignored: [String]
  var derived: DerivedTime
  /// Source column whose first letter gives the direction of the current, and the letters that
  /// mean discharge.
  var direction: (column: Int, discharge: [UInt8])?
  var notes: [String]

  /// The schema of the batches.
  func schema(identity: String) -> TableSchema {
    var described = columns.map(\.schema)
    switch derived {
    case .none: break
    case .rowNumber(let interval):
      described.append(
        ColumnSchema(
          quantity: .time, sourceName: "row number", sourceUnit: "rows", scale: interval))
    case .continued:
      described.append(
        ColumnSchema(quantity: .time, sourceName: "time continued over restarts", sourceUnit: "s"))
    }
    return TableSchema(
      format: format, sourceIdentity: identity, columns: described, timeReference: timeReference,
      wallClockOffset: wallClockOffset)
  }

  /// Position of the time column among the planned columns, or nil when it is derived or absent.
  var timeColumn: Int? { columns.firstIndex { $0.schema.quantity == .time } }
}

/// A number in a file that does not mean its value.
struct Sentinel: Sendable, Hashable {
  /// The number as it stands in the file.
  let raw: Double
  let flag: SampleFlags.RawValue

  /// All-ones patterns of the GB/T 32960.3-2016 items: FE… is "abnormal", FF… is "invalid". All of
  /// them lie outside the valid range of their quantity, which the check relies on.
  static func list(for quantity: QuantityKey?, rawOffset: Double) -> [Sentinel] {
    let invalid = SampleFlags.invalid.rawValue
    let abnormal = SampleFlags.abnormal.rawValue
    func pair(_ low: Double, _ high: Double) -> [Sentinel] {
      [Sentinel(raw: low, flag: abnormal), Sentinel(raw: high, flag: invalid)]
    }
    switch quantity {
    case .cellVoltage, .cellVoltageMaximum, .cellVoltageMinimum, .cellVoltageMean, .voltage:
      return pair(65.534, 65.535) + pair(65534, 65535)
    case .packVoltage:
      return pair(6553.4, 6553.5) + pair(65534, 65535)
    case .probeTemperature, .probeTemperatureMaximum, .probeTemperatureMinimum,
      .probeTemperatureMean:
      return rawOffset != 0 ? pair(254, 255) : pair(214, 215) + pair(254, 255)
    case .stateOfCharge, .chargeState, .alarmLevel:
      return pair(254, 255)
    case .vehicleSpeed:
      return pair(6553.4, 6553.5)
    case .insulationResistance:
      return pair(65534, 65535)
    case .odometer:
      return pair(429_496_729.4, 429_496_729.5)
    default:
      return []
    }
  }
}
