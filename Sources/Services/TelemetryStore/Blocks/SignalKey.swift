// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Names one number of a vehicle that can be read back on its own.

public import BatteryDomain
import TelemetryCodec

/// Names one number of a vehicle that can be read back on its own.
public struct SignalKey: Hashable, Sendable {
  /// What it is.
  public var quantity: QuantityKey
  /// Number of the battery subsystem as the vehicle counts them, from 1; 0 for the whole vehicle.
  public var part: Int
  /// Number of the cell or probe in its subsystem, from 1; 0 for a single number.
  public var element: Int

  /// Names a signal.
  ///
  /// - Parameters:
  ///   - quantity: What it is.
  ///   - part: Subsystem from 1; 0 for the whole vehicle.
  ///   - element: Cell or probe from 1; 0 for a single number.
  public init(_ quantity: QuantityKey, part: Int = 0, element: Int = 0) {
    self.quantity = quantity
    self.part = part
    self.element = element
  }

  /// Voltage of a cell, both numbers from 1.
  public static func cell(_ element: Int, part: Int = 1) -> SignalKey {
    SignalKey(.cellVoltage, part: part, element: element)
  }

  /// Temperature at a probe, both numbers from 1.
  public static func probe(_ element: Int, part: Int = 1) -> SignalKey {
    SignalKey(.probeTemperature, part: part, element: element)
  }

  /// The name as text: `current`, `cell_voltage.1.17`; the inverse of ``init(name:)``.
  public var name: String {
    part == 0 && element == 0
      ? quantity.rawValue : "\(quantity.rawValue).\(part).\(element)"
  }

  /// Reads a name such as `current` or `cell_voltage.1.17`; `cell_voltage.17` means subsystem 1.
  public init?(name: String) {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard let first = parts.first, let quantity = QuantityKey(rawValue: String(first)),
      parts.count <= 3
    else { return nil }
    let numbers = parts.dropFirst().compactMap { Int($0) }
    guard numbers.count == parts.count - 1, numbers.allSatisfy({ $0 >= 0 && $0 <= 0xFFFF }) else {
      return nil
    }
    switch numbers.count {
    case 0: self.init(quantity)
    case 1: self.init(quantity, part: 1, element: numbers[0])
    default: self.init(quantity, part: numbers[0], element: numbers[1])
    }
  }
}

extension SignalKey: Comparable {
  /// By quantity, subsystem and element.
  public static func < (lhs: SignalKey, rhs: SignalKey) -> Bool {
    (lhs.quantity.rawValue, lhs.part, lhs.element) < (rhs.quantity.rawValue, rhs.part, rhs.element)
  }
}

/// How the raw number of a field becomes the value of its signal.
enum SignalScale: Hashable {
  /// A scaled number with sentinels.
  case field(FieldKind)
  /// A code of one byte with sentinels.
  case code
  /// Flags of four bytes with sentinels.
  case flags

  /// What a raw number says.
  func reading(of raw: Int64) -> Reading {
    switch self {
    case .field(let kind):
      return kind.definition.reading(of: UInt32(truncatingIfNeeded: raw))
    case .code:
      if raw == 0xFF { return .invalid }
      return raw == 0xFE ? .abnormal : .valid(Double(raw))
    case .flags:
      if raw == 0xFFFF_FFFF { return .invalid }
      return raw == 0xFFFF_FFFE ? .abnormal : .valid(Double(raw))
    }
  }
}
