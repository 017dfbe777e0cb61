// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Takes the parameters of ageing out of a JSON object by PyBaMM's names.

extension ParameterReader {
  /// Parameters of lithium plating; nil where the set has no rate constant.
  mutating func plating() throws(ParameterError) -> PlatingParameters? {
    let key = "Lithium plating kinetic rate constant [m.s-1]"
    guard values[key] != nil else { return nil }
    var plating = PlatingParameters()
    plating.rateConstant = try positive(key)
    plating.transferCoefficient = try number(
      "Lithium plating transfer coefficient", default: plating.transferCoefficient)
    guard plating.transferCoefficient > 0, plating.transferCoefficient < 1 else {
      throw .outOfRange(
        key: "Lithium plating transfer coefficient", value: plating.transferCoefficient,
        allowed: "above 0 and below 1")
    }
    plating.deadLithiumRate = try atLeastZero("Dead lithium decay constant [s-1]", default: 0)
    plating.initialConcentration = try atLeastZero(
      "Initial plated lithium concentration [mol.m-3]", default: 0)
    plating.partialMolarVolume = try positive(
      "Lithium metal partial molar volume [m3.mol-1]", default: plating.partialMolarVolume)
    return plating
  }

  /// Mechanical parameters of an electrode; nil where the set has no molar volume of lithium.
  ///
  /// - Parameters:
  ///   - side: `Negative` or `Positive`.
  ///   - maximum: Lithium concentration of the full host, in mol/m³.
  /// - Returns: The parameters or nil.
  /// - Throws: ``ParameterError`` naming a value that is impossible.
  mutating func mechanics(
    _ side: String, maximum: Double
  ) throws(ParameterError) -> ParticleMechanics? {
    let name = "\(side) electrode"
    let key = "\(name) partial molar volume [m3.mol-1]"
    guard values[key] != nil else { return nil }
    var mechanics = ParticleMechanics()
    let volume = try number(key)
    mechanics.partialMolarVolume = volume
    mechanics.youngModulus = try atLeastZero("\(name) Young's modulus [Pa]", default: 0)
    mechanics.poissonRatio = try number("\(name) Poisson's ratio", default: 0)
    guard mechanics.poissonRatio > -1, mechanics.poissonRatio <= 0.5 else {
      throw .outOfRange(
        key: "\(name) Poisson's ratio", value: mechanics.poissonRatio,
        allowed: "above -1, at most 0.5")
    }
    mechanics.referenceConcentration = try number(
      "\(name) reference concentration for free of deformation [mol.m-3]", default: 0)
    let change = "\(name) volume change"
    mechanics.volumeChange =
      values[change] == nil
      ? PropertyFunction { volume * maximum * $0 } : try function(change)
    mechanics.criticalStress = try atLeastZero("\(name) critical stress [Pa]", default: 0)
    mechanics.lossRate = try atLeastZero(
      "\(name) LAM constant proportional term [s-1]", default: 0)
    mechanics.lossExponent = try atLeastZero(
      "\(name) LAM constant exponential term", default: 2)
    mechanics.reactionLossFactor = try atLeastZero(
      "\(name) reaction-driven LAM factor [m3.mol-1]", default: 0)
    mechanics.initialCrackLength = try atLeastZero("\(name) initial crack length [m]", default: 0)
    mechanics.crackWidth = try atLeastZero("\(name) initial crack width [m]", default: 0)
    mechanics.crackDensity = try atLeastZero(
      "\(name) number of cracks per unit area [m-2]", default: 0)
    mechanics.parisFactor = try atLeastZero("\(name) Paris' law constant b", default: 0)
    mechanics.parisExponent = try atLeastZero("\(name) Paris' law constant m", default: 0)
    // The rate of Ai et al. (2020), doi:10.1149/2.0122001JES, where the set has a function for it.
    mechanics.crackingRate = try atLeastZero("\(name) cracking rate", default: 3.9e-20)
    return mechanics
  }

  private mutating func atLeastZero(
    _ key: String, default fallback: Double
  ) throws(ParameterError) -> Double {
    let value = try number(key, default: fallback)
    guard value >= 0 else { throw .outOfRange(key: key, value: value, allowed: "0 or above") }
    return value
  }

  private mutating func positive(
    _ key: String, default fallback: Double? = nil
  ) throws(ParameterError) -> Double {
    let value = try number(key, default: fallback)
    guard value > 0 else { throw .outOfRange(key: key, value: value, allowed: "above 0") }
    return value
  }
}
