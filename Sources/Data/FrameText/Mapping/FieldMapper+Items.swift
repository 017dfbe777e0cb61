// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Items of a report.

import TelemetryCodec

extension FieldMapper {
  mutating func vehicle(_ data: inout VehicleData) throws(FrameTextError) {
    try state("vehicle_state", &data.vehicleState, ["started", "off", "other"])
    try state(
      "charge_state", &data.chargeState,
      ["parked_charging", "driving_charging", "not_charging", "charge_complete"])
    try state("run_mode", &data.runMode, ["electric", "hybrid", "fuel"])
    try number("speed_kmh", &data.speed)
    try number("odometer_km", &data.odometer)
    try number("voltage_v", &data.voltage)
    try number("current_a", &data.current)
    try number("soc_pct", &data.stateOfCharge)
    try state("dcdc", &data.converter, ["working", "disconnected"])
    try nested("gear", &data.gear) {
      (mapper: inout FieldMapper, gear: inout Gear) throws(FrameTextError) in
      try mapper.gear(&gear)
    }
    try number("insulation_kohm", &data.insulationResistance)
    if var pedals = data.pedals {
      try number("accelerator_pct", &pedals.accelerator)
      try number("brake_pct", &pedals.brake)
      data.pedals = pedals
    }
  }

  private mutating func gear(_ gear: inout Gear) throws(FrameTextError) {
    if !isParsing {
      put("gear", .string(Words.gears[Int(gear.position)]))
      put("braking", .bool(gear.isBraking))
      put("driving", .bool(gear.isDriving))
      put("raw", .integer(gear.rawValue))
      if edition == .edition2025 { put("valid", .bool(!gear.isInvalid)) }
      return
    }
    guard case .string(let word) = try take("gear"),
      let position = Words.gears.firstIndex(of: word)
    else { throw bad("gear", "one of \(Words.gears.joined(separator: ", "))") }
    var braking = false
    var driving = false
    var valid = true
    try flag("braking", &braking)
    try flag("driving", &driving)
    var mask: UInt8 = 0x3F
    if edition == .edition2025 {
      try flag("valid", &valid)
      mask = 0xBF
    }
    let told =
      UInt8(clamping: position) | (braking ? 0x10 : 0) | (driving ? 0x20 : 0) | (valid ? 0 : 0x80)
    gear = Gear(rawValue: try raw("raw", told: told, mask: mask, other: "gear"))
  }

  /// A byte that words tell except for its reserved bits, which only the raw number has.
  private mutating func raw(
    _ key: String, told: UInt8, mask: UInt8, other: String
  ) throws(FrameTextError) -> UInt8 {
    guard let node = takeIfPresent(key) else { return told }
    guard case .number(let text) = node, let raw = UInt8(text) else {
      throw bad(key, "a whole number from 0 to 255")
    }
    guard raw & mask == told else {
      throw .contradiction(path: path(of: key), other: path(of: other))
    }
    return raw
  }

  mutating func motor(_ data: inout MotorData) throws(FrameTextError) {
    try integer("index", &data.number)
    try state("state", &data.state, ["consuming", "generating", "off", "ready"])
    try number("controller_temp_c", &data.controllerTemperature)
    try number("speed_rpm", &data.speed)
    try number("torque_nm", &data.torque)
    try number("temp_c", &data.temperature)
    if var input = data.input {
      try number("controller_voltage_v", &input.voltage)
      try number("controller_current_a", &input.current)
      data.input = input
    }
  }

  mutating func engine(_ data: inout EngineData) throws(FrameTextError) {
    if var engine = data.state {
      try state("state", &engine, ["started", "off"])
      data.state = engine
    }
    try number("crankshaft_rpm", &data.crankshaftSpeed)
    if var consumption = data.consumption {
      try number("fuel_l_per_100km", &consumption)
      data.consumption = consumption
    }
  }

  mutating func position(_ data: inout PositionData) throws(FrameTextError) {
    var fix = data.hasFix
    var south = data.status & 2 != 0
    var west = data.status & 4 != 0
    try flag("fix_valid", &fix)
    try flag("south", &south)
    try flag("west", &west)
    if isParsing {
      let told: UInt8 = (fix ? 0 : 1) | (south ? 2 : 0) | (west ? 4 : 0)
      data.status = try raw("status_raw", told: told, mask: 7, other: "fix_valid")
    } else {
      put("status_raw", .integer(data.status))
      if data.status & 0xF8 != 0 { warn("status_raw", "reserved bits are set") }
    }
    if var system = data.coordinateSystem {
      try state("crs", &system, Words.coordinates)
      data.coordinateSystem = system
    }
    // Magnitudes and signs stay apart on the wire; people want one signed number.
    try degrees("longitude_deg", &data.longitude, isNegative: west)
    try degrees("latitude_deg", &data.latitude, isNegative: south)
  }

  private mutating func degrees(
    _ key: String, _ value: inout WireValue, isNegative: Bool
  ) throws(FrameTextError) {
    let hasNumber = value.reading.number != nil
    if !isParsing, isNegative, hasNumber, value.raw != 0 {
      put(key, .number("-" + DecimalScale.of(value.kind).text(value.raw)))
      if value.validValue == nil { warn(key, "out of range") }
      return
    }
    guard isParsing, isNegative, case .number(let text)? = takeIfPresent(key) else {
      return try number(key, &value)
    }
    let magnitude = text.hasPrefix("-") ? String(text.dropFirst()) : text
    guard text.hasPrefix("-") || Double(text) == 0,
      let raw = DecimalScale.of(value.kind).raw(magnitude, allOnes: 0xFFFF_FFFF)
    else { throw bad(key, "a number with the sign that south and west tell") }
    value = WireValue(value.kind, raw: raw)
  }

  mutating func extremes(
    _ data: inout ExtremesData, prefix: String
  ) throws(FrameTextError) {
    try place(&data.highestVoltage, "max_v", prefix, "cell", "max_v")
    try place(&data.lowestVoltage, "min_v", prefix, "cell", "min_v")
    try place(&data.highestTemperature, "max_t", prefix, "probe", "max_t_c")
    try place(&data.lowestTemperature, "min_t", prefix, "probe", "min_t_c")
  }

  private mutating func place(
    _ place: inout ExtremesData.Place, _ name: String, _ system: String, _ element: String,
    _ value: String
  ) throws(FrameTextError) {
    try number("\(name)_\(system)", &place.subsystem)
    try number("\(name)_\(element)", &place.element)
    try number(value, &place.value)
  }

  mutating func cells(_ group: inout CellVoltageGroup) throws(FrameTextError) {
    let is2016 = edition == .edition2016
    try integer(is2016 ? "subsystem" : "pack", &group.number)
    try number("voltage_v", &group.voltage)
    try number("current_a", &group.current)
    if var window = group.window {
      try number("cells_total", &window.total)
      try integer("first_cell", &window.firstCell)
      group.window = window
    }
    try numbers(
      is2016 ? "cells_v" : "units_v", &group.cells, .cellVoltage, countBytes: is2016 ? 1 : 2)
  }

  mutating func probes(_ group: inout TemperatureGroup) throws(FrameTextError) {
    try integer(edition == .edition2016 ? "subsystem" : "pack", &group.number)
    try numbers("temps_c", &group.probes, .temperature)
  }

  mutating func supercapacitor(_ data: inout SupercapacitorData) throws(FrameTextError) {
    try integer("system", &data.number)
    try number("voltage_v", &data.voltage)
    try number("current_a", &data.current)
    try numbers("cells_v", &data.cells, .cellVoltage)
    try numbers("temps_c", &data.probes, .temperature)
  }
}
