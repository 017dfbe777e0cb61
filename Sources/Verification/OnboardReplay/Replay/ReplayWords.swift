// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Words for codes of the core.

import BMSCore
import OnboardConfiguration

extension Reaction {
  /// The reactions in words, in the order of the bits.
  var words: [String] {
    let all: [(Reaction, String)] = [
      (.record, "record"), (.warn, "warn"), (.derateCharge, "derate charge"),
      (.derateDischarge, "derate discharge"), (.stopCharge, "stop charge"),
      (.stopDischarge, "stop discharge"), (.cool, "cool"), (.heaterOff, "heater off"),
      (.balancingOff, "balancing off"), (.isolate, "isolate"), (.blockClosing, "block closing"),
      (.openAtStandstill, "open at standstill"), (.open, "open"), (.disconnect, "disconnect"),
    ]
    return all.filter { contains($0.0) }.map(\.1)
  }
}

extension ResetCause {
  /// The cause in words.
  var words: String {
    switch self {
    case .start: "start"
    case .restored: "restored"
    case .restVoltage: "rest voltage"
    case .fullCharge: "full charge"
    case .fullDischarge: "full discharge"
    case .bound: "count left 0 to 100 %"
    case .divergence: "voltages contradict the filter"
    }
  }
}

extension SafeStateReason {
  /// The reasons in words.
  var words: String {
    let all: [(SafeStateReason, String)] = [
      (.noConfiguration, "no configuration"), (.inputNotTrusted, "input not trusted"),
      (.clockStopped, "clock stopped"), (.estimationSilent, "estimation silent"),
      (.controlSilent, "control silent"), (.commandNotFinite, "command not finite"),
    ]
    return all.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
  }
}

extension ReplayDecision.Kind {
  /// The kind in words.
  var words: String {
    switch self {
    case .trip: "trip"
    case .opening: "opening"
    case .correction: "correction"
    case .safeState: "safe state"
    }
  }
}
