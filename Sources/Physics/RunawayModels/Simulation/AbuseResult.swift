// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What an abuse simulation gives: samples, events, outcome and balances.

public import BatteryDomain

/// How an abuse test ended.
public enum AbuseOutcome: String, CaseIterable, Hashable, Sendable, Codable {
  /// Nothing but warming or a small discharge.
  case noReaction = "no_reaction"
  /// It heated itself faster than a calorimeter can see, and calmed down.
  case selfHeating = "self_heating"
  /// The vent opened, without thermal runaway.
  case vented
  /// Thermal runaway.
  case thermalRunaway = "thermal_runaway"
  /// Thermal runaway, and the casing tore because its vent was too small.
  case rupture
  /// The solver could not go on; the result ends there.
  case unresolved
}

/// Something that happened at one moment of a test.
public struct AbuseEvent: Hashable, Sendable {
  /// What happened.
  public enum Kind: String, CaseIterable, Hashable, Sendable, Codable {
    /// Self-heating above 0.02 K/min.
    case selfHeating = "self_heating"
    /// Self-heating above 1 K/s.
    case runaway = "runaway"
    /// The vent opened.
    case vent
    /// The current interrupt device opened.
    case interrupt
    /// The casing tore.
    case burst
    /// Less than 2.5 % of the separator is left somewhere.
    case separatorCollapse = "separator_collapse"
    /// The metal of an internal short burnt away.
    case contactBurnt = "contact_burnt"
    /// The voltage fell below a fifth of the nominal one.
    case voltageLost = "voltage_lost"
    /// Charger or load reached its voltage.
    case voltageLimit = "voltage_limit"
    /// A heater was switched off.
    case heaterOff = "heater_off"
    /// The coolant failed.
    case coolantOff = "coolant_off"
    /// A calorimeter found an exotherm and follows the cell.
    case exotherm
    /// The highest temperature.
    case peak
  }

  /// What happened.
  public let kind: Kind
  /// When, in seconds.
  public let time: Double
  /// Temperature of the cell, in kelvin.
  public let temperature: Double
  /// Terminal voltage, in volts.
  public let voltage: Double
  /// Pressure inside, in pascals.
  public let pressure: Double

  /// The control node of the propagation chains that it concerns.
  public var node: ControlNode {
    switch kind {
    case .selfHeating, .exotherm: .interfaceStability
    case .runaway, .peak, .coolantOff, .heaterOff: .hotSpot
    case .vent, .burst, .interrupt: .gasPressure
    case .separatorCollapse, .voltageLost, .contactBurnt: .separator
    case .voltageLimit: .plating
    }
  }
}

/// The state of the cell at one time, in coherent SI.
public struct AbuseSample: Hashable, Sendable {
  /// Time, in seconds.
  public var time: Double
  /// Temperature of the cell (of the larger zone), in kelvin.
  public var temperature: Double
  /// Temperature of the hot zone, in kelvin; as ``temperature`` where there is one zone.
  public var hotTemperature: Double
  /// Temperature of the surroundings, in kelvin.
  public var ambient: Double
  /// Warming of the cell, in K/s.
  public var temperatureRate: Double
  /// Terminal voltage, in volts.
  public var voltage: Double
  /// State of charge.
  public var stateOfCharge: Double
  /// Absolute pressure inside, in pascals.
  public var pressure: Double
  /// Gas made so far without vapour, in mol.
  public var gasMade: Double
  /// Gas and vapour that left so far, in mol.
  public var gasOut: Double
  /// Flow out of the vent, in mol/s.
  public var outflow: Double
  /// Solids that left so far, in kg.
  public var ejected: Double
  /// Heat of reactions, in watts.
  public var reactionHeat: Double
  /// Heat of currents in the cell, in watts.
  public var electricalHeat: Double
  /// Heat lost to the surroundings, in watts.
  public var loss: Double
  /// Current through internal shorts, in amperes.
  public var shortCurrent: Double
  /// Separator left at its weakest place, 1 to 0.
  public var separatorLeft: Double
}

/// Energies of a run, in joules.
public struct AbuseEnergies: Hashable, Sendable {
  /// Released by reactions.
  public var reactions = 0.0
  /// Released by currents inside the cell.
  public var electrical = 0.0
  /// Put in by a heater.
  public var heater = 0.0
  /// Lost to the surroundings.
  public var lost = 0.0
  /// Carried away by gas and solids, above 25 °C, and evaporation.
  public var carried = 0.0
  /// Gain of the cell.
  public var stored = 0.0

  /// What does not balance, relative to the largest term, or to a joule where all are less.
  public var residual: Double {
    let largest = [reactions, electrical, heater, lost, carried, stored].map(abs).max() ?? 0
    return abs(stored - reactions - electrical - heater + lost + carried) / max(1, largest)
  }
}

/// What an abuse simulation gives.
public struct AbuseResult: Sendable {
  /// The test.
  public var test: AbuseTest
  /// The cell.
  public var cell: AbuseCell
  /// How it ended.
  public var outcome = AbuseOutcome.noReaction
  /// Moments, in order of time.
  public var events: [AbuseEvent] = []
  /// States, in order of time.
  public var samples: [AbuseSample] = []
  /// Gas that left by the time of each sample: `[sample × species]`, in mol.
  public var ventedOverTime: [Double] = []
  /// Highest temperature, in kelvin.
  public var peakTemperature = 0.0
  /// Fastest warming, in K/s.
  public var peakRate = 0.0
  /// Highest pressure, in pascals.
  public var peakPressure = 0.0
  /// Gas made by reactions and evaporation, with the first content of the headspace, by
  /// ``GasSpecies``, in mol.
  public var gasMade = [Double](repeating: 0, count: GasSpecies.count)
  /// Gas in the headspace at the end, by ``GasSpecies``, in mol.
  public var gasInside = [Double](repeating: 0, count: GasSpecies.count)
  /// Gas that left, by ``GasSpecies``, in mol.
  public var gasVented = [Double](repeating: 0, count: GasSpecies.count)
  /// Solids that left, in kg.
  public var ejectedMass = 0.0
  /// Gas and vapour that left, in kg.
  public var ventedMass = 0.0
  /// Energies.
  public var energies = AbuseEnergies()
  /// Accepted steps of the solver.
  public var steps = 0
  /// All steps that the solver tried, with those rejected and those that search an event.
  public var attempts = 0

  init(test: AbuseTest, cell: AbuseCell) {
    self.test = test
    self.cell = cell
  }

  /// The first event of a kind.
  public func event(_ kind: AbuseEvent.Kind) -> AbuseEvent? {
    events.first { $0.kind == kind }
  }

  /// Whether it ended in thermal runaway, with or without a torn casing.
  public var isRunaway: Bool { outcome == .thermalRunaway || outcome == .rupture }

  /// Gas of reactions at 25 °C and 1 atm over the capacity, in L/Ah, without solvent and inert gas.
  public var litresPerAmpereHour: Double {
    let moles = GasSpecies.allCases.filter { $0 != .solvent && $0 != .inert }
      .reduce(0) { $0 + gasMade[$1.rawValue] }
    return moles * 24.465 / (cell.capacity / 3_600)
  }

  /// Share of each gas that is neither inside nor outside though it was made: 0 but for rounding.
  public var speciesResidual: Double {
    zip(gasMade, zip(gasInside, gasVented))
      .map { made, places in made > 0 ? abs(made - places.0 - places.1) / made : 0 }
      .max() ?? 0
  }
}
