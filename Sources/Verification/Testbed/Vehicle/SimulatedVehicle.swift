// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A simulated electric vehicle: pack, driver, instruments and faults.

public import BatteryDomain
import CellModels
import NumericalMethods
import Quantities

/// A simulated electric vehicle that yields telemetry rows like a real one's.
///
/// The same seed gives the same rows, however the time is cut into calls. Rows come while driving and
/// charging at ``Sampling/active`` and while parked at ``Sampling/parked``.
public struct SimulatedVehicle: Sendable {
  /// How often rows are taken.
  public struct Sampling: Codable, Hashable, Sendable {
    /// Interval while driving and charging, in whole seconds.
    public var active: Int
    /// Interval while parked, in whole seconds.
    public var parked: Int

    /// Creates an interval pair; the default is 30 s and one hour.
    public init(active: Int = 30, parked: Int = 3_600) {
      precondition(active > 0 && parked > 0, "intervals must be positive")
      self.active = active
      self.parked = parked
    }
  }

  /// What the vehicle does.
  public enum Mode: Hashable, Sendable {
    /// Parked and not plugged in.
    case parked
    /// On a trip until a time in seconds since the Unix epoch.
    case driving(until: Double)
    /// Charging with a current in amperes up to a mean state of charge.
    case charging(current: Double, target: Double)
  }

  /// VIN or another name.
  public let identity: String
  /// How the vehicle is used.
  public let usage: UsagePattern
  /// The instruments.
  public let sensors: SensorModel
  /// The faults put in, which are the ground truth.
  public let faults: [InjectedFault]
  /// How often rows are taken; may be changed at any time.
  public var sampling: Sampling
  /// The true state of the battery.
  public internal(set) var pack: SimulatedPack
  /// Present time in seconds since the Unix epoch.
  public internal(set) var time: Double
  /// What the vehicle does now.
  public internal(set) var mode = Mode.parked
  /// Current of the last step in amperes, discharge positive.
  public internal(set) var current = 0.0
  /// Speed in m/s.
  public internal(set) var speed = 0.0
  /// Distance driven in metres.
  public internal(set) var odometer: Double
  /// Insulation resistance in ohms.
  public internal(set) var insulationResistance: Double
  /// The columns of the rows.
  public let schema: TableSchema

  var random: Xoshiro256
  var agenda: [ClosedRange<Double>] = []
  var plannedUntil: Double
  var isComplete = false
  var isCooling = false
  var targetSpeed = 0.0
  var slope = 0.0
  var rowIndex = 0
  var drainedFaults: Set<Int> = []
  var stuckVoltages: [Int: Double] = [:]
  var stuckTemperatures: [Int: Double] = [:]
  let moduleOffsets: [Double]
  let probeOffsets: [Double]
  let healthyInsulation: Double
  let hasStuckSensor: Bool

  /// Creates a parked vehicle.
  ///
  /// - Parameters:
  ///   - identity: VIN or another name.
  ///   - design: How the pack is built.
  ///   - usage: How the vehicle is used.
  ///   - sensors: The instruments.
  ///   - sampling: How often rows are taken.
  ///   - faults: Faults to put in; their cells, modules and probes must exist.
  ///   - seed: Seed of everything random.
  ///   - start: Time of the start in seconds since the Unix epoch.
  public init(
    identity: String, design: PackDesign = PackDesign(), usage: UsagePattern = UsagePattern(),
    sensors: SensorModel = SensorModel(), sampling: Sampling = Sampling(),
    faults: [InjectedFault] = [], seed: UInt64, start: Double
  ) {
    for fault in faults {
      switch fault.subject {
      case .cell(let cell): precondition((1...design.cellCount).contains(cell), "no such cell")
      case .module(let module):
        precondition((1...design.moduleCount).contains(module), "no such module")
      case .probe(let probe): precondition((1...design.probeCount).contains(probe), "no such probe")
      case .pack, .channel: break
      }
    }
    self.identity = identity
    self.usage = usage
    self.sensors = sensors
    self.sampling = sampling
    self.faults = faults
    var random = Xoshiro256(seed: seed)
    time = start.rounded()
    pack = SimulatedPack(
      design: design, stateOfCharge: Double.random(in: 0.6...0.85, using: &random),
      temperature: usage.ambient(at: start), using: &random)
    odometer = Double(Int.random(in: 50_000...600_000, using: &random)) * 100
    moduleOffsets = (0..<design.moduleCount).map { _ in
      design.moduleOffset * random.nextNormal()
    }
    probeOffsets = (0..<design.probeCount).map { _ in sensors.probeOffset * random.nextNormal() }
    healthyInsulation = Double.random(in: 3e6...12e6, using: &random)
    insulationResistance = healthyInsulation
    hasStuckSensor = faults.contains { fault in
      switch fault.kind {
      case .stuckVoltage, .stuckTemperature: true
      default: false
      }
    }
    // The first day is planned from its local midnight; trips in the past are left out.
    let day = PhysicalConstants.secondsPerDay
    plannedUntil = ((start + usage.localOffset) / day).rounded(.down) * day - usage.localOffset
    self.random = random
    schema = Self.schema(identity: identity, design: design)
  }

  static func schema(identity: String, design: PackDesign) -> TableSchema {
    var columns: [ColumnSchema] = scalarColumns.map { quantity in
      ColumnSchema(quantity: quantity, sourceName: quantity.rawValue)
    }
    for cell in 0..<design.cellCount {
      columns.append(
        ColumnSchema(quantity: .cellVoltage, element: cell, sourceName: "cell_voltage_\(cell + 1)"))
    }
    for probe in 0..<design.probeCount {
      columns.append(
        ColumnSchema(
          quantity: .probeTemperature, element: probe,
          sourceName: "probe_temperature_\(probe + 1)"))
    }
    return TableSchema(
      format: "simulated-vehicle", sourceIdentity: identity, columns: columns,
      timeReference: .unixEpoch)
  }

  static let scalarColumns: [QuantityKey] = [
    .time, .chargeState, .vehicleSpeed, .odometer, .packVoltage, .current, .stateOfCharge,
    .insulationResistance, .alarmLevel, .alarmFlags, .cellVoltageMaximum, .cellVoltageMinimum,
    .probeTemperatureMaximum, .probeTemperatureMinimum,
  ]
}
