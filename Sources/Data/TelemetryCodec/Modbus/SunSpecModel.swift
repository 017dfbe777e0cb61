// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// SunSpec information models: points, scale factors, values that are not there.

/// One point of a SunSpec information model.
public struct SunSpecPoint: Hashable, Sendable {
  /// How a point stands in its registers.
  public enum Layout: Hashable, Sendable {
    /// Unsigned, one register; 0xFFFF is not there.
    case uint16
    /// Signed, one register; 0x8000 is not there.
    case int16
    /// Unsigned, two registers; all ones is not there.
    case uint32
    /// Code, one register; 0xFFFF is not there.
    case enum16
    /// Bits, two registers; all ones is not there.
    case bitfield32
    /// Power of ten, −10 to 10; 0x8000 is not there.
    case scaleFactor
    /// Nothing.
    case pad

    /// Registers that it takes.
    public var registerCount: Int {
      switch self {
      case .uint32, .bitfield32: 2
      default: 1
      }
    }
  }

  /// Name in the model.
  public let name: String
  /// How it stands in its registers.
  public let layout: Layout
  /// Name of the point with its power of ten; empty for none.
  public let scaleFactor: String
  /// Symbol of the unit as in the model; empty for none.
  public let unit: String

  init(_ name: String, _ layout: Layout, _ scaleFactor: String = "", _ unit: String = "") {
    self.name = name
    self.layout = layout
    self.scaleFactor = scaleFactor
    self.unit = unit
  }
}

/// A SunSpec information model: fixed points and a group that may repeat.
public struct SunSpecModel: Hashable, Sendable {
  /// Number of the model.
  public let identifier: UInt16
  /// Name of the model.
  public let name: String
  /// The points behind identifier and length.
  public let points: [SunSpecPoint]
  /// The points of the group that repeats; empty for none.
  public let repeated: [SunSpecPoint]
  /// Name of the point that says how often the group occurs.
  public let repetitions: String

  /// The models that are known.
  public static let known: [SunSpecModel] = [battery, lithiumIonBank]

  /// Reads the registers of a model, identifier and length first.
  ///
  /// - Parameter registers: The registers of the model.
  /// - Returns: The values in register order; as many groups as the count says and the registers
  ///   hold.
  /// - Throws: ``SunSpecError``.
  /// - Complexity: O(n) in the number of registers.
  public func values(of registers: [UInt16]) throws(SunSpecError) -> [SunSpecValue] {
    guard registers.count >= 2 else { throw .tooShort(registers: registers.count, needed: 2) }
    guard registers[0] == identifier else {
      throw .wrongModel(found: registers[0], expected: identifier)
    }
    let length = 2 + Int(registers[1])
    guard registers.count >= length else {
      throw .tooShort(registers: registers.count, needed: length)
    }
    let fixed = Self.registerCount(points)
    guard length >= 2 + fixed else { throw .tooShort(registers: length, needed: 2 + fixed) }
    let raw = Self.read(points, registers, from: 2)
    var factors: [String: Int] = [:]
    for (point, value) in zip(points, raw) where point.layout == .scaleFactor {
      if case .number(let power) = value, power >= -10, power <= 10 {
        factors[point.name] = Int(power)
      }
    }
    var values: [SunSpecValue] = []
    var count = 0
    for (point, value) in zip(points, raw) {
      if point.name == repetitions, case .number(let number) = value {
        count = Int(truncatingIfNeeded: number)
      }
      if let value = Self.value(point, value, nil, factors) { values.append(value) }
    }
    let size = Self.registerCount(repeated)
    var start = 2 + fixed
    var group = 0
    while size > 0, group < count, start + size <= length {
      group += 1
      for (point, value) in zip(repeated, Self.read(repeated, registers, from: start)) {
        if let value = Self.value(point, value, group, factors) { values.append(value) }
      }
      start += size
    }
    return values
  }

  static func registerCount(_ points: [SunSpecPoint]) -> Int {
    var count = 0
    for point in points { count += point.layout.registerCount }
    return count
  }

  private enum Raw {
    case absent
    case number(Int64)
  }

  private static func read(
    _ points: [SunSpecPoint], _ registers: [UInt16], from start: Int
  ) -> [Raw] {
    var place = start
    var values: [Raw] = []
    for point in points {
      let high = registers[place]
      switch point.layout {
      case .uint16, .enum16: values.append(high == 0xFFFF ? .absent : .number(Int64(high)))
      case .int16, .scaleFactor:
        values.append(high == 0x8000 ? .absent : .number(Int64(Int16(bitPattern: high))))
      case .uint32, .bitfield32:
        let whole = Int64(high) << 16 | Int64(registers[place + 1])
        values.append(whole == 0xFFFF_FFFF ? .absent : .number(whole))
      case .pad: values.append(.absent)
      }
      place += point.layout.registerCount
    }
    return values
  }

  private static func value(
    _ point: SunSpecPoint, _ raw: Raw, _ group: Int?, _ factors: [String: Int]
  ) -> SunSpecValue? {
    guard point.layout != .pad, point.layout != .scaleFactor, case .number(let number) = raw
    else { return nil }
    var value = Double(number)
    if !point.scaleFactor.isEmpty {
      // A number whose power of ten is not there says nothing.
      guard let power = factors[point.scaleFactor] else { return nil }
      var factor = 1.0
      for _ in 0..<power.magnitude { factor *= 10 }
      value = power < 0 ? value / factor : value * factor
    }
    return SunSpecValue(
      name: point.name, group: group, raw: number, value: value, unit: point.unit)
  }

  /// The places of the models in the registers of a device that start with the mark `SunS`.
  ///
  /// - Parameter registers: Registers from the base address on, usually 40000.
  /// - Returns: Identifier, first register and number of registers of each model; the list ends
  ///   at the end mark or with the registers.
  /// - Throws: ``SunSpecError/noMark`` when the mark is not there.
  public static func chain(
    in registers: [UInt16]
  ) throws(SunSpecError) -> [(identifier: UInt16, start: Int, count: Int)] {
    guard registers.count >= 2, registers[0] == 0x5375, registers[1] == 0x6E53 else {
      throw .noMark
    }
    var places: [(identifier: UInt16, start: Int, count: Int)] = []
    var start = 2
    while start + 1 < registers.count, registers[start] != 0xFFFF {
      let count = 2 + Int(registers[start + 1])
      places.append((registers[start], start, count))
      start += count
    }
    return places
  }
}

/// A value of a model that is there.
public struct SunSpecValue: Hashable, Sendable {
  /// Name of the point.
  public let name: String
  /// Number of the repeated group from 1; nil for fixed points.
  public let group: Int?
  /// The number in the registers.
  public let raw: Int64
  /// The number with its power of ten.
  public let value: Double
  /// Symbol of the unit as in the model.
  public let unit: String
}

/// What is wrong with the registers of a model.
public enum SunSpecError: Error, Hashable, Sendable {
  /// There are fewer registers than the model needs.
  case tooShort(registers: Int, needed: Int)
  /// The registers are those of another model.
  case wrongModel(found: UInt16, expected: UInt16)
  /// The mark `SunS` is not at the base address.
  case noMark
}
