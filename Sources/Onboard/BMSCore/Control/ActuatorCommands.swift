// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Everything the core tells actuators, vehicle and charger after a cycle.

/// Output of `Control`, and with it of the whole core, after one cycle.
public struct ActuatorCommands<let cells: Int, Real: CoreReal>: Sendable {
  /// Contactors to be closed; all others are to be open.
  public var contactors: ContactorCommand
  /// Fire the pyro fuse; once true it stays true.
  public var firePyroFuse: Bool
  /// State of the contactor machine. For display only together with the read-back of the switches.
  public var state: ContactorState
  /// What the contactor machine found wrong.
  public var contactorFault: ContactorFault
  /// Heater duty in 0…1.
  public var heater: Real
  /// Coolant pump duty in 0…1.
  public var pump: Real
  /// Fan duty in 0…1.
  public var fan: Real
  /// Chiller duty in 0…1.
  public var chiller: Real
  /// Current by which each cell is balanced, in amperes, positive discharges the cell. Passive
  /// hardware only discharges; the sum over an active network is the charge it loses.
  public var balancing: InlineArray<cells, Real>
  /// Heat of the balancing hardware, in watts.
  public var balancingHeat: Real
  /// Largest discharge current allowed now, in amperes, positive.
  public var dischargeCurrentLimit: Real
  /// Largest charge current allowed now, in amperes, positive.
  public var chargeCurrentLimit: Real
  /// Largest discharge power allowed now, in watts, positive.
  public var dischargePowerLimit: Real
  /// Largest charge power allowed now, in watts, positive.
  public var chargePowerLimit: Real
  /// Voltage the charger must not exceed at the string, in volts.
  public var chargeVoltageLimit: Real
  /// Share of the torque the vehicle may use, in 0…1.
  public var torqueLimit: Real
  /// The highest active level, for the warning lamp.
  public var warning: FaultLevel
  /// Bit i set: string or module i is to be bypassed or disconnected.
  public var isolate: UInt64
  /// Time until the next wake-up while asleep, in seconds; 0 while awake.
  public var wakeAfterSeconds: UInt32
  /// Counts up each time the control ran; a watchdog outside opens when it stands still.
  public var livenessCounter: UInt32

  /// The declared safe state: everything open and off, nothing allowed.
  @inlinable
  public init() {
    contactors = ContactorCommand()
    firePyroFuse = false
    state = .opened
    contactorFault = ContactorFault()
    heater = 0
    pump = 0
    fan = 0
    chiller = 0
    balancing = InlineArray(repeating: 0)
    balancingHeat = 0
    dischargeCurrentLimit = 0
    chargeCurrentLimit = 0
    dischargePowerLimit = 0
    chargePowerLimit = 0
    chargeVoltageLimit = 0
    torqueLimit = 0
    warning = .within
    isolate = 0
    wakeAfterSeconds = 0
    livenessCounter = 0
  }
}
