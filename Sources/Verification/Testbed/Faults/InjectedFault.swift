// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Faults as data: what is wrong, where, from when on.

public import BatteryDomain
import Quantities

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A fault put into a simulated vehicle: the ground truth that an analysis is measured against.
public struct InjectedFault: Codable, Hashable, Sendable {
  /// What is wrong; cells, modules and probes are counted from 1.
  public enum Kind: Codable, Hashable, Sendable {
    /// A leak inside a group: resistance in ohms at the onset, halved again and again after a
    /// number of days (infinite: constant). It drains and heats its group.
    case internalShort(cell: Int, resistance: Double, halvingDays: Double)
    /// A loose or corroded connection: resistance in ohms reached after a ramp in days. The
    /// voltage falls with the current and the joint heats the group.
    case looseConnection(cell: Int, resistance: Double, rampDays: Double)
    /// Loss of a part of the capacity of one group, reached after a ramp in days.
    case weakCell(cell: Int, capacityLoss: Double, rampDays: Double)
    /// One group is drained by a part of its capacity at once.
    case drainedCell(cell: Int, depth: Double)
    /// Foreign heat in a module, in watts, for example from a poor bus-bar joint.
    case hotModule(module: Int, power: Double)
    /// No coolant reaches a module.
    case coolingFailure(module: Int)
    /// The insulation falls to a resistance in ohms after a ramp in days.
    case insulationLoss(resistance: Double, rampDays: Double)
    /// The voltage reading of a group stays as it is.
    case stuckVoltage(cell: Int)
    /// The reading of a probe stays as it is.
    case stuckTemperature(probe: Int)
  }

  /// What is wrong.
  public var kind: Kind
  /// From when on, in seconds since the Unix epoch.
  public var onset: Double

  /// Creates a fault.
  public init(_ kind: Kind, onset: Double) {
    self.kind = kind
    self.onset = onset
  }

  /// The part of the battery concerned.
  public var subject: Subject {
    switch kind {
    case .internalShort(let cell, _, _), .looseConnection(let cell, _, _),
      .weakCell(let cell, _, _), .drainedCell(let cell, _), .stuckVoltage(let cell):
      .cell(cell)
    case .hotModule(let module, _), .coolingFailure(let module): .module(module)
    case .stuckTemperature(let probe): .probe(probe)
    case .insulationLoss: .pack
    }
  }

  /// The point of the propagation chains that a finding about the fault should name.
  public var controlNode: ControlNode {
    switch kind {
    case .internalShort: .separator
    case .looseConnection, .hotModule, .coolingFailure: .hotSpot
    case .weakCell, .drainedCell: .cellInconsistency
    case .insulationLoss: .faultIsolation
    case .stuckVoltage, .stuckTemperature: .sensing
    }
  }

  /// Share of a ramp that is done at a time, from 0 to 1.
  static func ramp(_ days: Double, since elapsed: Double) -> Double {
    guard elapsed >= 0 else { return 0 }
    guard days > 0 else { return 1 }
    return min(1, elapsed / (days * PhysicalConstants.secondsPerDay))
  }

  /// Conductance of an internal short a time after its onset, in siemens.
  ///
  /// The resistance does not fall below 0.1 Ω: harder shorts run away within seconds, which an
  /// equivalent circuit does not model.
  static func shortConductance(
    resistance: Double, halvingDays: Double, elapsed: Double
  ) -> Double {
    guard elapsed >= 0 else { return 0 }
    let halvings = elapsed / (halvingDays * PhysicalConstants.secondsPerDay)
    return 1 / max(0.1, resistance * exp2(-halvings))
  }
}
