// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Signals out of frames and into frames.

/// The value of one signal in one frame.
public struct SignalValue: Hashable, Sendable {
  /// Place of the signal in its message.
  public let place: Int
  /// The bits, not sign-extended.
  public let raw: UInt64
  /// The physical value in the unit of the signal; may be NaN for floating-point signals.
  public let value: Double
}

extension DBCSignal {
  /// Place of the k-th least significant bit: byte and bit in the data.
  private func bit(_ index: Int) -> (byte: Int, bit: Int) {
    switch byteOrder {
    case .intel:
      let place = startBit + index
      return (place >> 3, place & 7)
    case .motorola:
      // The start bit is the most significant; bits run down in a byte and on into the next.
      let linear = (startBit >> 3) * 8 + 7 - (startBit & 7) + length - 1 - index
      return (linear >> 3, 7 - (linear & 7))
    }
  }

  /// The bits of the signal; nil when the data are too short for it.
  ///
  /// - Complexity: O(n) in the number of bits.
  public func raw(in data: [UInt8]) -> UInt64? {
    guard length >= 1, length <= 64 else { return nil }
    var result: UInt64 = 0
    for index in 0..<length {
      let place = bit(index)
      guard place.byte >= 0, place.byte < data.count else { return nil }
      result |= UInt64((data[place.byte] >> UInt8(place.bit)) & 1) << UInt64(index)
    }
    return result
  }

  /// Writes the bits of the signal; false when the data are too short for it.
  public func set(_ raw: UInt64, in data: inout [UInt8]) -> Bool {
    guard length >= 1, length <= 64, bit(0).byte < data.count, bit(length - 1).byte < data.count
    else { return false }
    for index in 0..<length {
      let place = bit(index)
      let mask = UInt8(1) << UInt8(place.bit)
      if raw >> UInt64(index) & 1 == 1 {
        data[place.byte] |= mask
      } else {
        data[place.byte] &= ~mask
      }
    }
    return true
  }

  /// The number that the bits are, before factor and offset; whole for the two whole encodings.
  public func integer(of raw: UInt64) -> Int64 {
    guard encoding == .signed, length < 64, raw >> UInt64(length - 1) & 1 == 1 else {
      return Int64(truncatingIfNeeded: raw)
    }
    return Int64(truncatingIfNeeded: raw | ~UInt64(0) << UInt64(length))
  }

  /// The physical value of the bits.
  public func physical(of raw: UInt64) -> Double {
    let number =
      switch encoding {
      case .unsigned: Double(raw)
      case .signed: Double(integer(of: raw))
      case .float32: Double(Float(bitPattern: UInt32(truncatingIfNeeded: raw)))
      case .float64: Double(bitPattern: raw)
      }
    return number * factor + offset
  }

  /// The nearest bits of a physical value; nil when the signal cannot carry it.
  public func raw(of value: Double) -> UInt64? {
    guard factor != 0 else { return nil }
    let number = (value - offset) / factor
    switch encoding {
    case .float32: return UInt64(Float(number).bitPattern)
    case .float64: return number.bitPattern
    case .unsigned:
      guard let whole = DecimalText.nearest(number), whole >= 0 else { return nil }
      let raw = UInt64(whole)
      return length == 64 || raw >> UInt64(length) == 0 ? raw : nil
    case .signed:
      guard let whole = DecimalText.nearest(number) else { return nil }
      let raw = UInt64(bitPattern: whole)
      let mask = length == 64 ? ~UInt64(0) : (1 << UInt64(length)) - 1
      return integer(of: raw & mask) == whole ? raw & mask : nil
    }
  }

  /// The word for a raw value; nil where the file gives none.
  public func label(of raw: UInt64) -> String? {
    labels.isEmpty ? nil : labels[integer(of: raw)]
  }
}

extension DBCMessage {
  /// The signals that a frame's data carry: those always present and those whose switches, and
  /// the switches of those, select them.
  ///
  /// Signals behind the end of the data are left out.
  ///
  /// - Complexity: O(n·b) for n signals of b bits.
  public func values(in data: [UInt8]) -> [SignalValue] {
    var values: [SignalValue] = []
    values.reserveCapacity(signals.count)
    for (place, signal) in signals.enumerated() {
      guard isPresent(place, in: data, depth: 0), let raw = signal.raw(in: data) else { continue }
      values.append(SignalValue(place: place, raw: raw, value: signal.physical(of: raw)))
    }
    return values
  }

  /// Whether a signal is present; switches may themselves be selected by others.
  private func isPresent(_ place: Int, in data: [UInt8], depth: Int) -> Bool {
    guard case .selected(let name, let ranges) = signals[place].presence else { return true }
    // More steps than signals can only be a circle.
    guard depth <= signals.count, let selector = selector(named: name, of: place),
      isPresent(selector, in: data, depth: depth + 1), let raw = signals[selector].raw(in: data)
    else { return false }
    for range in ranges where range.contains(raw) { return true }
    return false
  }

  private func selector(named name: String, of place: Int) -> Int? {
    for (index, signal) in signals.enumerated() where signal.isSwitch && index != place {
      if name == signal.name { return index }
      // Without a name the one switch that is always there selects.
      if name.isEmpty, signal.presence == .always { return index }
    }
    return nil
  }
}
