// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Voltage, temperature and current of a span of time, straight from the stored frames.

import BatteryDomain
import Foundation
import TelemetryStore

/// Voltage, temperature and current of a vehicle over a span of time, straight from the stored
/// frames and thinned to equal intervals; what the page shows when it is zoomed in.
public struct SeriesDocument: Codable, Hashable, Sendable {
  /// Length of an interval in seconds.
  public var interval: Double
  /// Whether reports were left out because the span holds more than the limit.
  public var isThinned: Bool
  /// Start of each interval that holds reports, in seconds since the Unix epoch.
  public var time: [Double] = []
  /// Lowest cell voltage of each interval, in volts.
  public var cellMinimum: [Double?] = []
  /// Mean of the cells, in volts.
  public var cellMean: [Double?] = []
  /// Highest cell voltage, in volts.
  public var cellMaximum: [Double?] = []
  /// Lowest probe temperature, in kelvin.
  public var temperatureMinimum: [Double?] = []
  /// Mean of the probes, in kelvin.
  public var temperatureMean: [Double?] = []
  /// Highest probe temperature, in kelvin.
  public var temperatureMaximum: [Double?] = []
  /// Lowest current, in amperes, discharge positive.
  public var currentMinimum: [Double?] = []
  /// Mean current.
  public var currentMean: [Double?] = []
  /// Highest current.
  public var currentMaximum: [Double?] = []
  /// Mean state of charge, as a fraction.
  public var stateOfCharge: [Double?] = []
  /// Highest alarm level.
  public var alarmLevel: [Double?] = []

  /// Most reports decoded for one answer.
  static let reportLimit = 20_000

  /// Draws up the series of a span.
  ///
  /// - Parameters:
  ///   - frames: Reports by collection time.
  ///   - identity: VIN.
  ///   - span: Seconds since the Unix epoch.
  ///   - points: Number of intervals.
  /// - Complexity: O(n) in the number of samples.
  init(frames: [StoredFrame], identity: String, span: ClosedRange<Double>, points: Int) {
    interval = max(1, (span.upperBound - span.lowerBound) / Double(max(1, points)))
    isThinned = frames.count >= Self.reportLimit
    var table = ReportTable(identity: identity)
    for frame in frames { table.add(frame) }
    table.releaseHeld()
    var bins: [Int: Bin] = [:]
    for batch in table.takeBatches() {
      Self.sort(batch, from: span.lowerBound, interval, into: &bins)
    }
    for (place, bin) in bins.sorted(by: { $0.key < $1.key }) {
      time.append(span.lowerBound + Double(place) * interval)
      cellMinimum.append(bin.cell.lowest)
      cellMean.append(bin.cell.mean)
      cellMaximum.append(bin.cell.highest)
      temperatureMinimum.append(bin.temperature.lowest)
      temperatureMean.append(bin.temperature.mean)
      temperatureMaximum.append(bin.temperature.highest)
      currentMinimum.append(bin.current.lowest)
      currentMean.append(bin.current.mean)
      currentMaximum.append(bin.current.highest)
      stateOfCharge.append(bin.charge.mean)
      alarmLevel.append(bin.alarm.highest)
    }
  }

  private struct Range {
    var sum = 0.0
    var count = 0
    var low = Double.infinity
    var high = -Double.infinity

    mutating func add(_ value: Double) {
      sum += value
      count += 1
      low = min(low, value)
      high = max(high, value)
    }

    var lowest: Double? { count > 0 ? low : nil }
    var mean: Double? { count > 0 ? sum / Double(count) : nil }
    var highest: Double? { count > 0 ? high : nil }
  }

  private struct Bin {
    var cell = Range()
    var temperature = Range()
    var current = Range()
    var charge = Range()
    var alarm = Range()
  }

  private static func sort(
    _ batch: RecordBatch, from start: Double, _ interval: Double, into bins: inout [Int: Bin]
  ) {
    guard let time = batch.schema.column(of: .time) else { return }
    let kinds: [(WritableKeyPath<Bin, Range>, [Int])] = [
      (\.cell, batch.schema.columns(of: .cellVoltage)),
      (\.temperature, batch.schema.columns(of: .probeTemperature)),
      (\.current, batch.schema.columns(of: .current)),
      (\.charge, batch.schema.columns(of: .stateOfCharge)),
      (\.alarm, batch.schema.columns(of: .alarmLevel)),
    ]
    for row in 0..<batch.rowCount {
      let place = Int(((batch.columns[time][row] - start) / interval).rounded(.down))
      guard place >= 0 else { continue }
      var bin = bins[place] ?? Bin()
      for (kind, columns) in kinds {
        for column in columns
        where batch.flags(column: column, row: row).isDisjoint(with: .unusable) {
          bin[keyPath: kind].add(batch.columns[column][row])
        }
      }
      bins[place] = bin
    }
  }
}
