// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Capacity from the end of a charge, calibrated on full cycles of the same cell.

/// Capacity from the charge taken between a voltage and full, calibrated on known capacities.
///
/// Vehicles are seldom emptied, but often charged to full. The charge from a fixed voltage to the end
/// of the charge is a nearly constant share of the capacity while the cell ages, and the share is
/// learnt from cycles whose capacity is known. A charge that enters the window late, or whose result
/// differs from the last by more than a cell can lose in one cycle, is set aside and counted.
public struct PartialChargeCapacity<Real: CoreReal>: Sendable {
  /// Voltage at which the window opens, in volts.
  public let windowVoltage: Real
  /// Present estimate, in coulombs; 0 before calibration.
  public var capacity: Real = 0
  /// Capacity over charge of the window, learnt.
  public var ratio: Real = 0
  /// Standard deviation of one estimate as a share, from the scatter of the calibration.
  public var relativeDeviation: Real = 0
  /// Calibrations used.
  public var calibrations: UInt32 = 0
  /// Charges set aside.
  public var setAside: UInt32 = 0
  /// Charge of the last complete window, in coulombs; 0 before any.
  public var windowCharge: Real = 0
  @usableFromInline var moved: Real = 0
  @usableFromInline var isCharging = false
  @usableFromInline var isOpen = false

  /// Largest believable loss from one charge to the next, as a share; a charge that enters the window
  /// late looks like more.
  @inlinable
  static var greatestLoss: Real { 0.08 }
  /// Largest believable gain, as a share: cells recover several per cent over long rests.
  @inlinable
  static var greatestGain: Real { 0.15 }

  /// A window that opens at a voltage.
  @inlinable
  public init(windowVoltage: Real) { self.windowVoltage = windowVoltage }

  /// Adds a sample of a charge.
  ///
  /// - Parameters:
  ///   - current: In amperes, discharge positive.
  ///   - voltage: Of the cell, in volts.
  ///   - interval: Since the sample before, in seconds.
  ///   - threshold: Current from which it counts as charging, in amperes, positive.
  @inlinable
  public mutating func add(current: Real, voltage: Real, interval: Real, threshold: Real) {
    guard current.isFinite, voltage.isFinite else { return }
    let dt = interval.finite(or: 0).clamped(0, 3_600)
    if current <= -threshold {
      if !isCharging {
        isCharging = true
        isOpen = false
        moved = 0
      }
      if isOpen { moved -= current * dt } else if voltage >= windowVoltage { isOpen = true }
    } else if isCharging, isOpen, current <= 0 {
      moved -= current * dt  // the tail below the threshold belongs to it
    } else if current > threshold {
      isCharging = false
    }
  }

  /// Ends a charge that reached full: the window's charge becomes an estimate.
  ///
  /// - Returns: The estimate in coulombs; nil before calibration or where the charge is set aside.
  @discardableResult
  @inlinable
  public mutating func finish() -> Real? {
    let charge = isOpen ? moved : 0
    isCharging = false
    isOpen = false
    moved = 0
    guard charge > 0 else { return nil }
    windowCharge = charge
    guard calibrations > 0 else { return nil }
    let found = charge * ratio
    let change = capacity > 0 ? found / capacity - 1 : 0
    if change < -Self.greatestLoss || change > Self.greatestGain {
      setAside = setAside == .max ? setAside : setAside + 1
      return nil
    }
    capacity = found
    return found
  }

  /// Learns the share from a capacity measured right after the last charge.
  ///
  /// - Parameter known: Capacity in coulombs.
  @inlinable
  public mutating func calibrate(known: Real) {
    guard known > 0, known.isFinite, windowCharge > 0 else { return }
    let found = known / windowCharge
    if calibrations >= 3, (found / ratio - 1).magnitude > Self.greatestLoss { return }
    calibrations = calibrations == .max ? calibrations : calibrations + 1
    // A mean of the first five, then one with a memory of five: the share drifts with age.
    let share = max(0.2, 1 / Real(calibrations))
    let off = ratio > 0 ? found / ratio - 1 : 0
    ratio += share * (found - ratio)
    let square = relativeDeviation * relativeDeviation
    relativeDeviation = (square + share * (off * off - square)).squareRoot().finite(or: 0.1)
    capacity = known
  }
}
