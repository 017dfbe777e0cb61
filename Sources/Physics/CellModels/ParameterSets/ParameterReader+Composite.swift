// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Takes the parameters of a second active material out of a JSON object by PyBaMM's names.

extension ParameterReader {
  /// What stands before the names of a material's parameters: `Primary: ` where an electrode has
  /// two materials, nothing otherwise.
  func prefix(_ side: String) -> String {
    values["Primary: \(side) particle radius [m]"] == nil ? "" : "Primary: "
  }

  /// The second material of an electrode; nil where the set has one material.
  ///
  /// - Parameter side: `Negative` or `Positive`.
  /// - Returns: The material or nil.
  /// - Throws: ``ParameterError`` naming a value that is missing or of a form that cannot be used.
  mutating func second(_ side: String) throws(ParameterError) -> SecondMaterialParameters? {
    guard !prefix(side).isEmpty else { return nil }
    let name = "\(side) electrode"
    let lower = name.lowercased()
    let own = "Secondary: "
    var material = SecondMaterialParameters()
    material.activeFraction = try number("\(own)\(name) active material volume fraction")
    material.particleRadius = try number("\(own)\(side) particle radius [m]")
    material.maximumConcentration = try number(
      "\(own)Maximum concentration in \(lower) [mol.m-3]")
    material.initialConcentration = try number(
      "\(own)Initial concentration in \(lower) [mol.m-3]")
    material.diffusivity = try function("\(own)\(side) particle diffusivity [m2.s-1]")
    let mean = "\(own)\(name) OCP [V]"
    let branches = "\(own)\(name) lithiation OCP [V]"
    if values[branches] == nil {
      material.lithiationPotential = try function(mean)
      material.delithiationPotential = material.lithiationPotential
    } else {
      material.lithiationPotential = try function(branches)
      material.delithiationPotential = try function("\(own)\(name) delithiation OCP [V]")
      // The mean follows from the branches.
      take(mean)
    }
    // That program's rate counts a change of the state from −1 to 1 as one.
    material.hysteresisRate =
      0.5 * (try number("\(own)\(side) particle hysteresis decay rate", default: 30))
    material.reactionRate = try reactionRate(own + name, material.maximumConcentration)
    material.reactionActivationEnergy = try number(
      "\(own)\(name) reaction rate constant activation energy [J.mol-1]", default: 0)
    // What the models take from the electrode as a whole.
    take("Initial concentration in \(lower) [mol.m-3]")
    take("\(own)\(name) density [kg.m-3]")
    take("\(own)\(name) OCP entropic change [V.K-1]")
    return material
  }

  /// A parameter of films; both materials of a composite electrode share it.
  mutating func film(_ key: String) throws(ParameterError) -> Double {
    let (first, second) = ("Primary: " + key, "Secondary: " + key)
    guard values[key] == nil, values[first] != nil else { return try number(key) }
    let value = try number(first)
    guard try number(second, default: value) == value else {
      throw .unsupported(
        key: second, reason: "differs from that of the first material; films share their numbers")
    }
    return value
  }
}
