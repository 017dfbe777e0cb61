// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the core knows about the pack beyond what it measures.

/// Output of `Estimation`: states that cannot be measured, with their uncertainty.
public struct PackEstimate<let cells: Int, Real: CoreReal>: Sendable {
  /// State of charge of the average cell in 0…1, and its standard deviation.
  public var stateOfCharge: Real
  /// Standard deviation of the state of charge of the average cell.
  public var stateOfChargeDeviation: Real
  /// State of charge of each cell in 0…1.
  public var cellStateOfCharge: InlineArray<cells, Real>
  /// Capacity of each cell in ampere-hours, and its standard deviation; 0 deviation means nominal, not yet learnt.
  public var cellCapacity: InlineArray<cells, Real>
  /// Standard deviation of each capacity in ampere-hours; 0 means nominal, not yet learnt.
  public var cellCapacityDeviation: InlineArray<cells, Real>
  /// Ohmic resistance of each cell relative to new at the same temperature and charge.
  public var cellResistanceRatio: InlineArray<cells, Real>
  /// Resistance of an internal short of each cell in ohms; infinite where none is seen.
  public var internalShortResistance: InlineArray<cells, Real>
  /// Measured minus predicted voltage of each cell, in volts.
  public var residual: InlineArray<cells, Real>
  /// Core temperature of each cell, in kelvin.
  public var coreTemperature: InlineArray<cells, Real>
  /// Greatest allowed discharge and charge power for 2, 10 and 30 s, in watts, both positive.
  public var dischargePower: InlineArray<3, Real>
  /// Greatest allowed charge power for 2, 10 and 30 s, in watts, positive.
  public var chargePower: InlineArray<3, Real>
  /// Greatest allowed discharge and charge current for 2, 10 and 30 s, in amperes, both positive.
  public var dischargeCurrent: InlineArray<3, Real>
  /// Greatest allowed charge current for 2, 10 and 30 s, in amperes, positive.
  public var chargeCurrent: InlineArray<3, Real>
  /// Energy to the discharge cut-off at the present mean power, in joules.
  public var remainingEnergy: Real
  /// Standard deviation of the state of charge of each cell.
  public var cellStateOfChargeDeviation: InlineArray<cells, Real>
  /// Current that leaks inside each cell beyond its siblings', in amperes.
  public var leakCurrent: InlineArray<cells, Real>
  /// Standard deviation of each leak, in amperes.
  public var leakDeviation: InlineArray<cells, Real>
  /// Charge leaked by each cell while its leak was certain, in coulombs.
  public var leakedCharge: InlineArray<cells, Real>
  /// State of charge by counting with corrections alone, 0…1.
  public var countedStateOfCharge: Real
  /// Its standard deviation.
  public var countedDeviation: Real
  /// Capacity of the average cell, in ampere-hours.
  public var capacity: Real
  /// Its standard deviation in ampere-hours; 0 means nominal, not yet learnt.
  public var capacityDeviation: Real
  /// Resistances of the pairs of the average cell relative to new.
  public var polarisationRatio: Real
  /// Series resistance of the average cell from steps of the current, in ohms; 0 before any.
  public var stepResistance: Real
  /// Offset of the current sensor, in amperes.
  public var currentOffset: Real
  /// Slow error of the circuit's voltage, in volts.
  public var modelError: Real
  /// Measured minus predicted voltage of the average cell, in volts.
  public var innovation: Real
  /// Its square over the expected variance.
  public var innovationSquare: Real
  /// Share of the required power that is available for ten seconds, 0…1; 1 where none is required.
  public var stateOfFunction: Real
  /// Strength of the relaxation plateau of stripped lithium after a charge, 0 for none, 1 for certain.
  public var platingIndicator: Real
  /// Counts up each time an estimator ran; a counter that stands still is a dead estimator.
  public var livenessCounter: UInt32
  /// Runs of every estimator: one that stands still is dead.
  public var beats: EstimatorBeats
  /// Whether the filters trust themselves: false before convergence and while the input is not usable.
  public var isConverged: Bool

  /// Values before the first cycle.
  @inlinable
  public init() {
    stateOfCharge = 0.5
    stateOfChargeDeviation = 0.5
    cellStateOfCharge = InlineArray(repeating: 0.5)
    cellCapacity = InlineArray(repeating: 0)
    cellCapacityDeviation = InlineArray(repeating: 0)
    cellResistanceRatio = InlineArray(repeating: 1)
    internalShortResistance = InlineArray(repeating: .infinity)
    residual = InlineArray(repeating: 0)
    coreTemperature = InlineArray(repeating: 298.15)
    dischargePower = InlineArray(repeating: 0)
    chargePower = InlineArray(repeating: 0)
    dischargeCurrent = InlineArray(repeating: 0)
    chargeCurrent = InlineArray(repeating: 0)
    remainingEnergy = 0
    cellStateOfChargeDeviation = InlineArray(repeating: 0.5)
    leakCurrent = InlineArray(repeating: 0)
    leakDeviation = InlineArray(repeating: .infinity)
    leakedCharge = InlineArray(repeating: 0)
    countedStateOfCharge = 0.5
    countedDeviation = 0.5
    capacity = 0
    capacityDeviation = 0
    polarisationRatio = 1
    stepResistance = 0
    currentOffset = 0
    modelError = 0
    innovation = 0
    innovationSquare = 0
    stateOfFunction = 0
    platingIndicator = 0
    livenessCounter = 0
    beats = EstimatorBeats()
    isConverged = false
  }
}
