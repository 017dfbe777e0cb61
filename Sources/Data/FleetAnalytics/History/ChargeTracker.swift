// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Charge sessions and what partial charges and drives say about capacity.

/// Charge sessions, and what partial charges and drives say about capacity.
///
/// A row belongs to a session if the vehicle says so, or if it stands (or does not tell its
/// speed) and takes current. Braking returns current too, but at speed and for seconds, so only
/// what lasts counts when speed is unknown.
struct ChargeTracker: Codable, Hashable, Sendable {
  /// Highest magnitude of current, in amperes, that is still no charging: sensor offset.
  static let chargeCurrent = -1.0
  /// Highest speed of a standing vehicle, in metres a second: 1 km/h, one step of the signal.
  static let standing = 0.28
  /// Shortest session, in seconds; braking lasts less.
  static let shortestSession = 180.0
  /// Most sessions kept.
  static let sessionLimit = 400
  /// Smallest change of state of charge a capacity is taken from: at 1 % resolution the error of
  /// both ends stays below 10 %.
  static let capacityWindow = 0.10

  private struct Open: Codable, Hashable, Sendable {
    var session: ChargeSession
    var covered = 0.0
    var isReported = false
    var lastTime: Double
  }

  private(set) var sessions: [ChargeSession] = []
  private var open: Open?
  /// Capacities that discharges imply, in coulombs; a thinned sample.
  private(set) var dischargeCapacities = RowReservoir(width: 1, limit: 64)
  private var anchor: Anchor?

  private struct Anchor: Codable, Hashable, Sendable {
    var charge = 0.0
    var stateOfCharge: Double
  }

  mutating func add(_ row: RowContext, packVoltage: Double, cells: CellRow, hottest: Double?) {
    countDischarge(row)
    guard isCharging(row) else {
      close()
      return
    }
    if let present = open, row.time - present.lastTime > 900 { close() }
    var present =
      open
      ?? Open(
        session: ChargeSession(span: TimeSpan(start: row.time, end: row.time)), lastTime: row.time)
    if open == nil { present.session.startStateOfCharge = row.stateOfCharge }
    present.isReported = present.isReported || row.chargeState == 1
    if let interval = row.interval, open != nil, row.isContinuous, let now = row.current,
      let before = row.previousCurrent
    {
      let charge = -(now + before) / 2 * interval
      present.session.charge += charge
      present.covered += interval
      if packVoltage.isFinite {
        present.session.energy = (present.session.energy ?? 0) + charge * packVoltage
      }
    }
    if present.session.startStateOfCharge == nil {
      present.session.startStateOfCharge = row.stateOfCharge
    }
    present.session.endStateOfCharge = row.stateOfCharge ?? present.session.endStateOfCharge
    if cells.maximum.isFinite { present.session.endCellVoltageMaximum = cells.maximum }
    if let hottest {
      present.session.temperatureMaximum = max(
        present.session.temperatureMaximum ?? hottest, hottest)
    }
    present.session.span.end = row.time
    present.lastTime = row.time
    open = present
  }

  private func isCharging(_ row: RowContext) -> Bool {
    if row.chargeState == 1 { return true }
    guard let current = row.current, current <= Self.chargeCurrent else { return false }
    if let speed = row.speed { return speed <= Self.standing }
    return true
  }

  private mutating func close() {
    guard let present = open else { return }
    open = nil
    if let finished = Self.finish(present) { sessions.append(finished) }
    if sessions.count > Self.sessionLimit {
      // The shortest session says least; the newest of equals goes.
      let shortest = sessions.indices.min {
        (sessions[$0].charge, -$0) < (sessions[$1].charge, -$1)
      }
      if let shortest { sessions.remove(at: shortest) }
    }
  }

  private static func finish(_ open: Open) -> ChargeSession? {
    var session = open.session
    guard session.span.duration >= shortestSession, session.charge > 0, open.covered > 0
    else { return nil }
    session.isInferred = !open.isReported
    session.coverage = min(1, open.covered / session.span.duration)
    session.meanCurrent = session.charge / open.covered
    if let start = session.startStateOfCharge, let end = session.endStateOfCharge,
      end - start >= capacityWindow - 1e-9, session.coverage >= 0.9
    {
      session.capacity = session.charge / session.coverage / (end - start)
    }
    return session
  }

  /// All sessions, with the one that still goes on.
  var allSessions: [ChargeSession] {
    sessions + [open.flatMap(Self.finish)].compactMap { $0 }
  }

  /// Integrates unbroken runs of discharge over at least the capacity window.
  private mutating func countDischarge(_ row: RowContext) {
    guard let charge = row.stateOfCharge, let current = row.current else {
      anchor = nil
      return
    }
    guard row.isContinuous, let before = row.previousCurrent, let interval = row.interval,
      var present = anchor
    else {
      anchor = Anchor(stateOfCharge: charge)
      return
    }
    present.charge += (current + before) / 2 * interval
    let drop = present.stateOfCharge - charge
    if drop < -0.02 {
      anchor = Anchor(stateOfCharge: charge)
      return
    }
    if drop >= Self.capacityWindow {
      let capacity = present.charge / drop
      if capacity > 0 { dischargeCapacities.offer([capacity], from: 0, minus: 0) }
      anchor = Anchor(stateOfCharge: charge)
      return
    }
    anchor = present
  }
}
