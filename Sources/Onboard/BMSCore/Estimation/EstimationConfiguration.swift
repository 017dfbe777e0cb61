// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Everything the estimators are told in advance.

/// What the estimators are told in advance: the cell and how far its model and the sensors can be trusted.
///
/// The uncertainties are stated as what they are, an error of the open-circuit curve, a share of the
/// overpotential, an offset of the current sensor, not as tuned covariances; the filters derive their
/// covariances from them (decision 0165).
public struct EstimationConfiguration<Real: CoreReal>: ConfigurationPart {
  /// The circuit of a new cell.
  public var circuit: CellCircuit<Real>
  /// Shortest time over which samples are averaged before the filters run, in seconds.
  public var window: Real
  /// Most cells whose filters run in one cycle; the others follow in the next cycles.
  public var cellsPerCycle: UInt16
  /// Standard deviation of the state of charge at a start without stored state, 0…1.
  public var startDeviation: Real
  /// State of charge assumed at a start without stored state, 0…1; −1 for "from the first voltage",
  /// as if the cell were rested.
  public var startStateOfCharge: Real
  /// Standard deviation of the offset of the current sensor, in amperes.
  public var currentOffset: Real
  /// Standard deviation of the gain error of the current sensor, as a share.
  public var currentGain: Real
  /// Standard deviation of one voltage reading, in volts.
  public var voltageNoise: Real
  /// Standard deviation of the open-circuit curve, in volts.
  public var openCircuitError: Real
  /// Standard deviation of the curve along the state of charge, 0…1: where the curve is steep it
  /// adds slope times this.
  public var chargeError: Real
  /// Time by which the surface of the particles runs ahead of the mean, unknown to the circuit, in
  /// seconds: the state of charge that the voltage shows is off by this times the rate.
  public var surfaceLag: Real
  /// Error of the modelled overpotential that stays for minutes, as a share of it.
  public var overpotentialError: Real
  /// Error of the modelled overpotential that stays for seconds, as a share of it.
  public var rapidError: Real
  /// Correlation time of that error, in seconds.
  public var rapidTime: Real
  /// Kelvin beyond the identified temperatures over which the error of the model doubles.
  public var extrapolationScale: Real
  /// Correlation time of the error of the model, in seconds.
  public var errorTime: Real
  /// Share of their correction that the slow errors and the ratio of the pairs take, 0…1.
  public var slowGain: Real
  /// Standard deviation of the resistances against those of the circuit, as a share; it grows outside
  /// the identified temperatures as the error of the overpotential does.
  public var resistanceSpread: Real
  /// Time over which the resistances may change by their spread, in seconds.
  public var resistanceTime: Real
  /// Standard deviation of the states of charge of the cells about their mean.
  public var cellSpread: Real
  /// Standard deviation of the capacities of the cells, as a share.
  public var capacitySpread: Real
  /// Below this current the pack rests, in amperes.
  public var restCurrent: Real
  /// Rest before the first correction from the open-circuit voltage, in seconds.
  public var restTime: Real
  /// Charge current at the end of a full charge, in amperes, positive.
  public var fullCurrent: Real
  /// Greatest discharge current that the cell and its path allow, in amperes, positive.
  public var greatestDischargeCurrent: Real
  /// Greatest charge current that the cell and its path allow, in amperes, positive.
  public var greatestChargeCurrent: Real
  /// Lowest temperature of charge, in kelvin.
  public var lowestChargeTemperature: Real
  /// Highest temperature of charge, in kelvin.
  public var highestChargeTemperature: Real
  /// Lowest temperature of discharge, in kelvin.
  public var lowestDischargeTemperature: Real
  /// Highest temperature of discharge, in kelvin.
  public var highestDischargeTemperature: Real
  /// Kelvin before a limit of temperature over which power falls to zero.
  public var temperatureDerating: Real
  /// Lowest state of charge in use, 0…1.
  public var lowestCharge: Real
  /// Highest state of charge in use, 0…1.
  public var highestCharge: Real
  /// Power the pack has to deliver for ten seconds to fulfil its function, in watts; 0 for none.
  public var requiredPower: Real
  /// Share of the capacity of the new cell at which its life ends.
  public var endOfLife: Real
  /// Heat capacity of the core of a cell, in joules per kelvin.
  public var coreHeatCapacity: Real
  /// Thermal resistance from core to surface, in kelvin per watt.
  public var coreResistance: Real

  /// A configuration to start from: 50 A·h between 3.0 and 4.2 V along a straight line, 1 mΩ.
  @inlinable
  public init() {
    self.init(
      circuit: CellCircuit(
        capacity: 180_000, lowerVoltage: 3, upperVoltage: 4.2, resistance: 0.001))
  }

  /// Defaults for a circuit identified at the temperatures it is used at.
  ///
  /// Reasons and the recordings the uncertainties were set on: decision 0165.
  ///
  /// - Parameter circuit: The circuit of a new cell.
  @inlinable
  public init(circuit: CellCircuit<Real>) {
    let hourly = circuit.capacity / 3_600  // the current of 1C, in amperes
    self.circuit = circuit
    window = 0.1
    cellsPerCycle = 12
    startDeviation = 0.2
    startStateOfCharge = -1
    currentOffset = hourly / 100
    currentGain = 0.002
    voltageNoise = 0.002
    openCircuitError = 0.006
    chargeError = 0.005
    surfaceLag = 60
    overpotentialError = 0.08
    rapidError = 0.1
    rapidTime = 5
    extrapolationScale = 10
    errorTime = 300
    slowGain = 0.25
    resistanceSpread = 0.15
    resistanceTime = 3_600
    cellSpread = 0.03
    capacitySpread = 0.05
    restCurrent = hourly / 50
    restTime = 900
    fullCurrent = hourly / 20
    greatestDischargeCurrent = 3 * hourly
    greatestChargeCurrent = hourly
    lowestChargeTemperature = 273.15
    highestChargeTemperature = 318.15
    lowestDischargeTemperature = 253.15
    highestDischargeTemperature = 333.15
    temperatureDerating = 10
    lowestCharge = 0
    highestCharge = 1
    requiredPower = 0
    endOfLife = 0.8
    // A 21700 cell: 70 g at 1000 J/(kg K), of which four fifths is core, and a core-to-surface
    // resistance of about 2 K/W (Lin et al. 2014, doi:10.1016/j.jpowsour.2014.01.097).
    coreHeatCapacity = 56
    coreResistance = 2
  }
}
