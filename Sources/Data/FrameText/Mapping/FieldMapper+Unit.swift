// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Data units: dispatch.

import TelemetryCodec

extension FieldMapper {
  mutating func unit(_ unit: inout DataUnit) throws(FrameTextError) {
    switch unit {
    case .empty: break
    case .vehicleLogin(var login):
      try vehicleLogin(&login)
      unit = .vehicleLogin(login)
    case .logout(var logout):
      try self.logout(&logout)
      unit = .logout(logout)
    case .platformLogin(var login):
      try platformLogin(&login)
      unit = .platformLogin(login)
    case .report(var report):
      try self.report(&report)
      unit = .report(report)
    case .activation(var activation):
      try self.activation(&activation)
      unit = .activation(activation)
    case .activationResult(var result):
      try activationResult(&result)
      unit = .activationResult(result)
    case .keyExchange(var exchange):
      try keyExchange(&exchange)
      unit = .keyExchange(exchange)
    case .parameterQuery(var query):
      try parameterQuery(&query)
      unit = .parameterQuery(query)
      try sentBytes(unit)
    case .parameters(var list):
      try parameterList(&list)
      unit = .parameters(list)
      try sentBytes(unit)
    case .terminalControl(var control):
      try terminalControl(&control)
      unit = .terminalControl(control)
      try sentBytes(unit)
    case .answer(var time, var rest):
      try answer(&time, &rest)
      unit = .answer(time: time, rest: rest)
    case .encrypted(var bytes), .opaque(var bytes):
      try self.bytes("data_hex", &bytes)
      unit = .opaque(bytes)
    }
  }

  private mutating func answer(
    _ time: inout WireTime?, _ rest: inout [UInt8]
  ) throws(FrameTextError) {
    if isParsing ? takeIfPresent("time") != nil : time != nil {
      var moment = time ?? Blanks.time
      try self.time("time", &moment)
      time = moment
    }
    if isParsing ? takeIfPresent("rest_hex") != nil : !rest.isEmpty {
      try bytes("rest_hex", &rest)
    }
  }
}
