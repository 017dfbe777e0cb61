// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the plant knows about one type of cell: circuit, heat, decomposition, casing.

public import BatteryDomain
import CellModels
public import RunawayModels

/// A type of cell for the plant: an equivalent circuit with heat, decomposition and a casing.
///
/// Signs: discharge current positive, heat into the cell positive, kelvin throughout.
public struct PlantCell: Sendable {
  /// Name for scenario files.
  public var name: String
  /// Chemistry, which selects the reactions.
  public var chemistry: Chemistry
  /// Nominal capacity in coulombs.
  public var capacity: Double
  /// Open-circuit voltage over the state of charge.
  public var openCircuit: VoltageTable
  /// Half the width of the hysteresis of the open-circuit voltage, in volts.
  public var hysteresis: Double
  /// Voltage at the end of charging, in volts.
  public var upperVoltage: Double
  /// Voltage at the end of discharging, in volts.
  public var lowerVoltage: Double
  /// Resistance that acts at once at 25 °C, in ohms.
  public var seriesResistance: Double
  /// Resistance and time constant of charge transfer, in ohms and seconds.
  public var fast: (resistance: Double, time: Double)
  /// Resistance and time constant of diffusion, in ohms and seconds.
  public var slow: (resistance: Double, time: Double)
  /// Activation energy of all resistances, in J/mol.
  public var activationEnergy: Double
  /// Mass in kg.
  public var mass: Double
  /// Specific heat in J/(kg·K).
  public var specificHeat: Double
  /// Decomposition of the whole cell.
  public var kernel: ReactionKernel
  /// Heat of all reactions of a full cell, in joules.
  public let fullHeat: Double
  /// Temperature at which the separator is gone, in kelvin.
  public var collapseTemperature: Double
  /// Resistance of the short after the separator is gone, in ohms.
  public var collapseResistance: Double
  /// Casing: headspace, vent, solvent.
  public var casing: CasingDesign
  /// Gas of a full runaway in moles.
  public var gas: Double

  init(
    name: String, chemistry: Chemistry, capacity: Double, openCircuit: VoltageTable,
    hysteresis: Double, limits: (lower: Double, upper: Double), seriesResistance: Double,
    fast: (Double, Double), slow: (Double, Double), activationEnergy: Double, mass: Double,
    specificHeat: Double, kernel: ReactionKernel, collapseTemperature: Double,
    collapseResistance: Double, casing: CasingDesign, gas: Double
  ) {
    self.name = name
    self.chemistry = chemistry
    self.capacity = capacity
    self.openCircuit = openCircuit
    self.hysteresis = hysteresis
    upperVoltage = limits.upper
    lowerVoltage = limits.lower
    self.seriesResistance = seriesResistance
    self.fast = fast
    self.slow = slow
    self.activationEnergy = activationEnergy
    self.mass = mass
    self.specificHeat = specificHeat
    self.kernel = kernel
    fullHeat = zip(kernel.fullExtents(), kernel.heats).reduce(0) { $0 + max(0, $1.0 * $1.1) }
    self.collapseTemperature = collapseTemperature
    self.collapseResistance = collapseResistance
    self.casing = casing
    self.gas = gas
  }

  /// Heat capacity in J/K.
  public var heatCapacity: Double { mass * specificHeat }

  /// Sum of all resistances at 25 °C, in ohms.
  public var totalResistance: Double { seriesResistance + fast.resistance + slow.resistance }
}

/// An open-circuit voltage as an even table with straight lines between, fast to read.
///
/// Beyond full it rises by 1.5 V for a whole capacity more, as an overcharged cell does; below empty
/// it falls steeply and stays at 0 V.
public struct VoltageTable: Hashable, Sendable {
  /// Number of intervals between empty and full.
  public static let intervals = 1_000
  /// Values at even states of charge from 0 to 1, in volts.
  public let values: [Double]

  /// States of charge at even voltages, for the way back.
  private let charges: [Double]
  private let lowest: Double
  private let perVolt: Double

  /// Samples a rising function at even states of charge.
  public init(_ function: (Double) -> Double) {
    let values = (0...Self.intervals).map { function(Double($0) / Double(Self.intervals)) }
    self.values = values
    let first = values[0]
    let last = max(values[Self.intervals], first + 0.1)
    let count = 4 * Self.intervals
    lowest = first
    perVolt = Double(count) / (last - first)
    var place = 0
    charges = (0...count).map { index in
      let voltage = first + (last - first) * Double(index) / Double(count)
      while place < Self.intervals - 1, values[place + 1] < voltage { place += 1 }
      let rise = values[place + 1] - values[place]
      let part = rise > 0 ? min(1, max(0, (voltage - values[place]) / rise)) : 0
      return (Double(place) + part) / Double(Self.intervals)
    }
  }

  /// The voltage at a state of charge, in volts.
  @inline(__always)
  public func voltage(at charge: Double) -> Double {
    let place = charge * Double(Self.intervals)
    if place <= 0 { return max(0, values[0] + 20 * charge) }
    if place >= Double(Self.intervals) { return values[Self.intervals] + 1.5 * (charge - 1) }
    let index = Int(place)
    return values[index] + (place - Double(index)) * (values[index + 1] - values[index])
  }

  /// Mean slope between two percent below and above, in volts per unit of charge.
  public func slope(at charge: Double, span: Double = 0.01) -> Double {
    (voltage(at: charge + span) - voltage(at: charge - span)) / (2 * span)
  }

  /// The state of charge of a voltage, between 0 and 1.
  ///
  /// - Complexity: O(1).
  @inline(__always)
  public func charge(at voltage: Double) -> Double {
    let place = (voltage - lowest) * perVolt
    guard place > 0 else { return 0 }
    guard place < Double(charges.count - 1) else { return 1 }
    let index = Int(place)
    return charges[index] + (place - Double(index)) * (charges[index + 1] - charges[index])
  }
}
