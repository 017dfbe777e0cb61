// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Checks of the parameters of a solid-state cell.

extension CellParameters {
  /// Checks every value that the solid-state model uses.
  ///
  /// - Parameters:
  ///   - solid: The parameters of the solids.
  ///   - thermal: What the set will be used for.
  /// - Throws: ``ParameterError`` for the first value that is missing or impossible.
  func validateSolidState(
    _ solid: SolidStateParameters, thermal: ThermalModel
  ) throws(ParameterError) {
    try check(positive, "Positive electrode", "positive electrode")
    try refuseVariableDiffusivity(by: "the model solid-state")
    try above(negative.thickness, "Lithium thickness [m]", below: 1)
    try above(
      negative.maximumConcentration, "Maximum concentration in negative electrode [mol.m-3]",
      below: 1e6)
    try above(separator.thickness, "Separator thickness [m]", below: 1)
    try above(electrodeArea, "Electrode area [m2]", below: 1e4)
    try above(nominalCapacity, "Nominal cell capacity [A.h]", below: 1e9)
    try above(solid.conductivity.value(0.5), "Solid electrolyte conductivity [S.m-1]", below: 1e3)
    try above(
      solid.exchangeCurrentDensity, "Lithium exchange-current density [A.m-2]", below: 1e9)
    try above(solid.interphaseThickness, "Initial interphase thickness [m]", below: 1e-3)
    try above(solid.voidRefilling, "Void refilling length [m]", below: 1)
    try above(solid.voidContactLoss, "Void contact length [m]", below: 1)
    for (key, value) in [
      ("Stack pressure [Pa]", solid.stackPressure),
      ("Interphase resistivity [Ohm.m]", solid.interphaseResistivity),
      ("Interphase lithium [mol.m-3]", solid.interphaseLithium),
      ("Contact resistance [Ohm]", contactResistance),
    ] {
      guard value >= 0, value.isFinite else {
        throw .outOfRange(key: key, value: value, allowed: "0 or above")
      }
    }
    guard lowerCutOff < upperCutOff else {
      throw .outOfRange(
        key: "Lower voltage cut-off [V]", value: lowerCutOff,
        allowed: "below the upper cut-off, \(upperCutOff) V")
    }
    try checkHeat(thermal)
  }
}
