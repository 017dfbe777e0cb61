// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A cell as the abuse simulation sees it.

public import BatteryDomain
public import CellModels
import Quantities

/// A cell as the abuse simulation sees it, in coherent SI.
public struct AbuseCell: Sendable {
  /// Short name, as on the command line.
  public var name: String
  /// What it is, in words.
  public var summary: String
  /// Chemistry, for the ranges to compare with.
  public var chemistry: Chemistry
  /// Outer shape.
  public var geometry: CellGeometry
  /// Mass, in kg.
  public var mass: Double
  /// Specific heat, in J/(kg·K).
  public var specificHeat: Double
  /// Mean conductivity of the jelly roll around a hot spot, in W/(m·K).
  public var conductivity: Double
  /// Capacity, in coulombs.
  public var capacity: Double
  /// Nominal voltage, in volts.
  public var nominalVoltage: Double
  /// Voltage of the full cell, in volts.
  public var upperVoltage: Double
  /// Voltage of the empty cell, in volts.
  public var lowerVoltage: Double
  /// Open-circuit voltage.
  public var openCircuit: OpenCircuitVoltage
  /// Resistance at 25 °C, in ohms.
  public var resistance: Double
  /// Dependence of the resistance on temperature.
  public var resistanceFactor: ResistanceFactor
  /// Reactions; loadings for ``amount``.
  public var network: ReactionNetwork
  /// Cubic metres of jelly roll, or 1 for a network of a whole cell.
  public var amount: Double
  /// Separator added to the network; nil where the network brings one, or for none.
  public var separator: SeparatorDesign?
  /// Gases.
  public var gas: GasProfile
  /// Casing and vent.
  public var casing: CasingDesign
  /// Overshoot above an oven that counts as thermal runaway, in kelvin.
  public var runawayOvershoot: Double
  /// Emissivity of the surface.
  public var emissivity: Double

  /// Creates a cell.
  public init(
    name: String, summary: String, chemistry: Chemistry, geometry: CellGeometry, mass: Double,
    specificHeat: Double, conductivity: Double, capacity: Double, nominalVoltage: Double,
    upperVoltage: Double, lowerVoltage: Double, openCircuit: OpenCircuitVoltage,
    resistance: Double, resistanceFactor: ResistanceFactor, network: ReactionNetwork,
    amount: Double, separator: SeparatorDesign?, gas: GasProfile, casing: CasingDesign,
    runawayOvershoot: Double = 100, emissivity: Double = 0.8
  ) {
    self.name = name
    self.summary = summary
    self.chemistry = chemistry
    self.geometry = geometry
    self.mass = mass
    self.specificHeat = specificHeat
    self.conductivity = conductivity
    self.capacity = capacity
    self.nominalVoltage = nominalVoltage
    self.upperVoltage = upperVoltage
    self.lowerVoltage = lowerVoltage
    self.openCircuit = openCircuit
    self.resistance = resistance
    self.resistanceFactor = resistanceFactor
    self.network = network
    self.amount = amount
    self.separator = separator
    self.gas = gas
    self.casing = casing
    self.runawayOvershoot = runawayOvershoot
    self.emissivity = emissivity
  }

  /// Heat capacity, in J/K.
  public var heatCapacity: Double { mass * specificHeat }
  /// Outer surface, in m².
  public var surface: Double { geometry.surface.value }
  /// Energy at nominal voltage, in joules.
  public var nominalEnergy: Double { capacity * nominalVoltage }

  /// The network with the separator and, where `plating` asks for it, plated lithium.
  public func simulatedNetwork(plating: Bool) -> ReactionNetwork {
    let withSeparator = separator.map { $0.added(to: network) } ?? network
    return plating ? withSeparator.addingPlatedLithium() : withSeparator
  }

  /// Replaces the separator, also one that came with the reactions.
  ///
  /// The law of the contact behind it stays where the reactions were published with theirs.
  ///
  /// - Parameter design: What separates the electrodes; nil for nothing that could fail.
  public mutating func fit(_ design: SeparatorDesign?) {
    let isOwn =
      network.contents.contains { $0.role == .separator } || separator?.displacesReactions == false
    let ownLaw = isOwn ? separator : nil
    network = network.withoutSeparator()
    separator = design
    guard let ownLaw, design != nil else { return }
    separator?.collapseResistance = ownLaw.collapseResistance
    separator?.collapseShare = ownLaw.collapseShare
    separator?.displacesReactions = ownLaw.displacesReactions
  }

  /// Whether the shape, mass and electrical numbers are positive and finite, and the network can
  /// be compiled; what is wrong otherwise.
  public var faults: [String] {
    var faults = network.faults
    func positive(_ value: Double, _ name: String) {
      if !(value.isFinite && value > 0) { faults.append("\(name) \(value) is not above 0") }
    }
    if !geometry.isValid { faults.append("a dimension is not above 0") }
    positive(mass, "mass")
    positive(specificHeat, "specific heat")
    positive(conductivity, "conductivity")
    positive(capacity, "capacity")
    positive(resistance, "resistance")
    positive(amount, "amount of jelly roll")
    positive(casing.headspace, "headspace")
    positive(casing.ventPressure, "vent pressure")
    positive(casing.ventArea, "vent area")
    positive(runawayOvershoot, "runaway overshoot")
    return faults
  }
}
