// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Writing an information item, with the type byte of the edition.

extension ReportItem {
  /// Writes type byte and body.
  func write(to writer: inout ByteWriter, edition: Edition) throws(CodecError) {
    writer.byte(try type(in: edition))
    switch self {
    case .vehicle(let data): try data.write(to: &writer, edition: edition)
    case .motors(let motors):
      try writer.count8(of: motors)
      for motor in motors.elements { try motor.write(to: &writer, edition: edition) }
    case .fuelCell(let data): try data.write(to: &writer)
    case .fuelCellEngine(let data): try data.write(to: &writer)
    case .engine(let data): try data.write(to: &writer, edition: edition)
    case .position(let data): try data.write(to: &writer, edition: edition)
    case .extremes(let data): try data.write(to: &writer, element: .number8)
    case .alarms(let data): try data.write(to: &writer, edition: edition)
    case .cellVoltages(let groups):
      try writer.count8(of: groups)
      for group in groups.elements { try group.write(to: &writer, edition: edition) }
    case .temperatures(let groups):
      try writer.count8(of: groups)
      for group in groups.elements { try group.write(to: &writer) }
    case .fuelCellStacks(let stacks):
      try writer.count8(of: stacks)
      for stack in stacks.elements { try stack.write(to: &writer) }
    case .supercapacitor(let data): try data.write(to: &writer)
    case .supercapacitorExtremes(let data): try data.write(to: &writer, element: .number16)
    case .custom(_, let bytes): try writer.lengthPrefixed(bytes)
    case .signature(let block): try block.write(to: &writer)
    }
  }

  /// The type byte of the item in an edition.
  ///
  /// - Throws: ``CodecError/notInEdition(_:)`` if the edition has no such item.
  public func type(in edition: Edition) throws(CodecError) -> UInt8 {
    let is2016 = edition == .edition2016
    switch self {
    case .vehicle: return 0x01
    case .motors: return 0x02
    case .engine: return 0x04
    case .position: return 0x05
    case .alarms: return is2016 ? 0x07 : 0x06
    case .cellVoltages: return is2016 ? 0x08 : 0x07
    case .temperatures: return is2016 ? 0x09 : 0x08
    case .fuelCell where is2016: return 0x03
    case .extremes where is2016: return 0x06
    case .fuelCellEngine where !is2016: return 0x03
    case .fuelCellStacks where !is2016: return 0x30
    case .supercapacitor where !is2016: return 0x31
    case .supercapacitorExtremes where !is2016: return 0x32
    case .signature where !is2016: return 0xFF
    case .custom(let type, _):
      guard type >= 0x80, type <= 0xFE else { throw .badCustomType(type) }
      return type
    default: throw .notInEdition(edition)
    }
  }
}
