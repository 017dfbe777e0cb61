// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Cells whose electrodes do not match run to a named end; cut-offs that no material has are refused.

import CellModels
import Foundation
import Testing

@Suite("Window of the state of charge")
struct StateOfChargeWindowTests {
  /// The LG M50 with a thin negative coating and more lithium: the graphite is full first.
  private var crowded: CellParameters {
    var set = CellParameters.chen2020
    set.negative.thickness *= 0.7
    set.positive.initialConcentration *= 1.5
    return set
  }

  /// The LG M50 with a thin positive coating: it is full first, on discharge.
  private var thinPositive: CellParameters {
    var set = CellParameters.chen2020
    set.positive.thickness *= 0.7
    return set
  }

  @Test("Published cells end at their cut-offs")
  func published() throws {
    for name in CellParameters.names where name != "argyrodite-nmc811" {
      let set = try #require(CellParameters.named(name))
      let window = try StateOfChargeWindow(set)
      #expect(!window.isLimited && window.notes(for: set).isEmpty, "\(name)")
      #expect(abs(window.voltages.full - set.upperCutOff) < 1e-6)
      #expect(abs(window.voltages.empty - set.lowerCutOff) < 1e-6)
    }
  }

  @Test("A negative electrode that is too thin is full before the cut-off, and that is said")
  func thin() throws {
    let set = crowded
    let window = try StateOfChargeWindow(set)
    #expect(window.fullEnd == .negativeFull && window.isLimited)
    #expect(abs(window.full - (1 - StateOfChargeWindow.margin)) < 1e-12)
    #expect(window.voltages.full < set.upperCutOff)
    let note = try #require(window.notes(for: set).first)
    #expect(note.contains("negative electrode is full") && note.contains("4.2 V"))
    // Lithium is that of the initial concentrations at every state of charge.
    let hosts = set.hostCapacity
    let start = try set.stoichiometries(stateOfCharge: 1)
    let end = try set.stoichiometries(stateOfCharge: 0)
    let difference =
      hosts.negative * (start.negative - end.negative)
      + hosts.positive * (start.positive - end.positive)
    #expect(abs(difference) < 1e-12 * hosts.positive)
  }

  @Test("A positive electrode that is too thin is full before the lower cut-off")
  func thinOther() throws {
    let set = thinPositive
    let window = try StateOfChargeWindow(set)
    #expect(window.emptyEnd == .positiveFull && window.fullEnd == .cutOff)
    #expect(window.voltages.empty > set.lowerCutOff)
    let note = try #require(window.notes(for: set).first)
    #expect(note.contains("positive electrode is full") && note.contains("2.5 V"))
    let end = try set.stoichiometries(stateOfCharge: 0)
    #expect(abs(end.positive - (1 - StateOfChargeWindow.margin)) < 1e-12)
  }

  @Test(
    "Unbalanced cells discharge and charge to named ends",
    arguments: [CellModelKind.spm, .spme, .dfn])
  func runs(model: CellModelKind) throws {
    let texts = ["Discharge at 1C until 2.5 V", "Charge at C/2 until 4.2 V"]
    for set in [crowded, thinPositive] {
      var experiment = Experiment(blocks: try ExperimentBlock.blocks(texts), parameters: set)
      experiment.model = model
      var ends: [StepEnd] = []
      try experiment.run { report in
        if case .step(let step) = report { ends.append(step.end) }
      }
      #expect(ends == [.event(.lowerVoltage), .event(.upperVoltage)])
    }
  }

  @Test("Cut-offs that the materials do not have at any lithium are refused by name")
  func absurd() {
    for (path, value, key) in [
      (\CellParameters.upperCutOff, 9.0, "Upper voltage cut-off"),
      (\CellParameters.lowerCutOff, -1.0, "Lower voltage cut-off"),
    ] {
      var set = CellParameters.chen2020
      set[keyPath: path] = value
      do {
        _ = try StateOfChargeWindow(set)
        Issue.record("\(key) of \(value) V")
      } catch {
        #expect(error.description.contains(key), "\(error)")
        #expect(error.description.contains("potentials of the materials"), "\(error)")
      }
    }
  }
}
