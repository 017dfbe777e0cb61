// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One row of the diagnosis table: limits, debounce, clearing, reaction and deadline of a fault.

/// Three values, for the operating, recommended and safety level.
public struct PerLevel<Element: BitwiseCopyable & Sendable>: Sendable, BitwiseCopyable {
  /// For FaultLevel/operating.
  public var operating: Element
  /// For FaultLevel/recommended.
  public var recommended: Element
  /// For FaultLevel/safety.
  public var safety: Element

  /// Three values.
  @inlinable
  public init(_ operating: Element, _ recommended: Element, _ safety: Element) {
    self.operating = operating
    self.recommended = recommended
    self.safety = safety
  }

  /// The value of a level; that of the operating level for `within`.
  @inlinable
  public subscript(_ level: FaultLevel) -> Element {
    switch level {
    case .within, .operating: operating
    case .recommended: recommended
    case .safety: safety
    }
  }
}

/// On which side of its limits an indicator is beyond them.
public enum LimitSide: UInt8, Sendable, BitwiseCopyable {
  /// Beyond when greater.
  case upper
  /// Beyond when smaller.
  case lower
}

/// How an active level ends.
public enum ClearRule: UInt8, Sendable, BitwiseCopyable {
  /// By itself, once within the limit less hysteresis for the clearing time.
  case automatic
  /// As `automatic`, but a safety level only while the request is off or sleep.
  case requestOff
  /// A safety level only by a service tool; kept over power loss.
  case service
}

/// When a row is judged; every condition named must hold.
public struct EnableCondition: FlagSet, Hashable, Sendable, BitwiseCopyable {
  /// The flags as bits.
  public let rawValue: UInt8
  /// A set of conditions.
  @inlinable
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// Charge current flows or a charge is asked for.
  @inlinable
  public static var charging: EnableCondition { EnableCondition(rawValue: 1 << 0) }
  /// No charge current flows.
  @inlinable
  public static var notCharging: EnableCondition { EnableCondition(rawValue: 1 << 1) }
  /// The main contactors are commanded closed.
  @inlinable
  public static var connected: EnableCondition { EnableCondition(rawValue: 1 << 2) }
  /// All contactors are commanded open for longer than the settling time.
  @inlinable
  public static var disconnected: EnableCondition { EnableCondition(rawValue: 1 << 3) }
  /// No cell is balanced.
  @inlinable
  public static var notBalancing: EnableCondition { EnableCondition(rawValue: 1 << 4) }
  /// The estimator has converged.
  @inlinable
  public static var converged: EnableCondition { EnableCondition(rawValue: 1 << 5) }
}

/// One row of the diagnosis table.
///
/// A level becomes active when the indicator is beyond its limit for `debounceMilliseconds` (or,
/// for rows that count, in `debounceMilliseconds` cycles), with the counter running back at the
/// same speed while it is not. A level of NaN does not exist. A value equal to a limit is not beyond
/// it. It ends by `clear`, when the indicator has been on the good side of the limit by
/// `hysteresis` for `clearMilliseconds`.
public struct DiagnosisRow<Real: CoreReal>: ConfigurationPart, BitwiseCopyable {
  /// The fault.
  public var fault: FaultClass
  /// On which side of the limits the indicator is beyond them.
  public var side: LimitSide
  /// Limits in the unit of the indicator; NaN where the level does not exist.
  public var limit: PerLevel<Real>
  /// How far back within the limit the indicator must be to clear, in its unit, not negative.
  public var hysteresis: Real
  /// Whether the debounce counts cycles instead of milliseconds.
  public var countsCycles: Bool
  /// Time (or cycles) beyond a limit before the level is active.
  public var debounceMilliseconds: PerLevel<UInt32>
  /// Time within the limit less hysteresis before the level ends.
  public var clearMilliseconds: UInt32
  /// How an active level ends.
  public var clear: ClearRule
  /// When the row is judged.
  public var enable: EnableCondition
  /// What each level asks for.
  public var reaction: PerLevel<Reaction>
  /// Longest time from the fault to the active safety level, in milliseconds.
  public var detectMilliseconds: UInt32
  /// Longest time from the active safety level to the finished reaction, in milliseconds; with
  /// `detectMilliseconds` the fault-tolerant time interval.
  public var reactMilliseconds: UInt32
  /// Added to `reactMilliseconds` while driving, for the driver to be warned and to stop.
  public var driveGraceMilliseconds: UInt32

  /// A row.
  @inlinable
  public init(
    _ fault: FaultClass, _ side: LimitSide = .upper, limit: PerLevel<Real>, hysteresis: Real = 0,
    countsCycles: Bool = false, debounceMilliseconds: PerLevel<UInt32>,
    clearMilliseconds: UInt32 = 2000, clear: ClearRule = .automatic,
    enable: EnableCondition = EnableCondition(), reaction: PerLevel<Reaction>,
    detectMilliseconds: UInt32,
    reactMilliseconds: UInt32, driveGraceMilliseconds: UInt32 = 0
  ) {
    self.fault = fault
    self.side = side
    self.limit = limit
    self.hysteresis = hysteresis
    self.countsCycles = countsCycles
    self.debounceMilliseconds = debounceMilliseconds
    self.clearMilliseconds = clearMilliseconds
    self.clear = clear
    self.enable = enable
    self.reaction = reaction
    self.detectMilliseconds = detectMilliseconds
    self.reactMilliseconds = reactMilliseconds
    self.driveGraceMilliseconds = driveGraceMilliseconds
  }

  /// Stands for a level that does not exist, where fields must be numbers.
  @inlinable
  static var none: Real { 1e30 }

  /// Shows every field; a limit of 1e30 stands for a level that does not exist.
  @inlinable
  public mutating func visit<V: ConfigurationVisitor>(_ visitor: inout V) {
    var name = fault.rawValue
    visitor.integer(&name, "fault", in: 0...UInt32(FaultClass.count - 1), "number of the class")
    fault = FaultClass(rawValue: name) ?? fault
    var isLower = side == .lower
    visitor.flag(&isLower, "is_lower", "beyond the limits when smaller")
    side = isLower ? .lower : .upper
    var limits: InlineArray<3, Real> = [
      limit.operating.finite(or: Self.none), limit.recommended.finite(or: Self.none),
      limit.safety.finite(or: Self.none),
    ]
    visitor.numbers(
      &limits, "limits", unit: "", in: -1e9...1e30,
      "operating, recommended and safety limit in the unit of the row; 1e30 for none")
    for place in limits.indices where limits[place] > 1e29 { limits[place] = .nan }
    limit = PerLevel(limits[0], limits[1], limits[2])
    visitor.number(
      &hysteresis, "hysteresis", unit: "", in: 0...1e9,
      "how far back within the limit to clear, in the unit of the row")
    visitTimes(&visitor)
    visitReactions(&visitor)
  }

  @inlinable
  mutating func visitTimes<V: ConfigurationVisitor>(_ visitor: inout V) {
    visitor.flag(&countsCycles, "counts_cycles", "the debounce counts cycles, not milliseconds")
    var debounce: InlineArray<3, UInt32> = [
      debounceMilliseconds.operating, debounceMilliseconds.recommended,
      debounceMilliseconds.safety,
    ]
    visitor.integers(
      &debounce, "debounce_milliseconds", in: 0...1_000_000_000,
      "time or cycles beyond each limit before its level is active")
    debounceMilliseconds = PerLevel(debounce[0], debounce[1], debounce[2])
    visitor.integer(
      &clearMilliseconds, "clear_milliseconds", in: 0...1_000_000_000,
      "time within the limit less hysteresis before a level ends")
    visitor.integer(
      &detectMilliseconds, "detect_milliseconds", in: 0...1_000_000_000,
      "longest time from the fault to the active safety level")
    visitor.integer(
      &reactMilliseconds, "react_milliseconds", in: 0...1_000_000_000,
      "longest time from the active safety level to the finished reaction")
    visitor.integer(
      &driveGraceMilliseconds, "drive_grace_milliseconds", in: 0...1_000_000_000,
      "added to the time to react while driving")
  }

  @inlinable
  mutating func visitReactions<V: ConfigurationVisitor>(_ visitor: inout V) {
    var rule = clear.rawValue
    visitor.integer(
      &rule, "clear", in: 0...2, "0: by itself; 1: safety level after request off; 2: by service")
    clear = ClearRule(rawValue: rule) ?? clear
    var conditions = enable.rawValue
    visitor.integer(&conditions, "enable", in: 0...63, "conditions under which the row is judged")
    enable = EnableCondition(rawValue: conditions)
    var reactions: InlineArray<3, UInt16> = [
      reaction.operating.rawValue, reaction.recommended.rawValue, reaction.safety.rawValue,
    ]
    visitor.integers(&reactions, "reactions", in: 0...16_383, "what each level asks for, as bits")
    reaction = PerLevel(
      Reaction(rawValue: reactions[0]), Reaction(rawValue: reactions[1]),
      Reaction(rawValue: reactions[2]))
  }

  /// The levels that exist are in order, and the debounce of the safety level fits into the time for
  /// detection.
  @inlinable
  public func inconsistency() -> ConfigurationRule? {
    let sign: Real = side == .upper ? 1 : -1
    let low = sign * limit.operating
    let middle = sign * limit.recommended
    let high = sign * limit.safety
    if low > middle || middle > high || low > high { return .levelsOutOfOrder }
    if limit.safety.isNaN || countsCycles { return nil }
    return debounceMilliseconds.safety <= detectMilliseconds ? nil : .timesOutOfOrder
  }
}

extension LevelLimits {
  /// The three levels as a limit of a row.
  @inlinable
  var levels: PerLevel<Real> { PerLevel(operating, recommended, safety) }
}
