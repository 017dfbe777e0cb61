// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The machine names of every quantity that can be read, configured or exported.

/// The machine names of every quantity that can be read, configured or exported.
///
/// The raw value is the name in JSON and in exported column headers. What each one means, its
/// unit and its valid range are in ``QuantityCatalogue``.
public enum QuantityKey: String, CaseIterable, Codable, Hashable, Sendable {
  /// Time of the sample; seconds since the Unix epoch or since the start of the test, as the schema says.
  case time
  /// Time since the start of the present test step.
  case stepTime = "step_time"
  /// Number of the charge/discharge cycle, from the source.
  case cycleIndex = "cycle_index"
  /// Number of the step in the test schedule, from the source.
  case stepIndex = "step_index"
  /// Terminal voltage of one cell under test.
  case voltage
  /// Current of the cell or pack; discharge positive.
  case current
  /// Electrical power delivered; discharge positive.
  case power
  /// Charge put in, as the source counts it.
  case chargeCapacity = "charge_capacity"
  /// Charge taken out, as the source counts it.
  case dischargeCapacity = "discharge_capacity"
  /// Charge taken out minus charge put in, as the source counts it.
  case netCapacity = "net_capacity"
  /// Energy put in, as the source counts it.
  case chargeEnergy = "charge_energy"
  /// Energy taken out, as the source counts it.
  case dischargeEnergy = "discharge_energy"
  /// Energy taken out minus energy put in, as the source counts it.
  case netEnergy = "net_energy"
  /// Capacity of a cycle, as the source states it.
  case capacity
  /// Internal resistance, as the source measures it.
  case internalResistance = "internal_resistance"
  /// Surface temperature of one cell under test.
  case cellTemperature = "cell_temperature"
  /// Temperature of the chamber or surroundings.
  case ambientTemperature = "ambient_temperature"
  /// State of charge as the source reports it, as a fraction.
  case stateOfCharge = "state_of_charge"
  /// State of health as the source reports it, as a fraction.
  case stateOfHealth = "state_of_health"
  /// Total voltage of a pack.
  case packVoltage = "pack_voltage"
  /// Voltage of one cell or parallel group of a pack.
  case cellVoltage = "cell_voltage"
  /// Highest cell voltage as the vehicle reports it.
  case cellVoltageMaximum = "cell_voltage_maximum"
  /// Lowest cell voltage as the vehicle reports it.
  case cellVoltageMinimum = "cell_voltage_minimum"
  /// Mean cell voltage as the vehicle reports it.
  case cellVoltageMean = "cell_voltage_mean"
  /// Temperature at one probe of a pack.
  case probeTemperature = "probe_temperature"
  /// Highest probe temperature as the vehicle reports it.
  case probeTemperatureMaximum = "probe_temperature_maximum"
  /// Lowest probe temperature as the vehicle reports it.
  case probeTemperatureMinimum = "probe_temperature_minimum"
  /// Mean probe temperature as the vehicle reports it.
  case probeTemperatureMean = "probe_temperature_mean"
  /// Speed of the vehicle.
  case vehicleSpeed = "vehicle_speed"
  /// Distance driven since manufacture.
  case odometer
  /// Insulation resistance between the high-voltage system and the body, as the vehicle reports it.
  case insulationResistance = "insulation_resistance"
  /// Highest alarm level of the vehicle: 0 none, 1 drive on, 2 limit driving, 3 stop, 4 thermal event.
  case alarmLevel = "alarm_level"
  /// General alarm flags of the vehicle, one bit an alarm.
  case alarmFlags = "alarm_flags"
  /// Charge state: 1 parked charging, 2 charging while driving, 3 not charging, 4 charge complete.
  case chargeState = "charge_state"
  /// Frequency of an impedance measurement.
  case frequency
  /// Real part of the cell impedance.
  case impedanceReal = "impedance_real"
  /// Imaginary part of the cell impedance; capacitive is negative.
  case impedanceImaginary = "impedance_imaginary"
  /// Force on the cell, for example of an indenter.
  case force
  /// Displacement of an indenter or of the cell surface.
  case displacement
  /// Gas pressure inside a cell or enclosure.
  case pressure
}
