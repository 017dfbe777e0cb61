// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Renders report items in the vocabulary and units of the vector files.

import Foundation
import TelemetryCodec

extension VectorRendering {
  func item(_ item: ReportItem) -> JSONValue {
    let type = (try? item.type(in: edition)) ?? 0
    var members: [String: JSONValue] = ["type": .string(String(format: "0x%02X", type))]
    let (name, body) = content(item)
    members["name"] = .string(name)
    members.merge(body) { _, new in new }
    return .object(members)
  }

  private func content(_ item: ReportItem) -> (String, [String: JSONValue]) {
    switch item {
    case .vehicle(let data): return ("vehicle", vehicle(data))
    case .motors(let list): return ("motors", ["motors": .array(list.elements.map(motor))])
    case .fuelCell(let data): return ("fuel_cell", fuelCell(data))
    case .fuelCellEngine(let data): return ("fuel_cell_system", fuelCellEngine(data))
    case .engine(let data):
      var body: [String: JSONValue] = ["crankshaft_rpm": value(data.crankshaftSpeed, times: 60)]
      if let engine = data.state { body["state"] = state(engine.rawValue, ["started", "off"]) }
      if let consumption = data.consumption {
        body["fuel_l_per_100km"] = value(consumption, times: 1e8)
      }
      return ("engine", body)
    case .position(let data): return ("position", position(data))
    case .extremes(let data): return ("extremes", extremes(data))
    case .supercapacitorExtremes(let data): return ("supercapacitor_extremes", extremes(data))
    case .alarms(let data): return ("alarms", alarms(data))
    case .cellVoltages(let list):
      let key = edition == .edition2016 ? "subsystems" : "packs"
      return ("cell_voltages", [key: .array(list.elements.map(cells))])
    case .temperatures(let list):
      let (key, number) =
        edition == .edition2016 ? ("subsystems", "subsystem") : ("packs", "pack")
      return (
        "probe_temperatures",
        [
          key: .array(
            list.elements.map {
              .object([
                number: self.number($0.number),
                "temps_c": celsius($0.probes.elements, .temperature),
              ])
            })
        ]
      )
    case .fuelCellStacks(let list):
      return ("fuel_cell_stacks", ["stacks": .array(list.elements.map(stack))])
    case .supercapacitor(let data):
      return (
        "supercapacitor",
        [
          "system": number(data.number), "voltage_v": value(data.voltage),
          "current_a": value(data.current),
          "cells_v": .array(
            data.cells.elements.map {
              value(FieldKind.cellVoltage.definition.reading(of: UInt32($0)))
            }),
          "temps_c": celsius(data.probes.elements, .temperature),
        ]
      )
    case .custom(_, let bytes): return ("custom", ["data_hex": .string(hex(bytes))])
    case .signature(let block): return ("signature", signature(block))
    }
  }

  private func vehicle(_ data: VehicleData) -> [String: JSONValue] {
    let positions =
      ["N"] + (1...12).map { "G\($0)" } + ["R", "D", "P"]
    var gear: [String: JSONValue] = [
      "gear": .string(positions[Int(data.gear.position)]), "braking": .bool(data.gear.isBraking),
      "driving": .bool(data.gear.isDriving), "raw": number(data.gear.rawValue),
    ]
    if edition == .edition2025 { gear["valid"] = .bool(!data.gear.isInvalid) }
    var body: [String: JSONValue] = [
      "vehicle_state": state(data.vehicleState.rawValue, ["started", "off", "other"]),
      "charge_state": state(
        data.chargeState.rawValue,
        ["parked_charging", "driving_charging", "not_charging", "charge_complete"]),
      "run_mode": state(data.runMode.rawValue, ["electric", "hybrid", "fuel"]),
      "speed_kmh": value(data.speed, times: 3.6),
      "odometer_km": value(data.odometer, times: 1e-3), "voltage_v": value(data.voltage),
      "current_a": value(data.current), "soc_pct": value(data.stateOfCharge, times: 100),
      "dcdc": state(data.converter.rawValue, ["working", "disconnected"]),
      "gear": .object(gear), "insulation_kohm": value(data.insulationResistance, times: 1e-3),
    ]
    if let pedals = data.pedals {
      body["accelerator_pct"] = value(pedals.accelerator, times: 100)
      body["brake_pct"] = value(pedals.brake, times: 100)
    }
    return body
  }

  private func motor(_ data: MotorData) -> JSONValue {
    var body: [String: JSONValue] = [
      "index": number(data.number),
      "state": state(data.state.rawValue, ["consuming", "generating", "off", "ready"]),
      "controller_temp_c": celsius(data.controllerTemperature),
      "speed_rpm": value(data.speed, times: 60), "torque_nm": value(data.torque),
      "temp_c": celsius(data.temperature),
    ]
    if let input = data.input {
      body["controller_voltage_v"] = value(input.voltage)
      body["controller_current_a"] = value(input.current)
    }
    return .object(body)
  }

  private func fuelCell(_ data: FuelCellData) -> [String: JSONValue] {
    [
      "voltage_v": value(data.voltage), "current_a": value(data.current),
      "consumption_kg_per_100km": value(data.consumption, times: 1e5),
      "probe_temps_c": celsius(data.probeTemperatures.elements, .fuelCellTemperature),
      "h2_max_temp_c": celsius(data.hydrogen.temperature),
      "h2_max_temp_probe": value(data.hydrogen.temperatureProbe),
      "h2_max_conc_mg_per_kg": value(data.hydrogen.concentration, times: 1e6),
      "h2_max_conc_sensor": value(data.hydrogen.concentrationSensor),
      "h2_max_pressure_mpa": value(data.hydrogen.pressure, times: 1e-6),
      "h2_max_pressure_sensor": value(data.hydrogen.pressureSensor),
      "hv_dcdc": state(data.hydrogen.converter.rawValue, ["working", "disconnected"]),
    ]
  }

  private func fuelCellEngine(_ data: FuelCellEngineData) -> [String: JSONValue] {
    [
      "h2_max_temp_raw": number(data.hydrogen.temperature.raw),
      "h2_max_temp_probe": value(data.hydrogen.temperatureProbe),
      "h2_max_conc_pct": value(data.hydrogen.concentration, times: 100),
      "h2_max_conc_sensor": value(data.hydrogen.concentrationSensor),
      "h2_max_pressure_mpa": value(data.hydrogen.pressure, times: 1e-6),
      "h2_max_pressure_sensor": value(data.hydrogen.pressureSensor),
      "hv_dcdc": state(data.hydrogen.converter.rawValue, ["working", "disconnected"]),
      "h2_remaining_pct": value(data.remaining, times: 100),
      "dcdc_controller_temp_c": celsius(data.converterTemperature),
    ]
  }

  private func stack(_ data: FuelCellStackData) -> JSONValue {
    .object([
      "index": number(data.number), "voltage_v": value(data.voltage),
      "current_a": value(data.current),
      "h2_inlet_kpa": value(data.hydrogenPressure, times: 1e-3),
      "air_inlet_kpa": value(data.airPressure, times: 1e-3),
      "air_inlet_temp_c": celsius(data.airTemperature),
      "coolant_outlet_temps_c": celsius(data.coolantTemperatures.elements, .temperature),
    ])
  }

  private func position(_ data: PositionData) -> [String: JSONValue] {
    var body: [String: JSONValue] = [
      "fix_valid": .bool(data.hasFix), "south": .bool(data.status & 2 != 0),
      "west": .bool(data.status & 4 != 0), "status_raw": number(data.status),
      "longitude_deg": value(data.longitude), "latitude_deg": value(data.latitude),
    ]
    if let system = data.coordinateSystem {
      body["crs"] = state(system.rawValue, ["WGS84", "GCJ02", "other"])
    }
    return body
  }

  private func extremes(_ data: ExtremesData) -> [String: JSONValue] {
    let prefix = edition == .edition2016 ? "subsystem" : "system"
    return [
      "max_v_\(prefix)": value(data.highestVoltage.subsystem),
      "max_v_cell": value(data.highestVoltage.element),
      "max_v": value(data.highestVoltage.value),
      "min_v_\(prefix)": value(data.lowestVoltage.subsystem),
      "min_v_cell": value(data.lowestVoltage.element),
      "min_v": value(data.lowestVoltage.value),
      "max_t_\(prefix)": value(data.highestTemperature.subsystem),
      "max_t_probe": value(data.highestTemperature.element),
      "max_t_c": celsius(data.highestTemperature.value),
      "min_t_\(prefix)": value(data.lowestTemperature.subsystem),
      "min_t_probe": value(data.lowestTemperature.element),
      "min_t_c": celsius(data.lowestTemperature.value),
    ]
  }

  private static let flagNames = [
    "temperature_difference", "battery_over_temperature", "pack_over_voltage",
    "pack_under_voltage", "soc_low", "cell_over_voltage", "cell_under_voltage", "soc_high",
    "soc_jump", "pack_mismatch", "cell_inconsistency", "insulation", "dcdc_temperature",
    "brake_system", "dcdc_status", "motor_controller_temperature", "hv_interlock",
    "motor_temperature", "pack_overcharge", "motor_over_speed", "motor_over_current",
    "supercap_over_temperature", "supercap_over_voltage", "battery_thermal_event",
    "hydrogen_leak", "hydrogen_pressure_abnormal", "hydrogen_temperature_abnormal",
    "fuel_cell_stack_over_temperature",
  ]

  private func alarms(_ data: AlarmData) -> [String: JSONValue] {
    let defined = AlarmFlags.defined(in: edition)
    var names: [JSONValue] = []
    var reserved: [JSONValue] = []
    for bit in 0..<32 {
      let flag = AlarmFlags(rawValue: 1 << UInt32(bit))
      guard data.flags.contains(flag) else { continue }
      if defined.contains(flag) {
        names.append(.string(Self.flagNames[bit]))
      } else {
        reserved.append(number(bit))
      }
    }
    func codes(_ list: Counted<UInt32>) -> JSONValue {
      .array(list.elements.map { .string(String(format: "%08X", $0)) })
    }
    var body: [String: JSONValue] = [
      "max_level": value(data.level),
      "flags_raw": .string(String(format: "%08X", data.flags.rawValue)), "flags": .array(names),
      "reserved_bits_set": .array(reserved), "battery_faults": codes(data.batteryFaults),
      "motor_faults": codes(data.motorFaults), "engine_faults": codes(data.engineFaults),
      "other_faults": codes(data.otherFaults),
    ]
    if let levels = data.generalLevels {
      body["general_levels"] = .array(
        levels.elements.map {
          .array([number($0.flagNumber), number($0.level)])
        })
    }
    return body
  }

  private func cells(_ group: CellVoltageGroup) -> JSONValue {
    var body: [String: JSONValue] = [
      "voltage_v": value(group.voltage), "current_a": value(group.current),
    ]
    let volts = JSONValue.array(group.readings.map { value($0) })
    if let window = group.window {
      body["subsystem"] = number(group.number)
      body["cells_total"] = value(window.total)
      body["first_cell"] = number(window.firstCell)
      body["cells_v"] = volts
    } else {
      body["pack"] = number(group.number)
      body["units_v"] = volts
    }
    return .object(body)
  }
}
