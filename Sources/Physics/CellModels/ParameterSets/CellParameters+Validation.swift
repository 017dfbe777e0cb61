// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Checks of a parameter set before a model is built on it.

extension CellParameters {
  /// Checks every value against what is physically possible.
  ///
  /// - Parameters:
  ///   - thermal: What the set will be used for.
  ///   - allowsComposite: Whether the model has a second material in the negative electrode.
  ///   - needsElectrolyte: Whether the model has an electrolyte.
  /// - Throws: ``ParameterError`` for the first value that is missing or impossible.
  public func validate(
    thermal: ThermalModel = .isothermal, allowsComposite: Bool = false,
    needsElectrolyte: Bool = true
  ) throws(ParameterError) {
    if servesSPMAlone, needsElectrolyte {
      throw .unsupported(
        key: "Electrolyte", reason: "is missing: the file is for SPM alone; choose --model spm")
    }
    try checkSecondMaterials(allowsComposite)
    try check(negative, "Negative electrode", "negative electrode")
    try check(positive, "Positive electrode", "positive electrode")
    try above(separator.thickness, "Separator thickness [m]", below: 1)
    try fraction(separator.porosity, "Separator porosity")
    try above(
      electrolyte.initialConcentration, "Initial concentration in electrolyte [mol.m-3]",
      below: 2e4)
    guard electrolyte.transferenceNumber > -1, electrolyte.transferenceNumber < 1 else {
      throw .outOfRange(
        key: "Cation transference number", value: electrolyte.transferenceNumber,
        allowed: "above -1 and below 1")
    }
    try above(electrolyte.thermodynamicFactor, "Thermodynamic factor", below: 100)
    let rest = electrolyte.initialConcentration
    try above(
      electrolyte.diffusivity.value(rest), "Electrolyte diffusivity [m2.s-1]", below: 1e-6)
    try above(
      electrolyte.conductivity.value(rest), "Electrolyte conductivity [S.m-1]", below: 1e3)
    try above(electrodeArea, "Electrode area [m2]", below: 1e4)
    try above(
      pairCount, "Number of electrodes connected in parallel to make a cell", below: 1e6)
    try above(nominalCapacity, "Nominal cell capacity [A.h]", below: 1e9)
    guard contactResistance >= 0, contactResistance.isFinite else {
      throw .outOfRange(
        key: "Contact resistance [Ohm]", value: contactResistance, allowed: "0 or above")
    }
    guard lowerCutOff < upperCutOff else {
      throw .outOfRange(
        key: "Lower voltage cut-off [V]", value: lowerCutOff,
        allowed: "below the upper cut-off, \(upperCutOff) V")
    }
    try checkHeat(thermal)
  }

  /// Checks what a treatment of the temperature needs.
  func checkHeat(_ thermal: ThermalModel) throws(ParameterError) {
    if thermal == .fieldAlongLine || thermal == .fieldInPlane {
      throw .unsupported(
        key: "thermal model", reason: "a temperature field needs a CellFieldModel around the model")
    }
    if thermal == .coreAndSurface {
      throw .unsupported(
        key: "thermal model",
        reason: "core and surface belong to the equivalent circuit: choose the model ecm, or a "
          + "temperature field")
    }
    guard thermal == .lumped else { return }
    guard let heat else { throw .missing(key: "Total heat transfer coefficient [W.m-2.K-1]") }
    try above(heat.volume, "Cell volume [m3]", below: 10)
    try above(heat.coolingArea, "Cell cooling surface area [m2]", below: 1e3)
    try above(heatCapacity, "Negative electrode specific heat capacity [J.kg-1.K-1]", below: 1e9)
  }

  private func checkSecondMaterials(_ allowsComposite: Bool) throws(ParameterError) {
    guard positive.second == nil else {
      throw .unsupported(
        key: "Secondary: Positive electrode active material volume fraction",
        reason: "only the negative electrode can have a second material")
    }
    guard let second = negative.second else { return }
    guard allowsComposite else {
      throw .unsupported(
        key: "Secondary: Negative electrode active material volume fraction",
        reason: "a second active material needs the model spm, spme or dfn")
    }
    let sum = negative.porosity + negative.activeFraction + second.activeFraction
    guard sum <= 1 + 1e-9 else {
      throw .outOfRange(
        key: "Secondary: Negative electrode active material volume fraction",
        value: second.activeFraction,
        allowed:
          "at most what porosity and the first material leave, \(1 - sum + second.activeFraction)")
    }
    guard second.hysteresisRate >= 0, second.hysteresisRate < 1e6 else {
      throw .outOfRange(
        key: "Secondary: Negative particle hysteresis decay rate", value: second.hysteresisRate,
        allowed: "0 or above and below 1000000.0")
    }
    try check(
      negative.second(second), "Secondary: Negative electrode", "secondary negative electrode")
  }

  /// Refuses sets whose particle diffusivity depends on the stoichiometry.
  func refuseVariableDiffusivity(by models: String) throws(ParameterError) {
    for (name, electrode) in [("Negative", negative), ("Positive", positive)]
    where electrode.diffusivity.varies(over: 0...1) {
      throw .unsupported(
        key: "\(name) particle diffusivity [m2.s-1]",
        reason: "depends on stoichiometry; the models \(models) need a constant, dfn does not")
    }
  }

  func above(_ value: Double, _ key: @autoclosure () -> String, below limit: Double)
    throws(ParameterError)
  {
    guard value > 0, value < limit else {
      throw .outOfRange(key: key(), value: value, allowed: "above 0 and below \(limit)")
    }
  }

  private func fraction(
    _ value: Double, _ key: @autoclosure () -> String
  ) throws(ParameterError) {
    guard value > 0, value <= 1 else {
      throw .outOfRange(key: key(), value: value, allowed: "above 0, at most 1")
    }
  }

  func check(
    _ electrode: PorousElectrodeParameters, _ name: String, _ lower: String
  ) throws(ParameterError) {
    // Names are put together where a check fails alone: batches check thousands of sets.
    var particle: String { name.replacing("electrode", with: "particle") }
    try above(electrode.thickness, "\(name) thickness [m]", below: 1)
    try fraction(electrode.porosity, "\(name) porosity")
    try fraction(electrode.activeFraction, "\(name) active material volume fraction")
    guard electrode.porosity + electrode.activeFraction <= 1 + 1e-9 else {
      throw .outOfRange(
        key: "\(name) porosity", value: electrode.porosity,
        allowed: "at most \(1 - electrode.activeFraction): the rest is active material")
    }
    try above(electrode.particleRadius, "\(particle) radius [m]", below: 1)
    try above(
      electrode.maximumConcentration, "Maximum concentration in \(lower) [mol.m-3]", below: 1e6)
    guard electrode.initialConcentration >= 0,
      electrode.initialConcentration <= electrode.maximumConcentration
    else {
      throw .outOfRange(
        key: "Initial concentration in \(lower) [mol.m-3]",
        value: electrode.initialConcentration,
        allowed: "0 to the maximum, \(electrode.maximumConcentration)")
    }
    try above(electrode.conductivity, "\(name) conductivity [S.m-1]", below: 1e9)
    try above(
      electrode.reactionRate, "\(name) exchange-current density [A.m-2]", below: 1e6)
    let diffusivity = electrode.diffusivity
    try above(diffusivity.value(0.5), "\(particle) diffusivity [m2.s-1]", below: 1e-6)
    // Models evaluate it between 0 and 1; a fit that turns negative there has no meaning.
    for place in 1..<100 where diffusivity.constant == nil {
      let x = Double(place) / 100
      guard diffusivity.value(x) > 0, diffusivity.value(x) < 1e-6 else {
        throw .outOfRange(
          key: "\(particle) diffusivity [m2.s-1]", value: diffusivity.value(x),
          allowed: "above 0 and below 1e-06 at every stoichiometry; here at \(x)")
      }
    }
    for x in [0.05, 0.5, 0.95] {
      guard electrode.openCircuitPotential.value(x).isFinite else {
        throw .unsupported(key: "\(name) OCP [V]", reason: "is not finite at stoichiometry \(x)")
      }
    }
  }
}
