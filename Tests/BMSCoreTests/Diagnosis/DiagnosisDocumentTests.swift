// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The page about the diagnosis table is made from the table and kept up to date.

import BMSCore
import Foundation
import TestSupport
import Testing

@Suite("Page of the onboard diagnosis")
struct DiagnosisDocumentTests {
  @Test("Docs/safety/onboard-diagnosis.md is what the table says (ANODYNE_WRITE_DOCS=1 writes it)")
  func upToDate() throws {
    let file = Datasets.repositoryRoot.appending(path: "Docs/safety/onboard-diagnosis.md")
    let page = DiagnosisDocument.page()
    if ProcessInfo.processInfo.environment["ANODYNE_WRITE_DOCS"] == "1" {
      try page.write(to: file, atomically: true, encoding: .utf8)
    }
    let stored = try String(contentsOf: file, encoding: .utf8)
    #expect(stored == page, "run this test with ANODYNE_WRITE_DOCS=1 and look at the difference")
  }
}

/// Writes the page.
enum DiagnosisDocument {
  static func page() -> String {
    let table = DiagnosisConfiguration<Double>(version: 0, cells: 96)
    var page = """
      # Onboard diagnosis

      Made from the table in `BMSCore` by `DiagnosisDocumentTests`; do not edit. The numbers are the
      defaults for 96 cells with the limits of a fresh `SafetyLimits`; a configuration replaces them
      with those of the chemistry and the pack. **This software is not a certified safety function.**

      Each fault goes from its indicator through a debounce to one of three levels (MOL: record,
      RSL: warn and derate, MSL: trip), and from there to a reaction with a deadline. The
      fault-tolerant time interval (FTTI) is the time to detect plus the time to react; while driving
      the grace is added, during which the driver is warned and the torque limited. What opens at
      standstill opens within the time to react once the vehicle stands. Every row is tested to fire,
      to stay silent at its limit, to clear as stated (`DiagnosisRowTests`), and to be detected and
      answered in time from a physical cause (`FaultInjectionTests`, one case per fault class).

      ## Hazard, goal, interval

      | hazard | safety goal | row | detect s | react s | grace s | test |
      |---|---|---|---|---|---|---|

      """
    for fault in FaultClass.all {
      let row = table[fault]
      let (hazard, goal) = hazard(fault)
      page +=
        "| \(hazard) | \(goal) | `\(fault)` | \(seconds(row.detectMilliseconds)) "
        + "| \(seconds(row.reactMilliseconds)) | \(seconds(row.driveGraceMilliseconds)) "
        + "| `FaultInjectionTests` (\(fault)) |\n"
    }
    page += """

      ## Rows

      Limits in the unit stated; — where a level does not exist. Debounce as MOL / RSL / MSL.

      | row | unit | beyond | MOL | RSL | MSL | hysteresis | debounce | clears | judged | RSL reaction | MSL reaction |
      |---|---|---|---|---|---|---|---|---|---|---|---|

      """
    for fault in FaultClass.all { page += line(table[fault]) }
    page += machine()
    return page
  }

  static func line(_ row: DiagnosisRow<Double>) -> String {
    let limits = [row.limit.operating, row.limit.recommended, row.limit.safety]
      .map { $0.isNaN ? "—" : number($0) }
    let debounce = [
      row.debounceMilliseconds.operating, row.debounceMilliseconds.recommended,
      row.debounceMilliseconds.safety,
    ]
    let times = debounce.map { row.countsCycles ? "\($0)" : seconds($0) }
      .joined(separator: " / ")
    let clears: String
    switch row.clear {
    case .automatic: clears = "by itself after \(seconds(row.clearMilliseconds)) s"
    case .requestOff: clears = "MSL after request off"
    case .service: clears = "MSL by service"
    }
    return "| `\(row.fault)` | \(unit(row.fault)) | \(row.side == .upper ? "above" : "below") "
      + "| \(limits.joined(separator: " | ")) | \(number(row.hysteresis)) "
      + "| \(times) \(row.countsCycles ? "cycles" : "s") | \(clears) | \(names(row.enable)) "
      + "| \(names(row.reaction.recommended)) | \(names(row.reaction.safety)) |\n"
  }

  /// The contactor machine as a table of states and events.
  static func machine() -> String {
    var page = """

      ## Contactor machine

      Next state for every state and event, without and with a fault pending where they differ; an
      empty field keeps the state. Checked over all reachable states by `ContactorMachineTests`.

      | state | closed |
      """
    for event in ContactorEvent.all { page += " \(event) |" }
    page += "\n|---|---|" + String(repeating: "---|", count: ContactorEvent.count) + "\n"
    for state in ContactorState.all {
      let machines = ContactorMachineTests.reachable.keys.filter { $0.state == state }
        .sorted { !$0.isFaultPending && $1.isFaultPending }
      page += "| \(state) | \(names(ContactorMachine.command(in: state))) |"
      for event in ContactorEvent.all {
        let next = machines.map { machine in
          var machine = machine
          _ = machine.handle(event)
          return machine.state == state ? "" : "\(machine.state)"
        }
        let distinct = next.allSatisfy { $0 == next.first } ? Array(next.prefix(1)) : next
        page += " \(distinct.joined(separator: " / ")) |"
      }
      page += "\n"
    }
    return page
  }

  static func seconds(_ milliseconds: UInt32) -> String { number(Double(milliseconds) / 1000) }

  static func number(_ value: Double) -> String {
    let text = String(format: "%.4f", value)
    let trimmed = text.reversed().drop { $0 == "0" }.reversed()
    return trimmed.last == "." ? String(trimmed.dropLast()) : String(trimmed)
  }

  static func names(_ reaction: Reaction) -> String {
    let all: [(Reaction, String)] = [
      (.warn, "warn"), (.derateCharge, "derate charge"), (.derateDischarge, "derate discharge"),
      (.stopCharge, "stop charge"), (.stopDischarge, "stop discharge"), (.cool, "cool"),
      (.heaterOff, "heater off"), (.balancingOff, "balancing off"), (.isolate, "isolate"),
      (.blockClosing, "do not close"), (.openAtStandstill, "open at standstill"), (.open, "open"),
      (.disconnect, "disconnect at once"),
    ]
    return all.filter { reaction.contains($0.0) }.map(\.1).joined(separator: ", ")
  }

  static func names(_ enable: EnableCondition) -> String {
    let all: [(EnableCondition, String)] = [
      (.charging, "charging"), (.notCharging, "not charging"), (.connected, "connected"),
      (.disconnected, "disconnected"), (.notBalancing, "not balancing"),
      (.converged, "converged"),
    ]
    let found = all.filter { enable.contains($0.0) }.map(\.1)
    return found.isEmpty ? "always" : found.joined(separator: ", ")
  }

  static func names(_ command: ContactorCommand) -> String {
    let all: [(ContactorCommand, String)] = [
      (.negative, "negative"), (.precharge, "precharge"), (.positive, "positive"),
    ]
    return all.filter { command.contains($0.0) }.map(\.1).joined(separator: " + ")
  }

  static func unit(_ fault: FaultClass) -> String {
    switch fault {
    case .cellOverVoltage, .cellUnderVoltage, .packOverVoltage, .packUnderVoltage, .voltageSpread,
      .sensorStuck, .sumDisagreement, .suddenDrop:
      "V"
    case .chargeOverCurrent, .dischargeOverCurrent: "A"
    case .currentLimitIgnored, .currentOffset: "1/h"
    case .chargeOverTemperature, .dischargeOverTemperature, .chargeUnderTemperature,
      .dischargeUnderTemperature, .temperatureSpread, .coolingFailure:
      "K"
    case .temperatureRise: "K/s"
    case .insulation: "Ω/V"
    case .internalShort: "Ω"
    case .selfDischarge: "V/d"
    case .balancingSurplus, .restDrift: "1/d"
    case .looseConnection, .externalShort: "ratio"
    case .thermalEvent: "votes"
    case .estimatorDead: "ms"
    case .openWire, .sensorOutOfRange, .sensorFrozen, .redundantDisagreement, .channelSwapped:
      "channels"
    case .stuckActuator, .untrustedInput, .stateOfChargeJump, .lithiumPlating: "share"
    default: "0/1"
    }
  }

  static func hazard(_ fault: FaultClass) -> (String, String) {
    switch fault {
    case .cellOverVoltage, .packOverVoltage, .lithiumPlating, .chargeUnderTemperature:
      ("overcharge, plating, runaway", "no cell is charged beyond what it can take")
    case .cellUnderVoltage, .packUnderVoltage, .dischargeUnderTemperature:
      ("overdischarge, copper dissolution", "no cell is discharged beyond what it can give")
    case .chargeOverCurrent, .dischargeOverCurrent, .currentLimitIgnored:
      ("overheating by current", "no current above what cells and conductors carry")
    case .externalShort:
      ("fire by external short", "a short is interrupted before anything ignites")
    case .chargeOverTemperature, .dischargeOverTemperature, .temperatureRise, .temperatureSpread,
      .coolingFailure, .stuckActuator:
      ("overheating, runaway", "no cell leaves its temperature window")
    case .thermalEvent, .internalShort, .selfDischarge, .balancingSurplus, .restDrift, .suddenDrop:
      ("runaway from inside a cell", "people are warned and the pack isolated before propagation")
    case .looseConnection, .voltageSpread:
      ("local heating, imbalance", "a bad joint or cell is found")
    case .insulation, .interlock, .fuseBlown, .contactorWeld, .contactorNoClose, .prechargeVoltage,
      .prechargeCurrent:
      ("electric shock, arc, fire", "high voltage is present only where and when intended")
    default: ("decision on wrong input", "no decision rests on input that is not trustworthy")
    }
  }
}
