// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Turns measurements, requests and reactions into the events of the contactor machine.

/// What the sequencer sees of one cycle.
@usableFromInline
struct ContactorInputs<Real: CoreReal> {
  /// Magnitude of the current, in amperes; NaN where it is not usable.
  @usableFromInline var current: Real
  /// String and link voltage, in volts; NaN where not usable.
  @usableFromInline var packVoltage: Real
  /// Link voltage, in volts; NaN where not usable.
  @usableFromInline var linkVoltage: Real
  /// Read back from the switches.
  @usableFromInline var feedback: SwitchFeedback
  /// What is asked for.
  @usableFromInline var request: Request
  /// Union of the reactions.
  @usableFromInline var reaction: Reaction
  /// When contactors must be open, in milliseconds of uptime.
  @usableFromInline var deadline: UInt64
  /// Now, in milliseconds of uptime.
  @usableFromInline var uptime: UInt64
  /// Duration of the cycle, in milliseconds.
  @usableFromInline var milliseconds: UInt32

  @inlinable
  init(
    current: Real, packVoltage: Real, linkVoltage: Real, feedback: SwitchFeedback, request: Request,
    reaction: Reaction, deadline: UInt64, uptime: UInt64, milliseconds: UInt32
  ) {
    self.current = current
    self.packVoltage = packVoltage
    self.linkVoltage = linkVoltage
    self.feedback = feedback
    self.request = request
    self.reaction = reaction
    self.deadline = deadline
    self.uptime = uptime
    self.milliseconds = milliseconds
  }
}

/// Timers and evidence around the contactor machine.
///
/// Opening: while driving the vehicle is warned and limited until shortly before the deadline; then,
/// and at standstill at once, the current is brought to zero, for a bounded time. If it does not come
/// down, contactors open under load as far as they can break it; above that only the pyro fuse acts,
/// and where none is fitted contactors stay closed until the melting fuse has cleared.
public struct ContactorSequencer<Real: CoreReal>: Sendable, BitwiseCopyable {
  /// The machine.
  public var machine = ContactorMachine()
  @usableFromInline var inState: UInt32 = 0
  @usableFromInline var quiet: UInt32 = 0
  @usableFromInline var contradiction: UInt32 = 0
  @usableFromInline var flowing: UInt32 = 0
  @usableFromInline var overcurrent: UInt32 = 0
  @usableFromInline var wasOff = false
  @usableFromInline var entryLink: Real = .nan
  @usableFromInline var entryPack: Real = .nan

  /// A machine in `opened`.
  @inlinable
  public init() {}

  /// Advances by one cycle.
  ///
  /// - Returns: What the machine found wrong.
  @inlinable
  mutating func step(
    _ inputs: ContactorInputs<Real>, facts: PackFacts<Real>, settings: ContactorSettings<Real>
  ) -> ContactorFault {
    measure(inputs, settings)
    let before = machine.state
    let event = nextEvent(inputs, facts, settings)
    let fault = machine.handle(event)
    if machine.state != before {
      wasOff = false
      inState = 0
      quiet = 0
      contradiction = 0
      flowing = 0
      overcurrent = 0
      entryLink = inputs.linkVoltage
      entryPack = inputs.packVoltage
    }
    return fault
  }

  /// A service tool declared contactors and fuse repaired.
  @inlinable
  mutating func service() { _ = machine.handle(.serviced) }

  @inlinable
  mutating func measure(
    _ inputs: ContactorInputs<Real>, _ settings: ContactorSettings<Real>
  ) {
    func count(_ counter: inout UInt32, _ holds: Bool) {
      counter = holds ? min(counter &+ min(inputs.milliseconds, 1 << 30), 1 << 30) : 0
    }
    count(&inState, true)
    count(&quiet, inputs.current <= settings.zeroCurrent)
    count(&flowing, inputs.current > settings.zeroCurrent)
    count(&contradiction, !agrees(inputs.feedback, with: machine.command))
    if entryLink.isNaN { entryLink = inputs.linkVoltage }
    if entryPack.isNaN { entryPack = inputs.packVoltage }
  }

  @inlinable
  func agrees(_ feedback: SwitchFeedback, with command: ContactorCommand) -> Bool {
    feedback.contains(.negativeClosed) == command.contains(.negative)
      && feedback.contains(.positiveClosed) == command.contains(.positive)
      && feedback.contains(.prechargeClosed) == command.contains(.precharge)
  }

  @inlinable
  mutating func nextEvent(
    _ inputs: ContactorInputs<Real>, _ facts: PackFacts<Real>, _ settings: ContactorSettings<Real>
  ) -> ContactorEvent {
    let wantsBattery =
      inputs.request == .standby || inputs.request == .drive || inputs.request == .charge
    switch machine.state {
    case .opened: return openedEvent(inputs, settings, wantsBattery)
    case .asleep:
      if isWelded(settings) { return .provenWelded }
      if mustLeave(inputs, settings) { return .mustOpen }
      return inputs.request == .sleep ? .idle : .awakened
    case .closingNegative: return closingNegativeEvent(inputs, settings, wantsBattery)
    case .precharging: return prechargingEvent(inputs, facts, settings, wantsBattery)
    case .closingPositive: return closingPositiveEvent(inputs, settings, wantsBattery)
    case .closed: return closedEvent(inputs, settings, wantsBattery)
    case .unloading: return unloadingEvent(inputs, settings, wantsBattery)
    case .openingPositive, .openingNegative: return openingEvent(inputs, settings)
    case .checkingWeld: return weldEvent(inputs, settings)
    case .faulted: return faultedEvent(inputs, settings)
    case .welded: return weldedEvent(inputs, settings)
    case .severed: return .idle
    }
  }

  /// Whether the reactions ask for open contactors now.
  @inlinable
  func mustLeave(
    _ inputs: ContactorInputs<Real>, _ settings: ContactorSettings<Real>
  ) -> Bool {
    if inputs.reaction.contains(.disconnect) { return true }
    if inputs.reaction.contains(.openAtStandstill), inputs.request != .drive { return true }
    guard inputs.reaction.contains(.open) else { return false }
    guard inputs.request == .drive else { return true }
    let needed = UInt64(settings.unloadMilliseconds) + reserve(inputs, settings)
    return inputs.uptime &+ needed >= inputs.deadline
  }

  /// Time kept free before a deadline: the contactor parts, and one cycle may pass.
  @inlinable
  func reserve(
    _ inputs: ContactorInputs<Real>, _ settings: ContactorSettings<Real>
  ) -> UInt64 {
    UInt64(settings.partMilliseconds) + 2 * UInt64(inputs.milliseconds)
  }

  /// Opens under load as far as the contactors can break it.
  @inlinable
  func force(
    _ inputs: ContactorInputs<Real>, _ settings: ContactorSettings<Real>
  ) -> ContactorEvent {
    guard inputs.current > settings.breakingCurrent else { return .mustDisconnect }
    return settings.hasPyroFuse ? .mustSever : .idle
  }

  /// Whether a contactor reads closed, or current flows, although all are commanded open.
  @inlinable
  func isWelded(_ settings: ContactorSettings<Real>) -> Bool {
    contradiction > settings.switchMilliseconds + settings.debounceMilliseconds
      || flowing > settings.switchMilliseconds + settings.debounceMilliseconds
  }

  @inlinable
  func openedEvent(
    _ inputs: ContactorInputs<Real>, _ settings: ContactorSettings<Real>, _ wantsBattery: Bool
  ) -> ContactorEvent {
    if isWelded(settings) { return .provenWelded }
    if !inputs.reaction.isDisjoint(with: .disconnect | .open | .openAtStandstill) {
      return .mustOpen
    }
    if inputs.request == .sleep { return .askedToSleep }
    let isKnown = inputs.packVoltage > 0 && inputs.linkVoltage.isFinite && inputs.current.isFinite
    let isAllowed = !inputs.reaction.contains(.blockClosing) && isKnown && contradiction == 0
    return wantsBattery && isAllowed ? .askedToClose : .idle
  }

  @inlinable
  func closingNegativeEvent(
    _ inputs: ContactorInputs<Real>, _ settings: ContactorSettings<Real>, _ wantsBattery: Bool
  ) -> ContactorEvent {
    if mustLeave(inputs, settings) { return .mustOpen }
    // With the negative alone the link cannot rise, unless the positive or precharge is welded. A
    // link that is still charged from before does not rise and is no weld.
    if inputs.linkVoltage - entryLink > 0.3 * inputs.packVoltage { return .provenWelded }
    if !wantsBattery { return .askedToOpen }
    if inState > settings.switchMilliseconds { return .timeExpired }
    let agreesNow = agrees(inputs.feedback, with: machine.command)
    return agreesNow && inState >= settings.debounceMilliseconds ? .readBackAgrees : .idle
  }

  @inlinable
  mutating func prechargingEvent(
    _ inputs: ContactorInputs<Real>, _ facts: PackFacts<Real>, _ settings: ContactorSettings<Real>,
    _ wantsBattery: Bool
  ) -> ContactorEvent {
    if mustLeave(inputs, settings) { return .mustOpen }
    let greatest =
      settings.prechargeCurrentFactor * inputs.packVoltage / max(facts.prechargeResistance, 1e-3)
      + settings.zeroCurrent
    overcurrent = inputs.current > greatest ? overcurrent &+ 1 : 0
    if overcurrent >= 2 { return .prechargeFailed }
    if !wantsBattery { return .askedToOpen }
    if contradiction > settings.switchMilliseconds + settings.debounceMilliseconds {
      return .readBackLost
    }
    let isCharged = inputs.linkVoltage >= settings.prechargeRatio * inputs.packVoltage
    // The link may have been charged before: the precharge contactor must still prove itself.
    if isCharged, contradiction == 0, inState >= settings.debounceMilliseconds {
      return .linkCharged
    }
    return inState > settings.prechargeMilliseconds ? .timeExpired : .idle
  }

  @inlinable
  func closingPositiveEvent(
    _ inputs: ContactorInputs<Real>, _ settings: ContactorSettings<Real>, _ wantsBattery: Bool
  ) -> ContactorEvent {
    if inputs.reaction.contains(.disconnect) { return force(inputs, settings) }
    if mustLeave(inputs, settings) { return .mustOpen }
    if !wantsBattery { return .askedToOpen }
    if inState > settings.switchMilliseconds { return .timeExpired }
    return inputs.feedback.contains(.positiveClosed) ? .readBackAgrees : .idle
  }

  @inlinable
  func closedEvent(
    _ inputs: ContactorInputs<Real>, _ settings: ContactorSettings<Real>, _ wantsBattery: Bool
  ) -> ContactorEvent {
    if inputs.reaction.contains(.disconnect) { return force(inputs, settings) }
    if mustLeave(inputs, settings) { return .mustOpen }
    let mains = SwitchFeedback.positiveClosed | .negativeClosed
    if !inputs.feedback.contains(mains), contradiction > settings.debounceMilliseconds {
      return .readBackLost
    }
    return wantsBattery ? .idle : .askedToOpen
  }

  @inlinable
  func unloadingEvent(
    _ inputs: ContactorInputs<Real>, _ settings: ContactorSettings<Real>, _ wantsBattery: Bool
  ) -> ContactorEvent {
    if inputs.reaction.contains(.disconnect) { return force(inputs, settings) }
    if quiet >= min(settings.debounceMilliseconds, 2 * max(inputs.milliseconds, 1)), quiet > 0 {
      return .currentGone
    }
    let isLate =
      inputs.reaction.contains(.open)
      && inputs.uptime &+ reserve(inputs, settings) >= inputs.deadline
    if inState >= settings.unloadMilliseconds || isLate {
      // At the request alone nothing hurries, but it ends all the same.
      let forced = force(inputs, settings)
      guard forced == .mustDisconnect, !machine.isFaultPending else { return forced }
      return mustLeave(inputs, settings) ? .mustDisconnect : .timeExpired
    }
    if mustLeave(inputs, settings) { return .mustOpen }
    return wantsBattery ? .askedToClose : .idle
  }

  @inlinable
  func openingEvent(
    _ inputs: ContactorInputs<Real>, _ settings: ContactorSettings<Real>
  ) -> ContactorEvent {
    if inState > settings.switchMilliseconds { return .timeExpired }
    let done = agrees(inputs.feedback, with: machine.command)
    if done, inState >= settings.partMilliseconds { return .readBackAgrees }
    return mustLeave(inputs, settings) ? .mustOpen : .idle
  }

  /// Tells a weld from a link that is merely still charged.
  ///
  /// Proof of a weld: a read-back that stays closed, current that still flows, or a link that moves
  /// with the string. A link that keeps its voltage while the string does not move proves nothing.
  @inlinable
  func weldEvent(
    _ inputs: ContactorInputs<Real>, _ settings: ContactorSettings<Real>
  ) -> ContactorEvent {
    if isWelded(settings) { return .provenWelded }
    let moved = inputs.packVoltage - entryPack
    let followed = inputs.linkVoltage - entryLink
    let moves = moved.magnitude > 0.01 * inputs.packVoltage
    let follows = (followed - moved).magnitude < 0.2 * moved.magnitude
    let ties = (inputs.linkVoltage - inputs.packVoltage).magnitude < 0.005 * inputs.packVoltage
    if moves, follows, ties, inState > settings.debounceMilliseconds { return .provenWelded }
    // Both must have been seen open for longer than a weld needs to show.
    let evident = settings.switchMilliseconds + 2 * settings.debounceMilliseconds
    if contradiction == 0, flowing == 0, inState > evident {
      let decays = inputs.linkVoltage < 0.9 * entryPack
      if decays || inState >= settings.weldMilliseconds { return .provenOpen }
    }
    return inState > settings.weldMilliseconds &* 2 ? .timeExpired : .idle
  }

  /// A fault is left once nothing asks for open contactors and the request has been off since; a
  /// charge may then follow at once, as it is what ends an under-voltage.
  @inlinable
  mutating func faultedEvent(
    _ inputs: ContactorInputs<Real>, _ settings: ContactorSettings<Real>
  ) -> ContactorEvent {
    if isWelded(settings) { return .provenWelded }
    let asks = !inputs.reaction.isDisjoint(with: .disconnect | .open | .openAtStandstill)
    if inputs.request == .off || inputs.request == .sleep { wasOff = true }
    if !asks, wasOff { return .released }
    return inputs.request == .sleep ? .askedToSleep : .idle
  }

  /// A weld that carries current while a fault asks for open contactors is left to the pyro fuse.
  @inlinable
  func weldedEvent(
    _ inputs: ContactorInputs<Real>, _ settings: ContactorSettings<Real>
  ) -> ContactorEvent {
    guard settings.hasPyroFuse, flowing > settings.debounceMilliseconds else { return .idle }
    if inputs.reaction.contains(.disconnect) { return .mustSever }
    let isLate =
      inputs.reaction.contains(.open)
      && inputs.uptime &+ reserve(inputs, settings) >= inputs.deadline
    return isLate ? .mustSever : .idle
  }
}
