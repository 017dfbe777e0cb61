// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Items 03 and 30: fuel cells.

import TelemetryCodec

extension FieldMapper {
  mutating func fuelCell(_ data: inout FuelCellData) throws(FrameTextError) {
    try number("voltage_v", &data.voltage)
    try number("current_a", &data.current)
    try number("consumption_kg_per_100km", &data.consumption)
    try numbers("probe_temps_c", &data.probeTemperatures, .fuelCellTemperature)
    try number("h2_max_temp_c", &data.hydrogen.temperature)
    try number("h2_max_temp_probe", &data.hydrogen.temperatureProbe)
    try number("h2_max_conc_mg_per_kg", &data.hydrogen.concentration)
    try hydrogen(&data.hydrogen)
  }

  mutating func fuelCellEngine(_ data: inout FuelCellEngineData) throws(FrameTextError) {
    // Sources disagree on the scale of this field in the 2025 edition: the raw number is certain.
    var raw = UInt16(truncatingIfNeeded: data.hydrogen.temperature.raw)
    try integer("h2_max_temp_raw", &raw)
    data.hydrogen.temperature = WireValue(.hydrogenTemperature, raw: UInt32(raw))
    try number("h2_max_temp_probe", &data.hydrogen.temperatureProbe)
    try number("h2_max_conc_pct", &data.hydrogen.concentration, scale: DecimalScale(0, 4))
    try hydrogen(&data.hydrogen)
    try number("h2_remaining_pct", &data.remaining)
    try number("dcdc_controller_temp_c", &data.converterTemperature)
  }

  private mutating func hydrogen(_ data: inout HydrogenExtremes) throws(FrameTextError) {
    try number("h2_max_conc_sensor", &data.concentrationSensor)
    try number("h2_max_pressure_mpa", &data.pressure)
    try number("h2_max_pressure_sensor", &data.pressureSensor)
    try state("hv_dcdc", &data.converter, ["working", "disconnected"])
  }

  mutating func stack(_ data: inout FuelCellStackData) throws(FrameTextError) {
    try integer("index", &data.number)
    try number("voltage_v", &data.voltage)
    try number("current_a", &data.current)
    try number("h2_inlet_kpa", &data.hydrogenPressure)
    try number("air_inlet_kpa", &data.airPressure)
    try number("air_inlet_temp_c", &data.airTemperature)
    try numbers("coolant_outlet_temps_c", &data.coolantTemperatures, .temperature)
  }
}
