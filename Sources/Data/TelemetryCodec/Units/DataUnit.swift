// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The data unit of a frame, typed by command, edition, answer flag and encryption.

/// The meaning of a frame's data unit.
public enum DataUnit: Hashable, Sendable {
  /// No data: heartbeat and time synchronisation.
  case empty
  /// A vehicle logs in.
  case vehicleLogin(VehicleLogin)
  /// A vehicle or platform logs out.
  case logout(Logout)
  /// A platform logs in.
  case platformLogin(PlatformLogin)
  /// A real-time or reissued report.
  case report(Report)
  /// A request for activation (2025).
  case activation(Activation)
  /// The outcome of an activation (2025).
  case activationResult(ActivationResult)
  /// An exchange of a data-unit key (2025).
  case keyExchange(KeyExchange)
  /// The platform asks for parameters.
  case parameterQuery(ParameterQuery)
  /// The platform sets parameters, or a terminal answers a query.
  case parameters(ParameterList)
  /// The platform controls a terminal.
  case terminalControl(TerminalControl)
  /// An answer: its time, if any, and what follows.
  case answer(time: WireTime?, rest: [UInt8])
  /// Ciphertext.
  case encrypted([UInt8])
  /// The unit of a command that is carried as bytes: reserved and platform-defined ones.
  case opaque([UInt8])

  /// The bytes of the data unit.
  ///
  /// - Parameter edition: The edition to encode for.
  /// - Returns: The bytes of the data unit, unencrypted.
  /// - Throws: ``CodecError`` if a count, length or field does not fit the edition.
  public func encoded(for edition: Edition) throws(CodecError) -> [UInt8] {
    var writer = ByteWriter()
    switch self {
    case .empty: break
    case .vehicleLogin(let login): try login.write(to: &writer, edition: edition)
    case .logout(let logout): logout.write(to: &writer)
    case .platformLogin(let login): try login.write(to: &writer)
    case .report(let report): try report.write(to: &writer, edition: edition)
    case .activation(let activation):
      try Self.demand2025(edition)
      try activation.write(to: &writer)
    case .activationResult(let result):
      try Self.demand2025(edition)
      result.write(to: &writer)
    case .keyExchange(let exchange):
      try Self.demand2025(edition)
      try exchange.write(to: &writer)
    case .parameterQuery(let query): try query.write(to: &writer)
    case .parameters(let list): try list.write(to: &writer, edition: edition)
    case .terminalControl(let control): try control.write(to: &writer)
    case .answer(let time, let rest):
      if let time { writer.time(time) }
      writer.append(rest)
    case .encrypted(let bytes), .opaque(let bytes): writer.append(bytes)
    }
    return writer.bytes
  }

  private static func demand2025(_ edition: Edition) throws(CodecError) {
    guard edition == .edition2025 else { throw .notInEdition(edition) }
  }
}

extension Frame {
  /// Creates an unencrypted request from a typed data unit.
  ///
  /// - Throws: ``CodecError`` if the data unit cannot be encoded in the edition.
  public init(
    edition: Edition, command: Command, identifier: UniqueIdentifier, unit: DataUnit
  ) throws(CodecError) {
    self.init(
      edition: edition, command: command, identifier: identifier,
      unit: try unit.encoded(for: edition))
  }

  /// Decodes the data unit.
  ///
  /// Encrypted units and those of commands without a typed form come back as bytes. A decoded
  /// unit encodes to the same bytes again.
  ///
  /// - Throws: ``CodecError/unitTruncated(offset:needed:found:)``,
  ///   ``CodecError/itemTruncated(type:offset:needed:found:)`` or
  ///   ``CodecError/trailingBytes(count:)``; nothing partial is returned.
  /// - Complexity: O(n) in the length of the data unit.
  public func decodedUnit() throws(CodecError) -> DataUnit {
    guard encryption == .none else { return .encrypted(unit) }
    var reader = ByteReader(unit)
    if isAnswer {
      if command == .parameterQuery, let list = answeredParameters { return .parameters(list) }
      let time = reader.remaining >= 6 ? try reader.time() : nil
      return .answer(time: time, rest: reader.rest())
    }
    let decoded: DataUnit
    switch (edition, command) {
    case (_, .vehicleLogin):
      decoded = .vehicleLogin(try VehicleLogin(&reader, edition: edition))
    case (_, .realTimeReport), (_, .reissuedReport):
      decoded = .report(try Report(&reader, edition: edition))
    case (_, .vehicleLogout), (_, .platformLogout): decoded = .logout(try Logout(&reader))
    case (_, .platformLogin): decoded = .platformLogin(try PlatformLogin(&reader))
    case (_, .heartbeat), (_, .timeSynchronisation): decoded = .empty
    case (.edition2025, .activation): decoded = .activation(try Activation(&reader))
    case (.edition2025, .activationResult):
      decoded = .activationResult(try ActivationResult(&reader))
    case (.edition2025, .keyExchange): decoded = .keyExchange(try KeyExchange(&reader))
    case (_, .parameterQuery): decoded = .parameterQuery(try ParameterQuery(&reader))
    case (_, .parameterSetting):
      decoded = .parameters(try ParameterList(&reader, edition: edition))
    case (_, .terminalControl): decoded = .terminalControl(try TerminalControl(&reader))
    default: decoded = .opaque(reader.rest())
    }
    guard reader.remaining == 0 else { throw .trailingBytes(count: reader.remaining) }
    return decoded
  }

  /// The parameters in the answer to a query; nil when the answer has another form.
  private var answeredParameters: ParameterList? {
    guard unit.count > 6 else { return nil }
    var reader = ByteReader(unit)
    guard let list = try? ParameterList(&reader, edition: edition), reader.remaining == 0 else {
      return nil
    }
    return list
  }
}
