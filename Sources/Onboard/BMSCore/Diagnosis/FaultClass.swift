// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Every class of fault the onboard diagnosis tells apart.

/// A class of fault; its raw value is its row in every FaultTable.
///
/// The raw values are part of stored trips and of snapshots: new classes go to the end.
public enum FaultClass: UInt8, Sendable, BitwiseCopyable {
  /// A cell voltage above its limit.
  case cellOverVoltage
  /// A cell voltage below its limit.
  case cellUnderVoltage
  /// The string voltage above its limit.
  case packOverVoltage
  /// The string voltage below its limit.
  case packUnderVoltage
  /// Charge current above its limit.
  case chargeOverCurrent
  /// Discharge current above its limit.
  case dischargeOverCurrent
  /// The current stays above what was allowed to the vehicle or charger.
  case currentLimitIgnored
  /// Too hot while charging.
  case chargeOverTemperature
  /// Too hot while discharging or resting.
  case dischargeOverTemperature
  /// Too cold while charging.
  case chargeUnderTemperature
  /// Too cold while discharging.
  case dischargeUnderTemperature
  /// Temperature rises too fast.
  case temperatureRise
  /// Cell voltages too far apart.
  case voltageSpread
  /// Temperatures too far apart.
  case temperatureSpread
  /// A sense wire is open.
  case openWire
  /// A reading outside what its sensor can deliver.
  case sensorOutOfRange
  /// A channel does not follow although its siblings move.
  case sensorStuck
  /// A channel repeats the same number bit by bit.
  case sensorFrozen
  /// The current sensor shows current where none can flow.
  case currentOffset
  /// Two paths that measure the same thing disagree.
  case redundantDisagreement
  /// The sum of the cell voltages disagrees with the string voltage.
  case sumDisagreement
  /// Two channels are connected in each other's place.
  case channelSwapped
  /// A front end or the current sensor is silent.
  case communicationLoss
  /// The vehicle or storage controller is silent.
  case vehicleBusLoss
  /// Frames of the front end fail their checksum.
  case frontEndChecksum
  /// Insulation between string and chassis too low.
  case insulation
  /// The high-voltage interlock loop is open.
  case interlock
  /// A contactor stays closed after the command to open.
  case contactorWeld
  /// A contactor stays open after the command to close, or opens by itself.
  case contactorNoClose
  /// The fuse does not read intact.
  case fuseBlown
  /// The link does not reach the string voltage during precharge.
  case prechargeVoltage
  /// The precharge current is too high or flows too long.
  case prechargeCurrent
  /// The pack is shorted outside the cells.
  case externalShort
  /// A cell is shorted inside, by the estimated resistance.
  case internalShort
  /// A resting cell loses voltage faster than its siblings.
  case selfDischarge
  /// A cell needs more balancing charge than its siblings.
  case balancingSurplus
  /// The rest charge of a cell drifts away from its siblings from rest to rest.
  case restDrift
  /// The resistance at a connection of a cell is far above that of its siblings.
  case looseConnection
  /// Lithium was plated during the last charge.
  case lithiumPlating
  /// The pack warms although it is cooled.
  case coolingFailure
  /// A heater or cooler does not do what it is told.
  case stuckActuator
  /// Several modalities agree that a cell vents or runs away.
  case thermalEvent
  /// The state of charge leaps or leaves its range.
  case stateOfChargeJump
  /// The clock leaps.
  case clockJump
  /// Stored state failed its checksum.
  case storageCorruption
  /// An estimator no longer runs.
  case estimatorDead
  /// Too little of the input can be trusted to judge the pack.
  case untrustedInput
  /// A cell suddenly loses voltage against its siblings.
  case suddenDrop

  /// Number of classes.
  @inlinable
  public static var count: Int { 48 }
  /// Row of this class in a FaultTable.
  @inlinable
  public var row: Int { Int(rawValue) }
}

/// One element for every FaultClass, at its FaultClass/row.
public typealias FaultTable<Element> = InlineArray<48, Element>
