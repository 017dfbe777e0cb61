// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The kinds of findings about a cell test: what each means and what to do.

public import BatteryDomain

/// A kind of finding about a cell test, as data.
public struct CellFindingKind: Codable, Hashable, Sendable {
  /// Stable machine name.
  public let name: String
  /// What it is, for lists.
  public let title: String
  /// The point of the propagation chains concerned.
  public let controlNode: ControlNode
  /// Why it matters for safety, one sentence.
  public let meaning: String
  /// What to do next.
  public let action: String

  /// Capacity is below the end-of-life limit.
  public static let endOfLife = CellFindingKind(
    name: "cell_end_of_life", title: "capacity below end of life",
    controlNode: .interfaceStability,
    meaning: "Lithium is bound in interphases or active material is lost; margins shrink with it.",
    action: "Retire the cell from its first use; grade it for second life only after a full check.")
  /// Capacity comes close to the end-of-life limit.
  public static let nearEndOfLife = CellFindingKind(
    name: "cell_near_end_of_life", title: "capacity near end of life",
    controlNode: .interfaceStability,
    meaning: "The remaining margin lasts for few cycles if the trend goes on.",
    action: "Plan the replacement and shorten the interval of capacity checks.")
  /// Fade accelerates.
  public static let acceleratingFade = CellFindingKind(
    name: "cell_accelerating_fade", title: "fade accelerates",
    controlNode: .plating,
    meaning:
      "A knee often marks lithium plating, pore clogging or loss of electrolyte "
      + "(Attia et al. 2022, doi:10.1149/1945-7111/ac6d13).",
    action:
      "Lower the charge current, look for plating in the relaxation and differential voltage, "
      + "and open or scan a sister cell.")
  /// Resistance has grown.
  public static let resistanceGrowth = CellFindingKind(
    name: "cell_resistance_growth", title: "resistance grew",
    controlNode: .interfaceStability,
    meaning: "Thicker interphases or lost contact warm the cell more at the same current.",
    action: "Check the power and thermal limits against the higher resistance.")
  /// Coulombic efficiency is low.
  public static let lowCoulombicEfficiency = CellFindingKind(
    name: "cell_low_coulombic_efficiency", title: "coulombic efficiency is low",
    controlNode: .separator,
    meaning: "Charge that does not come back feeds side reactions or an internal leak.",
    action: "Rest the fully charged cell for a day and watch its voltage; repeat at lower current.")
  /// The voltage keeps falling at rest.
  public static let selfDischarge = CellFindingKind(
    name: "cell_self_discharge", title: "voltage keeps falling at rest",
    controlNode: .separator,
    meaning: "A voltage that does not settle after a long rest suggests an internal leak.",
    action: "Isolate the cell, log its open-circuit voltage for a week and compare with sisters.")
  /// Temperature went over a limit.
  public static let temperatureLimit = CellFindingKind(
    name: "cell_temperature_limit", title: "temperature over its limit",
    controlNode: .hotSpot,
    meaning: "Interphase decomposition begins near 80 °C and feeds on its own heat.",
    action: "Stop the test at this limit, cool the cell and find the source of the heat.")
  /// The cell warms more than it did.
  public static let warming = CellFindingKind(
    name: "cell_warming_growth", title: "cell warms more than it did",
    controlNode: .hotSpot,
    meaning: "More heat at the same current means more resistance or a poorer thermal contact.",
    action: "Compare with the growth of resistance; if that is small, check the thermal contact.")
  /// Voltage above its window.
  public static let overcharge = CellFindingKind(
    name: "cell_overcharge", title: "voltage above its window",
    controlNode: .plating,
    meaning: "Overcharge plates lithium, oxidises the electrolyte and loosens cathode oxygen.",
    action: "Stop charging, check the charger's voltage sense and keep the cell under observation.")
  /// Voltage below its window.
  public static let overdischarge = CellFindingKind(
    name: "cell_overdischarge", title: "voltage below its window",
    controlNode: .separator,
    meaning: "Deep discharge dissolves copper that later grows through the separator.",
    action: "Do not recharge at full current; check for self-discharge after a slow recharge.")
  /// Stated and integrated capacities disagree.
  public static let statedCapacity = CellFindingKind(
    name: "cell_stated_capacity_disagrees", title: "stated capacity is not reproduced",
    controlNode: .sensing,
    meaning: "Either the capacity counts to another voltage or the current is not what it seems.",
    action: "State the cut-off voltage, check units and the calibration of the current.")
  /// Counter and integral disagree.
  public static let counterDisagrees = CellFindingKind(
    name: "cell_counter_disagrees", title: "charge counter and current disagree",
    controlNode: .sensing,
    meaning: "A factor of 1000 is a slipped unit (mA for A), a few percent an offset or lost rows.",
    action: "Check the unit and calibration of the current and the completeness of the file.")
  /// The sign of the current contradicts the voltage.
  public static let reversedCurrent = CellFindingKind(
    name: "cell_current_reversed", title: "the sign of the current seems reversed",
    controlNode: .sensing,
    meaning: "Charge is taken for discharge, so every other number of this test is wrong.",
    action: "Read the file again with the sign turned, for example --columns 'current=-I[A],…'.")
  /// Many samples are unusable.
  public static let unusableSamples = CellFindingKind(
    name: "cell_unusable_samples", title: "many samples are unusable",
    controlNode: .sensing,
    meaning: "What is not measured cannot be judged; all numbers rest on the remaining samples.",
    action: "Check the source; see the cleaning summary for rules, counts and raw values.")

  /// All kinds, in order of their importance.
  public static let all: [CellFindingKind] = [
    reversedCurrent, temperatureLimit, selfDischarge, overcharge, overdischarge, acceleratingFade,
    endOfLife,
    nearEndOfLife, resistanceGrowth, warming, lowCoulombicEfficiency, counterDisagrees,
    statedCapacity, unusableSamples,
  ]
}
