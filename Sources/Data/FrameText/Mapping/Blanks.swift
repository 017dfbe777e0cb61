// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Empty items and units, to be filled in by parsing.

import TelemetryCodec

/// Empty items and units, to be filled in by parsing.
enum Blanks {
  static let time = WireTime(
    yearSince2000: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0)
  static let signature = SignatureBlock(algorithm: 0, r: [], s: [])
  static let fuelCell = FuelCellData(
    voltage: .invalid(.fuelCellVoltage), current: .invalid(.fuelCellCurrent),
    consumption: .invalid(.hydrogenConsumption), probeTemperatures: Counted([]),
    hydrogen: HydrogenExtremes())
  static let fuelCellEngine = FuelCellEngineData(
    hydrogen: HydrogenExtremes(), remaining: .invalid(.hydrogenRemaining),
    converterTemperature: .invalid(.temperature))
  static let stack = FuelCellStackData(
    number: 0, voltage: .invalid(.fuelCellVoltage), current: .invalid(.fuelCellCurrent),
    hydrogenPressure: .invalid(.stackPressure), airPressure: .invalid(.stackPressure),
    airTemperature: .invalid(.temperature), coolantTemperatures: Counted([]))
  static let supercapacitor = SupercapacitorData(
    number: 0, voltage: .invalid(.supercapacitorVoltage), current: .invalid(.packCurrent2025),
    cells: Counted([]), probes: Counted([]))

  static func engine(_ edition: Edition) -> EngineData {
    let is2016 = edition == .edition2016
    return EngineData(
      state: is2016 ? .invalid : nil, crankshaftSpeed: .invalid(.crankshaftSpeed),
      consumption: is2016 ? .invalid(.fuelConsumption) : nil)
  }

  static func position(_ edition: Edition) -> PositionData {
    PositionData(
      status: 1, coordinateSystem: edition == .edition2016 ? nil : .invalid,
      longitude: .invalid(.longitude), latitude: .invalid(.latitude))
  }

  static func extremes(_ element: FieldKind) -> ExtremesData {
    let volts = ExtremesData.Place(
      subsystem: .invalid(.number8), element: .invalid(element), value: .invalid(.cellVoltage))
    let degrees = ExtremesData.Place(
      subsystem: .invalid(.number8), element: .invalid(element), value: .invalid(.temperature))
    return ExtremesData(
      highestVoltage: volts, lowestVoltage: volts, highestTemperature: degrees,
      lowestTemperature: degrees)
  }

  static func cells(_ edition: Edition) -> CellVoltageGroup {
    let is2016 = edition == .edition2016
    return CellVoltageGroup(
      number: 0, voltage: .invalid(is2016 ? .packVoltage2016 : .packVoltage2025),
      current: .invalid(is2016 ? .packCurrent2016 : .packCurrent2025),
      window: is2016 ? CellVoltageGroup.Window(total: .invalid(.cellTotal), firstCell: 0) : nil,
      cells: Counted([]))
  }

  /// The empty unit of a command.
  static func unit(
    _ command: Command, isAnswer: Bool, edition: Edition, identifier: UniqueIdentifier
  ) -> DataUnit {
    if isAnswer { return .answer(time: nil, rest: []) }
    switch (edition, command) {
    case (_, .vehicleLogin):
      return .vehicleLogin(
        VehicleLogin(
          time: time, serial: 0, simCard: [],
          batteries: edition == .edition2016
            ? .subsystems(count: 0, codeLength: 0, codes: []) : .packs(Counted([]))))
    case (_, .realTimeReport), (_, .reissuedReport):
      return .report(Report(time: time, items: []))
    case (_, .vehicleLogout), (_, .platformLogout): return .logout(Logout(time: time, serial: 0))
    case (_, .platformLogin):
      return .platformLogin(
        PlatformLogin(time: time, serial: 0, user: [], password: [], encryption: .none))
    case (_, .heartbeat), (_, .timeSynchronisation): return .empty
    case (.edition2025, .activation):
      return .activation(
        Activation(
          time: time, chip: [], publicKey: [], vehicle: identifier, signature: signature))
    case (.edition2025, .activationResult):
      return .activationResult(ActivationResult(status: 0, information: 0))
    case (.edition2025, .keyExchange):
      return .keyExchange(
        KeyExchange(encryption: .none, key: [], validFrom: time, validUntil: time))
    case (_, .parameterQuery):
      return .parameterQuery(ParameterQuery(time: time, identifiers: Counted([])))
    case (_, .parameterSetting):
      return .parameters(ParameterList(time: time, parameters: []))
    case (_, .terminalControl):
      return .terminalControl(TerminalControl(time: time, command: 0))
    default: return .opaque([])
    }
  }
}
