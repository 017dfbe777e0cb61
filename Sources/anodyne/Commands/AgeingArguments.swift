// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The options of ageing on the command line.

import ArgumentParser
import CellModels

/// The options of ageing on the command line.
struct AgeingArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Lithium plating on the anode: none, irreversible, reversible or partially-reversible.",
      valueName: "law"),
    transform: { try choice($0) })
  var plating = PlatingLaw.none

  @Option(
    help: ArgumentHelp("Cracking of the particles: none or paris.", valueName: "law"),
    transform: { try choice($0) })
  var cracking = CrackingLaw.none

  @Option(
    help: ArgumentHelp(
      "Loss of active material: none, stress-driven, reaction-driven or "
        + "stress-and-reaction-driven.", valueName: "law"),
    transform: { try choice($0) })
  var lossOfActiveMaterial = ActiveMaterialLossLaw.none

  @Option(
    help: ArgumentHelp(
      "Dry-out by solvent that film growth consumes, with this volume of electrolyte in excess of "
        + "the pores, relative to them.", valueName: "excess"))
  var dryOut: Double?

  @Option(
    help: ArgumentHelp(
      "Self-discharge: a resistance between the electrodes, such as 500ohm, or a shuttle current, "
        + "such as 0.1mA or 50uA.", valueName: "value"),
    transform: { try Self.selfDischarge($0) })
  var selfDischarge = SelfDischargeLaw.none

  /// The options of a run with a law of film growth.
  func options(interphase: InterphaseLaw) -> AgeingOptions {
    var options = AgeingOptions()
    options.interphase = interphase
    options.plating = plating
    options.cracking = cracking
    options.activeMaterialLoss = lossOfActiveMaterial
    options.electrolyteLoss = dryOut.map { .solventConsumption(excess: $0) } ?? .none
    options.selfDischarge = selfDischarge
    return options
  }

  func validate() throws {
    guard dryOut.map({ $0 >= 0 && $0.isFinite }) ?? true else {
      throw ValidationError("--dry-out is 0 or above.")
    }
  }

  /// The law that a word such as `none`, `500ohm` or `50uA` names.
  private static func selfDischarge(_ word: String) throws -> SelfDischargeLaw {
    let text = word.lowercased().filter { $0 != " " }
    if text == "none" { return .none }
    let units: [(suffix: String, factor: Double)] = [
      ("kohm", 1e3), ("ohm", 1), ("ua", 1e-6), ("ma", 1e-3), ("a", 1),
    ]
    for unit in units where text.hasSuffix(unit.suffix) {
      guard let number = Double(text.dropLast(unit.suffix.count)), number > 0, number.isFinite
      else { break }
      let value = number * unit.factor
      return unit.suffix.hasSuffix("ohm")
        ? .resistance(value) : .shuttle(current: value, activationEnergy: 0)
    }
    throw ValidationError(
      "'\(word)' is not none, a resistance such as 500ohm, or a current such as 50uA.")
  }
}
