// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Rows of other sources as reports in the store.

public import BatteryDomain
import Foundation
import FrameCryptography
import TelemetryCodec
import TelemetryStore

/// Stores rows of sources that speak no GB/T 32960 (storage systems over Modbus or MQTT) as reports of
/// the 2025 edition, durably, so that everything behind the store works for them too.
///
/// What a report cannot carry is lost: parts of a second, digits below 1 mV, 0.1 V, 0.1 A, 1 °C
/// and 1 %, and quantities outside ``carried``. A user-defined item (0xFE) at the end names the source, so
/// that such a report is never taken for one that a vehicle sent. See decision 0218.
public struct TableIngest: Sendable {
  /// The quantities that a report carries.
  public static let carried: Set<QuantityKey> = [
    .time, .packVoltage, .current, .stateOfCharge, .insulationResistance, .vehicleSpeed, .odometer,
    .chargeState, .alarmLevel, .alarmFlags, .cellVoltage, .probeTemperature,
  ]
  /// Type of the item that names the source.
  public static let markType: UInt8 = 0xFE

  /// Reports stored.
  public private(set) var storedCount = 0
  /// Rows that were there already: the same values in the same second.
  public private(set) var duplicateCount = 0
  /// Quantities that came and that no report carries.
  public private(set) var dropped: Set<QuantityKey> = []

  private let sink: any FrameSink
  private let mark: [UInt8]

  /// Creates an ingest.
  ///
  /// - Parameters:
  ///   - sink: Where reports become durable.
  ///   - source: Name of the source, such as `mqtt`; at most 100 bytes of it are kept.
  public init(_ sink: any FrameSink, source: String) {
    self.sink = sink
    let text = Array("anodyne/\(source)".utf8.prefix(100))
    mark = [Self.markType, 0, UInt8(text.count)] + text
  }

  /// The name under which an asset stands in the store: its own where that can be an identifier of
  /// the protocol (1 to 17 visible ASCII characters), otherwise `~` and 16 digits of its SHA-256.
  public static func identity(of asset: String) -> String {
    if GatewaySession.isIdentity(asset), asset.first != "~",
      asset.utf8.count <= UniqueIdentifier.byteCount
    {
      return asset
    }
    return "~" + Digest.hexadecimal(Digest.sha256(Array(asset.utf8)).prefix(8))
  }

  /// Stores the rows of a table and returns when they are durable.
  ///
  /// - Parameters:
  ///   - batch: Rows with times since the Unix epoch.
  ///   - asset: Whose they are.
  ///   - received: When they arrived, Unix seconds.
  /// - Throws: ``GatewayError/cannotEncode(row:reason:)`` for rows that are no report, before anything
  ///   is stored; `StoreError`.
  public mutating func write(
    _ batch: RecordBatch, of asset: String, received: Double
  ) async throws {
    let identity = Self.identity(of: asset)
    guard let identifier = UniqueIdentifier(identity) else {
      throw GatewayError.cannotEncode(row: batch.firstRow, reason: "\(identity) is no identifier")
    }
    let writer = try ReportWriter(
      schema: batch.schema, identifier: identifier, edition: .edition2025)
    var frames: [NewFrame] = []
    for row in 0..<batch.rowCount {
      var frame = try writer.frame(of: batch, row: row)
      frame.unit += mark
      guard let time = frame.time?.unixSeconds, let bytes = try? frame.encoded() else {
        throw GatewayError.cannotEncode(
          row: batch.firstRow + row, reason: "it is longer than a report may be")
      }
      frames.append(
        NewFrame(
          identity: identity, collectionTime: time, receiveTime: received,
          command: frame.command.rawValue, bytes: bytes,
          unit: Frame.headerByteCount..<(bytes.count - 1)))
    }
    for outcome in try await sink.append(frames) {
      if case .stored = outcome { storedCount += 1 } else { duplicateCount += 1 }
    }
    dropped.formUnion(Set(batch.schema.columns.compactMap(\.quantity)).subtracting(Self.carried))
  }
}
