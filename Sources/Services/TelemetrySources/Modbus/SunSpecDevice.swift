// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A device that speaks SunSpec over Modbus TCP: find its models, read their values.

public import TelemetryCodec

/// A device that speaks SunSpec, reached through one Modbus connection.
///
/// - Reference: SunSpec Alliance, "Device Information Model Specification" 1.1, section 6:
///   the mark `SunS` stands at register 40000, 50000 or 0, then one model after the other.
public struct SunSpecDevice: Sendable {
  /// One model of the device.
  public struct Model: Hashable, Sendable {
    /// Number of the model.
    public var identifier: UInt16
    /// Address of its first register, that with the number.
    public var address: Int
    /// Number of its registers, identifier and length included.
    public var count: Int
  }

  /// Addresses at which the mark may stand, in the order of the specification.
  public static let baseAddresses = [40_000, 50_000, 0]
  /// Longest chain that is followed.
  static let longestChain = 256

  /// Models in the order of their registers.
  public let models: [Model]

  /// Finds the models of a device.
  ///
  /// - Parameter connection: Connection to the device.
  /// - Throws: ``SourceError``; ``SourceError/protocolViolation(_:)`` when the mark is nowhere.
  public init(on connection: inout ModbusConnection) async throws {
    for base in Self.baseAddresses {
      let mark: [UInt16]
      do {
        mark = try await connection.holdingRegisters(from: base, count: 2)
      } catch SourceError.refused {
        continue
      }
      guard mark == [0x5375, 0x6E53] else { continue }
      models = try await Self.chain(from: base + 2, on: &connection)
      return
    }
    throw SourceError.protocolViolation(
      "the mark SunS is at none of the registers 40000, 50000 and 0; the device speaks Modbus "
        + "but not SunSpec, or under another unit number (--unit)")
  }

  private static func chain(
    from start: Int, on connection: inout ModbusConnection
  ) async throws -> [Model] {
    var models: [Model] = []
    var address = start
    while models.count < longestChain, address + 1 < 65_536 {
      let head = try await connection.holdingRegisters(from: address, count: 2)
      guard head[0] != 0xFFFF else { return models }
      let count = 2 + Int(head[1])
      models.append(Model(identifier: head[0], address: address, count: count))
      address += count
    }
    throw SourceError.protocolViolation(
      "the chain of models has no end mark within \(longestChain) models")
  }

  /// Reads the values of one of the models known to ``SunSpecModel``.
  ///
  /// - Parameters:
  ///   - model: One of ``models``.
  ///   - connection: Connection to the device.
  /// - Returns: The values that are there, in register order.
  /// - Throws: ``SourceError``.
  public static func values(
    of model: Model, on connection: inout ModbusConnection
  ) async throws -> [SunSpecValue] {
    guard let known = SunSpecModel.known.first(where: { $0.identifier == model.identifier }) else {
      throw SourceError.protocolViolation(
        "model \(model.identifier) is not known; known are "
          + SunSpecModel.known.map { "\($0.identifier) (\($0.name))" }.joined(separator: ", "))
    }
    let registers = try await connection.holdingRegisters(from: model.address, count: model.count)
    do throws(SunSpecError) {
      return try known.values(of: registers)
    } catch {
      throw SourceError.protocolViolation("model \(model.identifier): \(error)")
    }
  }
}
