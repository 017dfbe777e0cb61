// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a propagation run needs to know of a cell.

public import BatteryDomain
import Foundation
public import RunawayModels

/// A cell as a propagation run sees it, in SI units.
public struct PackCell: Sendable {
  /// Name for reports.
  public var name: String
  /// The chemistry, for gas and toxicity.
  public var chemistry: Chemistry
  /// Outer shape.
  public var geometry: CellGeometry
  /// Mass in kg.
  public var mass: Double
  /// Specific heat, in J/(kg·K).
  public var specificHeat: Double
  /// Conductivity through the thickness (or radius), in W/(m·K).
  public var conductivity: Double
  /// Decomposition of the whole cell.
  public var kinetics: ReactionKernel
  /// The same with plated lithium, for overcharge; nil where that is not known.
  public var platingKinetics: ReactionKernel?
  /// Gases of the whole cell.
  public var gas: GasProfile
  /// Headspace, vent and current interrupt device.
  public var casing: CasingDesign
  /// Thermal contact between the electrodes and the casing.
  public var shell = ShellContact.pouch
  /// Capacity in coulombs.
  public var capacity: Double
  /// Resistance in ohms.
  public var resistance: Double
  /// Open-circuit voltage on equal steps of the state of charge, 0 to 1, in volts.
  public var openCircuit: [Double]
  /// Resistance of the contact of a cell without any separator left, in ohms.
  public var shortResistance: Double
  /// Part of the charge that flows through that contact before it burns away, 0 to 1.
  public var shortShare: Double
  /// Whether lithium that the short discharges is missing from the reactions.
  public var shortTakesReactants: Bool

  /// Creates a cell.
  public init(
    name: String, chemistry: Chemistry, geometry: CellGeometry, mass: Double,
    specificHeat: Double, conductivity: Double, kinetics: ReactionKernel, gas: GasProfile,
    casing: CasingDesign, capacity: Double, resistance: Double, openCircuit: [Double],
    shortResistance: Double, shortShare: Double, shortTakesReactants: Bool
  ) {
    self.name = name
    self.chemistry = chemistry
    self.geometry = geometry
    self.mass = mass
    self.specificHeat = specificHeat
    self.conductivity = conductivity
    self.kinetics = kinetics
    self.gas = gas
    self.casing = casing
    self.capacity = capacity
    self.resistance = resistance
    self.openCircuit = openCircuit
    self.shortResistance = shortResistance
    self.shortShare = shortShare
    self.shortTakesReactants = shortTakesReactants
  }

  /// Heat capacity in J/K.
  public var heatCapacity: Double { mass * specificHeat }

  /// Open-circuit voltage, in volts: below empty it falls steeply, and stays at −1.5 V in a cell that
  /// others reverse (copper dissolves); above full it rises as in the last tenth, up to 5.3 V
  /// (electrolyte is oxidised).
  public func voltage(stateOfCharge: Double) -> Double {
    let last = openCircuit.count - 1
    guard last > 0 else { return openCircuit.first ?? 0 }
    if stateOfCharge <= 0 { return max(-1.5, openCircuit[0] * (1 + stateOfCharge / 0.02)) }
    if stateOfCharge > 1 {
      let tenth = max(1, last / 10)
      let slope = (openCircuit[last] - openCircuit[last - tenth]) * Double(last) / Double(tenth)
      return min(5.3, openCircuit[last] + max(0, slope) * (stateOfCharge - 1))
    }
    let position = min(Double(last), stateOfCharge * Double(last))
    let i = min(last - 1, Int(position))
    return openCircuit[i] + (position - Double(i)) * (openCircuit[i + 1] - openCircuit[i])
  }

  /// Electrical energy between empty and a state of charge, in joules.
  public func energy(stateOfCharge: Double) -> Double {
    let last = openCircuit.count - 1
    guard last > 0, stateOfCharge > 0 else { return 0 }
    let position = min(Double(last), stateOfCharge * Double(last))
    var sum = 0.0
    var i = 0
    while Double(i + 1) <= position {
      sum += (openCircuit[i] + openCircuit[i + 1]) / 2
      i += 1
    }
    let rest = position - Double(i)
    if rest > 0, i < last {
      let end = openCircuit[i] + rest * (openCircuit[i + 1] - openCircuit[i])
      sum += rest * (openCircuit[i] + end) / 2
    }
    return sum * capacity / Double(last)
  }
}
