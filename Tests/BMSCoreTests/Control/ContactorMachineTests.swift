// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Every state of the contactor machine with every event, and all reachable states.

import BMSCore
import Testing

@Suite("Contactor machine")
struct ContactorMachineTests {
  /// Every machine that any sequence of events can reach, with one way to it.
  static let reachable: [ContactorMachine: [ContactorEvent]] = {
    var ways: [ContactorMachine: [ContactorEvent]] = [ContactorMachine(): []]
    var queue = [ContactorMachine()]
    while let machine = queue.popLast() {
      for event in ContactorEvent.all {
        var next = machine
        _ = next.handle(event)
        if ways[next] == nil {
          ways[next] = (ways[machine] ?? []) + [event]
          queue.append(next)
        }
      }
    }
    return ways
  }()

  @Test("Every state is reachable, and there are no more than states times the pending fault")
  func reach() {
    #expect(ContactorState.all.count == 13)
    #expect(ContactorEvent.all.count == ContactorEvent.count)
    #expect(Set(Self.reachable.keys.map(\.state)) == Set(ContactorState.all))
    #expect(Self.reachable.count <= 26)
  }

  @Test("No contactor is commanded closed in a latched fault, asleep, or proven open")
  func never() {
    for machine in Self.reachable.keys {
      switch machine.state {
      case .opened, .asleep, .checkingWeld, .faulted, .welded, .severed, .openingNegative:
        #expect(machine.command.isEmpty)
      default: #expect(!machine.command.isEmpty)
      }
    }
  }

  @Test("With a fault pending no event adds a contactor to those commanded closed")
  func noEngagement() {
    for machine in Self.reachable.keys where machine.isFaultPending {
      for event in ContactorEvent.all where event != .released && event != .serviced {
        var next = machine
        _ = next.handle(event)
        #expect(next.command.isSubset(of: machine.command), "\(machine) \(event)")
        #expect(next.isFaultPending, "\(machine) \(event)")
      }
    }
  }

  @Test("Precharge is commanded only on the way to closed and never from a state after it")
  func precharge() {
    for machine in Self.reachable.keys {
      for event in ContactorEvent.all {
        var next = machine
        _ = next.handle(event)
        if next.command.contains(.precharge), !machine.command.contains(.precharge) {
          #expect(machine.state == .closingNegative && event == .readBackAgrees)
        }
        if next.command.contains(.positive), !machine.command.contains(.positive) {
          #expect(machine.state == .precharging && event == .linkCharged)
        }
      }
    }
  }

  @Test("From every state a command to open leads to no closed contactor within four events")
  func opens() {
    for machine in Self.reachable.keys {
      var next = machine
      var steps = 0
      for event in [ContactorEvent.mustDisconnect, .timeExpired, .timeExpired, .timeExpired] {
        if next.command.isEmpty { break }
        _ = next.handle(event)
        steps += 1
      }
      #expect(next.command.isEmpty, "\(machine)")
      #expect(steps <= 4)
    }
  }

  @Test(
    "Main contactors part only after the current is gone, the time is over or at once on demand")
  func parting() {
    for machine in Self.reachable.keys where machine.command.contains(.positive) {
      for event in ContactorEvent.all {
        var next = machine
        _ = next.handle(event)
        guard !next.command.contains(.positive) else { continue }
        #expect(
          [.currentGone, .timeExpired, .mustDisconnect, .mustSever].contains(event),
          "\(machine) \(event)")
      }
    }
  }

  @Test("Welded ends only by service or the pyro fuse, severed only by service")
  func latched() {
    for machine in Self.reachable.keys where machine.state == .welded || machine.state == .severed {
      for event in ContactorEvent.all {
        var next = machine
        _ = next.handle(event)
        switch (machine.state, event) {
        case (_, .serviced): #expect(next.state == .opened)
        case (.welded, .mustSever): #expect(next.state == .severed)
        default: #expect(next.state == machine.state)
        }
      }
    }
  }

  @Test("A fault leaves only by release while the request is off, or by service")
  func release() {
    for machine in Self.reachable.keys where machine.state == .faulted {
      for event in ContactorEvent.all {
        var next = machine
        _ = next.handle(event)
        if next.state == .opened { #expect(event == .released || event == .serviced) }
      }
    }
  }

  @Test("After a loss of power latched states stay, all others start open")
  func stored() {
    for state in ContactorState.all {
      for pending in [false, true] {
        let machine = ContactorMachine(stored: state, isFaultPending: pending)
        #expect(machine.command.isEmpty)
        switch state {
        case .faulted, .welded, .severed: #expect(machine.state == state)
        default: #expect(machine.state == (pending ? .faulted : .opened))
        }
      }
    }
  }
}
