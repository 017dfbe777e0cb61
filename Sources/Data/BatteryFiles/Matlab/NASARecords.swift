// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The records of a NASA PCoE battery, gathered into one table of cycles and one of spectra.

import BatteryDomain

/// The records of a NASA PCoE battery (Saha & Goebel 2007), gathered into two tables.
///
/// A cycle is a charge and the discharge after it; its number is that of the discharge, which is
/// the `cycle_idx` of the CSV copies. Time goes on over the records by their start dates.
struct NASARecords {
  private var voltage: [Double] = []
  private var current: [Double] = []
  private var temperature: [Double] = []
  private var ambient: [Double] = []
  private var stepTime: [Double] = []
  private var time: [Double] = []
  private var cycle: [Double] = []
  private var step: [Double] = []
  private var capacity: [Double] = []

  private var real: [Double] = []
  private var imaginary: [Double] = []
  private var spectrumCycle: [Double] = []
  private var spectrumStep: [Double] = []
  private var spectrumAmbient: [Double] = []
  private var spectrumTime: [Double] = []
  private var electrolyte: [Double] = []
  private var transfer: [Double] = []

  private var discharges = 0
  private var start: Double?

  /// Adds one record.
  ///
  /// - Parameters:
  ///   - record: A `cycle` structure with `type`, `time`, `ambient_temperature` and `data`.
  ///   - number: Position of the record in the file, from 1.
  mutating func add(_ record: [String: MatValue], number: Int) {
    guard let type = record["type"]?.text, let data = record["data"]?.elements.first else { return }
    let began = Self.seconds(record["time"]?.numbers ?? [])
    if start == nil { start = began }
    let offset = began.flatMap { began in start.map { began - $0 } } ?? .nan
    let surroundings = record["ambient_temperature"]?.scalar ?? .nan
    switch type {
    case "charge", "discharge":
      let times = data["Time"]?.numbers ?? []
      let count = times.count
      if type == "discharge" { discharges += 1 }
      append(data["Voltage_measured"], to: &voltage, count: count)
      append(data["Current_measured"], to: &current, count: count)
      append(data["Temperature_measured"], to: &temperature, count: count)
      stepTime += times
      time += times.map { $0 + offset }
      let fixed = [
        surroundings, Double(type == "discharge" ? discharges : discharges + 1), Double(number),
        type == "discharge" ? data["Capacity"]?.scalar ?? .nan : .nan,
      ]
      ambient += Array(repeating: fixed[0], count: count)
      cycle += Array(repeating: fixed[1], count: count)
      step += Array(repeating: fixed[2], count: count)
      capacity += Array(repeating: fixed[3], count: count)
    case "impedance":
      guard
        case .numbers(let values, let imaginaries?)? = data["Rectified_Impedance"]
          ?? data["Rectified_impedance"]
      else { return }
      let count = min(values.count, imaginaries.count)
      real += values.prefix(count)
      imaginary += imaginaries.prefix(count)
      spectrumCycle += Array(repeating: Double(discharges), count: count)
      spectrumStep += Array(repeating: Double(number), count: count)
      spectrumAmbient += Array(repeating: surroundings, count: count)
      spectrumTime += Array(repeating: offset, count: count)
      electrolyte += Array(repeating: data["Re"]?.scalar ?? .nan, count: count)
      transfer += Array(repeating: data["Rct"]?.scalar ?? .nan, count: count)
    default: return
    }
  }

  private func append(_ value: MatValue?, to column: inout [Double], count: Int) {
    let numbers = value?.numbers ?? []
    column += numbers.prefix(count)
    column += Array(repeating: .nan, count: max(0, count - numbers.count))
  }

  /// Seconds of a MATLAB date vector `[year month day hour minute second]` on its own clock.
  private static func seconds(_ vector: [Double]) -> Double? {
    guard vector.count == 6, vector.allSatisfy({ $0.isFinite && $0.magnitude < 1e5 }) else {
      return nil
    }
    let days = TimestampParser.days(
      year: Int(vector[0]), month: max(1, min(12, Int(vector[1]))), day: Int(vector[2]))
    return Double(days) * 86_400 + vector[3] * 3600 + vector[4] * 60 + vector[5]
  }

  /// The tables that have rows.
  func tables(identity: String) -> [MemoryTable] {
    var tables: [MemoryTable] = []
    if !voltage.isEmpty {
      tables.append(
        MemoryTable(
          format: "nasa-mat", title: "NASA PCoE battery records", kind: .cellTest,
          identity: identity,
          columns: [
            ("Voltage_measured", .init(["v"], .voltage, "V"), voltage),
            ("Current_measured", .init(["i"], .current, "A"), current),
            ("Temperature_measured", .init(["t"], .cellTemperature, "degC"), temperature),
            ("ambient_temperature", .init(["a"], .ambientTemperature, "degC"), ambient),
            ("time + Time", .init(["time"], .time, "s"), time),
            ("Time", .init(["time"], .stepTime, "s"), stepTime),
            ("cycle", .init(["cycle"], .cycleIndex), cycle),
            ("record", .init(["record"], .stepIndex), step),
            ("Capacity", .init(["capacity"], .capacity, "Ah"), capacity),
          ], currents: .chargePositive,
          notes: ["Capacity is the file's own, given for discharges only"]))
    }
    if !real.isEmpty {
      tables.append(
        MemoryTable(
          format: "nasa-mat-impedance", title: "NASA PCoE impedance spectra", kind: .impedance,
          identity: identity,
          columns: [
            ("Rectified_Impedance real", .init(["re"], .impedanceReal, "ohm"), real),
            (
              "Rectified_Impedance imaginary", .init(["im"], .impedanceImaginary, "ohm"), imaginary
            ),
            ("cycle", .init(["cycle"], .cycleIndex), spectrumCycle),
            ("record", .init(["record"], .stepIndex), spectrumStep),
            ("time", .init(["time"], .time, "s"), spectrumTime),
            ("ambient_temperature", .init(["a"], .ambientTemperature, "degC"), spectrumAmbient),
            ("Re", .init(["re"], .internalResistance, "ohm"), electrolyte),
            ("Rct", .init(["rct"], nil, "ohm"), transfer),
          ], currents: .chargePositive,
          notes: [
            "the file does not hold the frequencies; points run from low to high frequency"
          ]))
    }
    return tables
  }
}
