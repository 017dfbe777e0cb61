// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The contactor and precharge machine as an explicit table: state and event give state and fault.

/// What can happen to the contactor machine; one event a cycle.
public enum ContactorEvent: UInt8, Sendable, BitwiseCopyable {
  /// Nothing of note.
  case idle
  /// The vehicle or charger asks for the battery, and nothing forbids it.
  case askedToClose
  /// The vehicle asks for open contactors.
  case askedToOpen
  /// The vehicle asks for sleep.
  case askedToSleep
  /// The vehicle asks for anything but sleep.
  case awakened
  /// The switches read as commanded.
  case readBackAgrees
  /// The link has reached the string voltage.
  case linkCharged
  /// The precharge current is too high.
  case prechargeFailed
  /// The current is practically zero.
  case currentGone
  /// The state lasts longer than it may.
  case timeExpired
  /// Every contactor is proven open.
  case provenOpen
  /// A contactor is proven welded.
  case provenWelded
  /// A contactor opened by itself.
  case readBackLost
  /// The diagnosis asks for open contactors; the current is brought down first.
  case mustOpen
  /// Opened now: the current can be broken.
  case mustDisconnect
  /// Disconnected now: the current is above what the contactors break, the pyro fuse is fitted.
  case mustSever
  /// No fault asks for open contactors any more, and the request has been off.
  case released
  /// A service tool declared the contactors and the fuse repaired.
  case serviced

  /// Number of events.
  @inlinable
  public static var count: Int { 18 }
}

/// The contactor and precharge machine.
///
/// Pure: `handle` maps state and event to the next state and a fault to report; measurements and
/// timers stay in `ContactorSequencer`. The commanded contactors follow from the state alone, so
/// that a fault state cannot command one. The only memory besides the state is whether a fault is
/// pending while the contactors open.
public struct ContactorMachine: Sendable, BitwiseCopyable, Hashable {
  /// The state.
  public var state: ContactorState = .opened
  /// Whether the way to open ends in `faulted`.
  public var isFaultPending = false

  /// A machine in `opened`.
  @inlinable
  public init() {}

  /// A machine as kept over a loss of power: only latched states survive, all else starts opened.
  ///
  /// - Parameters:
  ///   - state: The stored state.
  ///   - isFaultPending: Whether a fault was pending.
  @inlinable
  public init(stored state: ContactorState, isFaultPending: Bool) {
    switch state {
    case .faulted, .welded, .severed: self.state = state
    default: self.state = isFaultPending ? .faulted : .opened
    }
    self.isFaultPending = isFaultPending
  }

  /// Contactors closed in this state; all others are open.
  @inlinable
  public var command: ContactorCommand { Self.command(in: state) }

  /// Contactors closed in a state.
  @inlinable
  public static func command(in state: ContactorState) -> ContactorCommand {
    switch state {
    case .closingNegative, .openingPositive: .negative
    case .precharging: .negative | .precharge
    case .closingPositive: .negative | .precharge | .positive
    case .closed, .unloading: .negative | .positive
    case .opened, .asleep, .openingNegative, .checkingWeld, .faulted, .welded, .severed:
      ContactorCommand()
    }
  }

  /// Takes one event.
  ///
  /// - Returns: What went wrong, for the diagnosis; empty else.
  @inlinable
  public mutating func handle(_ event: ContactorEvent) -> ContactorFault {
    switch state {
    case .opened: fromOpened(event)
    case .asleep: fromAsleep(event)
    case .closingNegative: fromClosingNegative(event)
    case .precharging: fromPrecharging(event)
    case .closingPositive: fromClosingPositive(event)
    case .closed: fromClosed(event)
    case .unloading: fromUnloading(event)
    case .openingPositive: fromOpeningPositive(event)
    case .openingNegative: fromOpeningNegative(event)
    case .checkingWeld: fromCheckingWeld(event)
    case .faulted: fromFaulted(event)
    case .welded: fromWelded(event)
    case .severed: fromSevered(event)
    }
  }

  @inlinable
  mutating func go(
    _ next: ContactorState, fault: ContactorFault = ContactorFault()
  ) -> ContactorFault {
    state = next
    if next == .opened { isFaultPending = false }
    return fault
  }

  /// Opens because of a fault.
  @inlinable
  mutating func fail(
    _ next: ContactorState, fault: ContactorFault = ContactorFault()
  ) -> ContactorFault {
    isFaultPending = true
    return go(next, fault: fault)
  }
}

extension ContactorMachine {
  @inlinable
  mutating func fromOpened(_ event: ContactorEvent) -> ContactorFault {
    switch event {
    case .askedToClose: go(.closingNegative)
    case .askedToSleep: go(.asleep)
    case .provenWelded: fail(.welded, fault: .weld)
    case .mustOpen, .mustDisconnect: fail(.faulted)
    case .mustSever: fail(.severed)
    default: ContactorFault()
    }
  }

  @inlinable
  mutating func fromAsleep(_ event: ContactorEvent) -> ContactorFault {
    switch event {
    case .awakened, .askedToClose, .askedToOpen: go(isFaultPending ? .faulted : .opened)
    case .provenWelded: fail(.welded, fault: .weld)
    case .mustOpen, .mustDisconnect: fail(.faulted)
    case .mustSever: fail(.severed)
    default: ContactorFault()
    }
  }

  @inlinable
  mutating func fromClosingNegative(_ event: ContactorEvent) -> ContactorFault {
    switch event {
    case .readBackAgrees: go(.precharging)
    case .askedToOpen, .askedToSleep: go(.openingNegative)
    case .timeExpired: fail(.openingNegative, fault: .noClose)
    case .provenWelded: fail(.welded, fault: .weld)
    case .mustOpen, .mustDisconnect: fail(.openingNegative)
    case .mustSever: fail(.severed)
    default: ContactorFault()
    }
  }

  @inlinable
  mutating func fromPrecharging(_ event: ContactorEvent) -> ContactorFault {
    switch event {
    case .linkCharged: go(.closingPositive)
    case .askedToOpen, .askedToSleep: go(.openingNegative)
    case .prechargeFailed: fail(.openingNegative, fault: .prechargeCurrent)
    case .timeExpired: fail(.openingNegative, fault: .prechargeVoltage)
    case .readBackLost: fail(.openingNegative, fault: .noClose)
    case .provenWelded: fail(.welded, fault: .weld)
    case .mustOpen, .mustDisconnect: fail(.openingNegative)
    case .mustSever: fail(.severed)
    default: ContactorFault()
    }
  }

  @inlinable
  mutating func fromClosingPositive(_ event: ContactorEvent) -> ContactorFault {
    switch event {
    case .readBackAgrees: go(.closed)
    case .askedToOpen, .askedToSleep: go(.unloading)
    case .timeExpired, .readBackLost: fail(.unloading, fault: .noClose)
    case .mustOpen: fail(.unloading)
    case .mustDisconnect: fail(.openingPositive)
    case .mustSever: fail(.severed)
    default: ContactorFault()
    }
  }

  @inlinable
  mutating func fromClosed(_ event: ContactorEvent) -> ContactorFault {
    switch event {
    case .askedToOpen, .askedToSleep: go(.unloading)
    case .readBackLost: fail(.unloading, fault: .noClose)
    case .mustOpen: fail(.unloading)
    case .mustDisconnect: fail(.openingPositive)
    case .mustSever: fail(.severed)
    default: ContactorFault()
    }
  }

  @inlinable
  mutating func fromUnloading(_ event: ContactorEvent) -> ContactorFault {
    switch event {
    case .currentGone: go(.openingPositive)
    case .askedToClose: isFaultPending ? ContactorFault() : go(.closed)
    case .mustOpen: fail(.unloading)
    case .timeExpired: go(.openingPositive)
    case .mustDisconnect: fail(.openingPositive)
    case .mustSever: fail(.severed)
    default: ContactorFault()
    }
  }

  @inlinable
  mutating func fromOpeningPositive(_ event: ContactorEvent) -> ContactorFault {
    switch event {
    case .readBackAgrees, .timeExpired: go(.openingNegative)
    case .mustOpen, .mustDisconnect: fail(.openingPositive)
    case .mustSever: fail(.severed)
    default: ContactorFault()
    }
  }

  @inlinable
  mutating func fromOpeningNegative(_ event: ContactorEvent) -> ContactorFault {
    switch event {
    case .readBackAgrees, .timeExpired: go(.checkingWeld)
    case .mustOpen, .mustDisconnect: fail(.openingNegative)
    case .mustSever: fail(.severed)
    default: ContactorFault()
    }
  }

  @inlinable
  mutating func fromCheckingWeld(_ event: ContactorEvent) -> ContactorFault {
    switch event {
    case .provenOpen: go(isFaultPending ? .faulted : .opened)
    case .provenWelded: fail(.welded, fault: .weld)
    case .timeExpired: fail(.faulted)
    case .mustOpen, .mustDisconnect: fail(.checkingWeld)
    case .mustSever: fail(.severed)
    default: ContactorFault()
    }
  }

  @inlinable
  mutating func fromFaulted(_ event: ContactorEvent) -> ContactorFault {
    switch event {
    case .released, .serviced: go(.opened)
    case .askedToSleep: fail(.asleep)
    case .provenWelded: fail(.welded, fault: .weld)
    case .mustSever: fail(.severed)
    default: ContactorFault()
    }
  }

  @inlinable
  mutating func fromWelded(_ event: ContactorEvent) -> ContactorFault {
    switch event {
    case .serviced: go(.opened)
    case .mustSever: fail(.severed, fault: .weld)
    default: .weld
    }
  }

  @inlinable
  mutating func fromSevered(_ event: ContactorEvent) -> ContactorFault {
    event == .serviced ? go(.opened) : ContactorFault()
  }
}
