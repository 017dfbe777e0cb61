// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Debounce, level and clearing of one row.

/// Where one row stands: counters towards each level, the active level, and its way back.
public struct RowState: Sendable, BitwiseCopyable {
  /// The active level.
  public var level: FaultLevel = .within
  /// Time or cycles beyond each limit, up to its debounce.
  @usableFromInline var beyond: PerLevel<UInt32> = PerLevel(0, 0, 0)
  /// Time on the good side of the active level, in milliseconds.
  @usableFromInline var insideMilliseconds: UInt32 = 0
  /// Whether the request was off since the safety level became active.
  @usableFromInline var isAcknowledged = false
  /// When the reaction to the active level must be finished, in milliseconds of uptime.
  @usableFromInline var deadlineMilliseconds: UInt64 = .max

  /// A row within its limits.
  @inlinable
  public init() {}

  /// Restores a latched safety level, as after a loss of power.
  @inlinable
  mutating func restore(_ level: FaultLevel, deadline: UInt64) {
    self.level = level
    deadlineMilliseconds = deadline
  }

  /// Clears a level that only service may clear.
  @inlinable
  mutating func clear() { self = RowState() }

  /// Advances by one cycle.
  ///
  /// - Parameters:
  ///   - value: The indicator; NaN where it could not be judged, which neither raises nor clears.
  ///   - row: The row.
  ///   - milliseconds: Duration of the cycle.
  ///   - isEnabled: Whether the row is judged now; if not it runs back as if within.
  ///   - isOff: Whether the request is off or sleep.
  /// - Returns: Whether a higher level became active.
  /// - Complexity: O(1).
  @inlinable
  public mutating func advance<Real: CoreReal>(
    _ value: Real, by row: DiagnosisRow<Real>, milliseconds: UInt32, isEnabled: Bool,
    isOff: Bool
  ) -> Bool {
    if isEnabled && value.isNaN { return false }
    let raised = raise(value, by: row, milliseconds: milliseconds, isEnabled: isEnabled)
    if isOff { isAcknowledged = true }
    if raised > level {
      level = raised
      insideMilliseconds = 0
      isAcknowledged = isOff
      return true
    }
    lower(value, by: row, milliseconds: milliseconds, isEnabled: isEnabled)
    return false
  }

  @inlinable
  mutating func raise<Real: CoreReal>(
    _ value: Real, by row: DiagnosisRow<Real>, milliseconds: UInt32, isEnabled: Bool
  ) -> FaultLevel {
    let sign: Real = row.side == .upper ? 1 : -1
    var reached = FaultLevel.within
    func count(_ counter: inout UInt32, _ limit: Real, _ debounce: UInt32, _ level: FaultLevel) {
      // A comparison with NaN is false: a level without limit is never beyond.
      let isBeyond = isEnabled && sign * value > sign * limit
      // One reading alone never completes a debounce in time, however long the cycle was.
      let step = row.countsCycles ? 1 : min(milliseconds, max(1, debounce / 2 + debounce % 2))
      if isBeyond {
        counter = min(debounce, counter &+ min(step, debounce))
        if counter >= debounce { reached = level }
      } else {
        counter = counter > step ? counter - step : 0
      }
    }
    count(&beyond.operating, row.limit.operating, row.debounceMilliseconds.operating, .operating)
    count(
      &beyond.recommended, row.limit.recommended, row.debounceMilliseconds.recommended,
      .recommended)
    count(&beyond.safety, row.limit.safety, row.debounceMilliseconds.safety, .safety)
    return reached
  }

  @inlinable
  mutating func lower<Real: CoreReal>(
    _ value: Real, by row: DiagnosisRow<Real>, milliseconds: UInt32, isEnabled: Bool
  ) {
    guard level != .within else { return }
    let held = isEnabled ? Self.held(value, by: row) : .within
    guard held < level else {
      insideMilliseconds = 0
      return
    }
    // As in the debounce, one reading alone never ends a level.
    let step = min(milliseconds, max(1, row.clearMilliseconds / 2 + row.clearMilliseconds % 2))
    insideMilliseconds = min(row.clearMilliseconds, insideMilliseconds &+ step)
    guard insideMilliseconds >= row.clearMilliseconds else { return }
    if level == .safety {
      switch row.clear {
      case .automatic: break
      case .requestOff: if !isAcknowledged { return }
      case .service: return
      }
    }
    level = held
    insideMilliseconds = 0
    if held < .safety { isAcknowledged = false }
    deadlineMilliseconds = .max
  }

  /// The highest level whose limit less hysteresis is still exceeded.
  @inlinable
  static func held<Real: CoreReal>(
    _ value: Real, by row: DiagnosisRow<Real>
  ) -> FaultLevel {
    let sign: Real = row.side == .upper ? 1 : -1
    let back = sign * value + row.hysteresis
    if back > sign * row.limit.safety { return .safety }
    if back > sign * row.limit.recommended { return .recommended }
    return back > sign * row.limit.operating ? .operating : .within
  }
}
