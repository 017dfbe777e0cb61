// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A seeded pack of cells with spread, async reading, rests, drives, charges and one fault.

import BatteryDomain
import Foundation

/// A small generator with a fixed sequence for each seed (SplitMix64, Steele et al., 2014).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A standard normal value (Box–Muller).
  mutating func normal() -> Double {
    let u = Double.random(in: 1e-12..<1, using: &self)
    let v = Double.random(in: 0..<1, using: &self)
    return (-2 * log(u)).squareRoot() * cos(2 * .pi * v)
  }
}

/// What is wrong with one element of a synthetic pack.
enum SyntheticFault: Sendable {
  case none
  /// Loses charge from a day on, in amperes.
  case leak(cell: Int, fromDay: Double, current: Double)
  /// Drops by a difference of charge on a day, as a fraction of capacity.
  case drop(cell: Int, day: Double, charge: Double)
  /// Stands lower by a difference of charge from the start.
  case offset(cell: Int, charge: Double)
  /// Has more resistance, as a factor.
  case resistance(cell: Int, factor: Double)
  /// Has less capacity, as a fraction lost.
  case capacity(cell: Int, lost: Double)
  /// Has a contact that adds noise in proportion to current from a day on, in ohms.
  case looseContact(cell: Int, fromDay: Double, resistance: Double)
  /// Keeps one reading.
  case stuckCell(cell: Int)
  /// Keeps one reading from a day on.
  case freeze(cell: Int, fromDay: Double)
  /// Reads higher by some kelvin from a day on.
  case hotProbe(probe: Int, fromDay: Double, rise: Double)
  /// Gives no value from a day on.
  case deadProbe(probe: Int, fromDay: Double)
  /// Keeps one reading.
  case stuckProbe(probe: Int)
  /// Warms all probes far more from a day on.
  case cooling(fromDay: Double)
  /// Insulation reading falls to a share from a day on.
  case insulation(fromDay: Double, share: Double)
}

/// A pack of cells in series that drives, rests and charges once a day.
///
/// Not a cell model: open-circuit voltage is a fixed curve, resistance is ohmic. What matters here
/// is what analysis meets: spread of cells, modules read at different instants, 1 mV and 1 %
/// resolution, balancing offsets, a rest that is never quite one.
struct SyntheticPack {
  var cellCount = 90
  var probeCount = 12
  var days = 40.0
  /// Seconds between rows.
  var interval = 30.0
  var capacity = 140.0 * 3600
  /// Standard deviation of the cells' difference of charge, as a fraction.
  var spread = 0.003
  /// First cells of the modules, with the offset of their charge.
  var modules: [(firstCell: Int, charge: Double)] = [(0, 0)]
  /// Charge that the first module gains against the rest in a day, as a fraction of capacity.
  var moduleDrift = 0.0
  /// Day from which the pack is charged to 0.3 to 0.5 only.
  var thriftyFromDay = Double.infinity
  var fault = SyntheticFault.none
  var seed: UInt64 = 1
  var start = 1_555_300_000.0

  /// Open-circuit voltage of an NCM cell by charge, rounded from published curves.
  static func openCircuit(_ charge: Double) -> Double {
    let x: [Double] = [-0.2, 0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1]
    let y = [
      2.6, 3.0, 3.30, 3.42, 3.51, 3.56, 3.61, 3.66, 3.73, 3.83, 3.93, 4.04, 4.17, 4.32,
    ]
    let position = max(0, min(x.count - 2, (x.firstIndex { $0 > charge } ?? x.count) - 1))
    let share = (charge - x[position]) / (x[position + 1] - x[position])
    return y[position] + share * (y[position + 1] - y[position])
  }

  static func schema(cells: Int, probes: Int) -> TableSchema {
    var columns = [
      ColumnSchema(quantity: .time, sourceName: "time"),
      ColumnSchema(quantity: .current, sourceName: "current"),
      ColumnSchema(quantity: .stateOfCharge, sourceName: "charge"),
      ColumnSchema(quantity: .vehicleSpeed, sourceName: "speed"),
      ColumnSchema(quantity: .packVoltage, sourceName: "voltage"),
      ColumnSchema(quantity: .chargeState, sourceName: "state"),
      ColumnSchema(quantity: .alarmLevel, sourceName: "alarm"),
      ColumnSchema(quantity: .insulationResistance, sourceName: "insulation"),
    ]
    columns += (0..<cells).map {
      ColumnSchema(quantity: .cellVoltage, element: $0, sourceName: "V_\($0 + 1)")
    }
    columns += (0..<probes).map {
      ColumnSchema(quantity: .probeTemperature, element: $0, sourceName: "T_\($0 + 1)")
    }
    return TableSchema(
      format: "synthetic", sourceIdentity: "synthetic", columns: columns,
      timeReference: .unixEpoch)
  }

  /// All rows in one batch.
  func batch() -> RecordBatch {
    var random = SeededGenerator(seed: seed)
    var cells = Cells(self, random: &random)
    var columns = [[Double]](repeating: [], count: 8 + cellCount + probeCount)
    var soc = 0.85
    var temperature = 295.0
    for day in 0..<Int(days) {
      // Two drives with rests, then a charge back to a random level in the evening.
      let goal =
        (Double(day) >= thriftyFromDay ? 0.3 : 0.75) + 0.2
        * Double.random(in: 0..<1, using: &random)
      var plan: [(rows: Int, mode: Mode)] = [
        (20, .rest), (150, .drive), (40, .rest), (130, .drive),
      ]
      plan += [(20, .rest), (400, .charge(goal)), (30, .rest)]
      var time = start + Double(day) * 86_400 + 25_000
      for (rows, mode) in plan {
        for _ in 0..<rows {
          if case .charge(let goal) = mode, soc >= goal { break }
          let current = mode.current(&random)
          soc -= current * interval / capacity
          let age = (time - start) / 86_400
          temperature +=
            (ambient(age) + coolingRise(age) + abs(current) * 0.05 - temperature) * 0.01
          let row = Row(
            time: time, age: age, current: current, charge: soc, temperature: temperature,
            speed: mode.speed, isCharging: mode.isCharging)
          cells.append(row, of: self, to: &columns, random: &random)
          time += interval
        }
        if case .rest = mode { time += 1800 }
      }
    }
    return RecordBatch(
      schema: Self.schema(cells: cellCount, probes: probeCount), firstRow: 0, columns: columns)
  }

  /// Weeks of weather: the outside temperature in kelvin.
  private func ambient(_ age: Double) -> Double { 292 + 7 * sin(age / 4) }

  private func coolingRise(_ age: Double) -> Double {
    if case .cooling(let day) = fault, age >= day { return 38 }
    return 0
  }

  struct Row {
    var time: Double
    var age: Double
    var current: Double
    var charge: Double
    var temperature: Double
    var speed: Double
    var isCharging: Bool
  }

  enum Mode {
    case rest
    case drive
    case charge(Double)

    func current(_ random: inout SeededGenerator) -> Double {
      switch self {
      case .rest: abs(random.normal()) * 0.8
      case .drive:
        // A third of the time coasting or standing at lights for a few rows.
        Double.random(in: 0..<1, using: &random) < 0.35
          ? 1.5 : 25 + 45 * random.normal() * Double.random(in: 0..<1, using: &random)
      case .charge: -55
      }
    }

    var speed: Double {
      if case .drive = self { return 12 }
      return 0
    }

    var isCharging: Bool {
      if case .charge = self { return true }
      return false
    }
  }
}

extension SyntheticPack {
  /// The cells' own numbers.
  struct Cells {
    var charge: [Double]
    var resistance: [Double]
    var capacity: [Double]
    var module: [Int]
    var probeOffset: [Double]
    var lastCurrent = 0.0

    init(_ pack: SyntheticPack, random: inout SeededGenerator) {
      charge = []
      resistance = []
      capacity = []
      module = []
      for cell in 0..<pack.cellCount {
        let place = pack.modules.lastIndex { $0.firstCell <= cell } ?? 0
        module.append(place)
        charge.append(pack.modules[place].charge + pack.spread * random.normal())
        resistance.append(0.0012 * (1 + 0.03 * random.normal()))
        capacity.append(pack.capacity * (1 + 0.004 * random.normal()))
      }
      probeOffset = (0..<pack.probeCount).map { _ in random.normal() * 0.7 }
      switch pack.fault {
      case .offset(let cell, let amount): charge[cell] -= amount
      case .resistance(let cell, let factor): resistance[cell] *= factor
      case .capacity(let cell, let lost): capacity[cell] *= 1 - lost
      default: break
      }
    }

    mutating func append(
      _ row: Row, of pack: SyntheticPack, to columns: inout [[Double]],
      random: inout SeededGenerator
    ) {
      var insulation = 5000e3
      if case .insulation(let day, let share) = pack.fault, row.age >= day { insulation *= share }
      let scalars = [
        row.time, (row.current * 10).rounded() / 10, (row.charge * 100).rounded() / 100, row.speed,
        0, row.isCharging ? 1 : 3, 0, insulation,
      ]
      for (column, value) in scalars.enumerated() { columns[column].append(value) }
      var sum = 0.0
      for cell in 0..<pack.cellCount {
        // Modules are read one after another: some still see the row's earlier current.
        let delayed = module[cell] % 2 == 1
        let current = delayed ? 0.5 * (row.current + lastCurrent) : row.current
        let value = voltage(cell, row, current: current, pack, &random)
        sum += value
        columns[8 + cell].append(value)
      }
      columns[4][columns[4].count - 1] = (sum * 10).rounded() / 10
      for probe in 0..<pack.probeCount {
        columns[8 + pack.cellCount + probe].append(
          probeValue(probe, row, pack, &random))
      }
      lastCurrent = row.current
    }

    private func voltage(
      _ cell: Int, _ row: Row, current: Double, _ pack: SyntheticPack,
      _ random: inout SeededGenerator
    ) -> Double {
      var own = row.charge + charge[cell]
      // Full cells are balanced near 95 %; below, less capacity means falling behind.
      own -= (0.95 - row.charge) * (pack.capacity / capacity[cell] - 1)
      if module[cell] == 0 { own += row.age * pack.moduleDrift }
      var resistance = self.resistance[cell]
      switch pack.fault {
      case .leak(cell, let day, let leak) where row.age > day:
        own -= (row.age - day) * 86_400 * leak / pack.capacity
      case .drop(cell, let day, let amount) where row.age > day: own -= amount
      case .looseContact(cell, let day, let extra) where row.age > day:
        resistance += extra * Double.random(in: 0..<1, using: &random)
      case .stuckCell(cell): return 3.7
      case .freeze(cell, let day) where row.age > day: return 3.913
      default: break
      }
      let value = SyntheticPack.openCircuit(own) - current * resistance + 0.0007 * random.normal()
      return (value * 1000).rounded() / 1000
    }

    private func probeValue(
      _ probe: Int, _ row: Row, _ pack: SyntheticPack, _ random: inout SeededGenerator
    ) -> Double {
      var value = row.temperature + probeOffset[probe] + 0.2 * random.normal()
      switch pack.fault {
      case .hotProbe(probe, let day, let rise) where row.age > day: value += rise
      case .deadProbe(probe, let day) where row.age > day: return .nan
      case .stuckProbe(probe): return 295.15
      default: break
      }
      return (value - 0.15).rounded() + 0.15
    }
  }
}
