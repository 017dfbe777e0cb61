// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Takes parameters out of a JSON object by PyBaMM's names.

import NumericalMethods

/// Takes parameters out of a JSON object by PyBaMM's names and remembers which were taken.
struct ParameterReader {
  let values: [String: Any]
  private var taken: Set<String> = []

  init(values: [String: Any]) { self.values = values }

  mutating func number(
    _ key: String, default fallback: Double? = nil
  ) throws(ParameterError) -> Double {
    taken.insert(key)
    guard let value = values[key] else {
      guard let fallback else { throw missing(key) }
      return fallback
    }
    guard let number = value as? Double else {
      throw .unsupported(key: key, reason: "is not a number")
    }
    guard number.isFinite else { throw .outOfRange(key: key, value: number, allowed: "finite") }
    return number
  }

  /// Remembers a parameter as known without a use for it.
  mutating func take(_ key: String) { taken.insert(key) }

  /// What is wrong when a key is missing: another unit, a word that is nearly right, or nothing near.
  private func missing(_ key: String) -> ParameterError {
    let base = Self.base(key)
    let others = values.keys.filter { !taken.contains($0) }.sorted()
    if let other = others.first(where: { Self.base($0) == base }) {
      return .unsupported(key: other, reason: "has another unit; allowed: \"\(key)\"")
    }
    if let other = others.first(where: { NearestKey.find($0, among: [key]) != nil }) {
      return .unknown(key: other, nearest: key)
    }
    return .missing(key: key)
  }

  /// A key without its unit.
  private static func base(_ key: String) -> String {
    key.split(separator: " [", maxSplits: 1, omittingEmptySubsequences: false).first
      .map(String.init) ?? key
  }

  /// A property: a number, a table, or an expression; with its activation energy if one is given.
  mutating func function(
    _ key: String, default fallback: Double? = nil
  ) throws(ParameterError) -> PropertyFunction {
    let energyKey = Self.base(key) + " activation energy [J.mol-1]"
    let energy = try number(energyKey, default: 0)
    if let text = values[key] as? String {
      taken.insert(key)
      let expression = try expression(text, key, variables: [["x", "sto", "c_e", "c"]])
      return PropertyFunction(activationEnergy: energy, expression)
    }
    guard let table = values[key] as? [String: Any] else {
      return PropertyFunction(
        constant: try number(key, default: fallback), activationEnergy: energy)
    }
    let (x, y) = try points(table, key)
    do { return try PropertyFunction(x: x, y: y, activationEnergy: energy) } catch {
      throw .unsupported(key: key, reason: "its table needs two ascending positions or more")
    }
  }

  private func expression(
    _ text: String, _ key: String, variables: [[String]]
  ) throws(ParameterError) -> PropertyExpression {
    do { return try PropertyExpression(text, variables: variables) } catch {
      throw .unsupported(
        key: key,
        reason: "is no number, table or expression: \"\(error.word)\" is not understood; allowed: "
          + error.allowed)
    }
  }

  private mutating func points(
    _ table: [String: Any], _ key: String
  ) throws(ParameterError) -> ([Double], [Double]) {
    taken.insert(key)
    guard let x = table["x"] as? [Double], let y = table["y"] as? [Double], x.count == y.count
    else {
      throw .unsupported(key: key, reason: "its table needs as many numbers in x as in y")
    }
    return (x, y)
  }

  mutating func electrode(_ side: String) throws(ParameterError) -> PorousElectrodeParameters {
    var electrode = PorousElectrodeParameters()
    let name = "\(side) electrode"
    let lower = name.lowercased()
    let own = prefix(side)
    electrode.thickness = try number("\(name) thickness [m]")
    electrode.porosity = try number("\(name) porosity")
    electrode.activeFraction = try number("\(own)\(name) active material volume fraction")
    electrode.particleRadius = try number("\(own)\(side) particle radius [m]")
    electrode.maximumConcentration = try number("\(own)Maximum concentration in \(lower) [mol.m-3]")
    electrode.initialConcentration = try number("\(own)Initial concentration in \(lower) [mol.m-3]")
    electrode.conductivity = try number("\(name) conductivity [S.m-1]")
    electrode.bruggemanElectrolyte = try number(
      "\(name) Bruggeman coefficient (electrolyte)", default: 1.5)
    electrode.bruggemanElectrode = try number(
      "\(name) Bruggeman coefficient (electrode)", default: 0)
    electrode.diffusivity = try function("\(own)\(side) particle diffusivity [m2.s-1]")
    electrode.openCircuitPotential = try function("\(own)\(name) OCP [V]")
    electrode.entropicChange = try function("\(own)\(name) OCP entropic change [V.K-1]", default: 0)
    // Of the first material, or of the whole coating.
    let density = "\(name) density [kg.m-3]"
    electrode.density = try number(
      values[own + density] == nil ? density : own + density, default: 0)
    electrode.specificHeat = try number("\(name) specific heat capacity [J.kg-1.K-1]", default: 0)
    electrode.reactionRate = try reactionRate(own + name, electrode.maximumConcentration)
    electrode.reactionActivationEnergy = try number(
      "\(own)\(name) reaction rate constant activation energy [J.mol-1]", default: 0)
    electrode.second = try second(side)
    let transfer = "\(name) charge transfer coefficient"
    guard try number(transfer, default: 0.5) == 0.5 else {
      throw .unsupported(key: transfer, reason: "only 0.5 is supported")
    }
    return electrode
  }

  /// `m` of `m·√(c_e·c·(c_max − c))` from a table at 1000 mol/m³ of salt.
  mutating func reactionRate(
    _ name: String, _ maximum: Double
  ) throws(ParameterError) -> Double {
    if values[Self.rateKey(name)] != nil { return try number(Self.rateKey(name)) }
    let key = "\(name) exchange-current density [A.m-2]"
    guard let value = values[key] else { throw missing(key) }
    if let text = value as? String { return try reactionRate(text, key, maximum) }
    guard let table = value as? [String: Any] else {
      throw .unsupported(
        key: key,
        reason: "needs a table by stoichiometry or an expression in c_e, c_s_surf, c_s_max")
    }
    let (x, y) = try points(table, key)
    return try reactionRate(zip(x, y).map { ($0, $1) }, key, maximum)
  }

  /// `m` from an expression in PyBaMM's names.
  private mutating func reactionRate(
    _ text: String, _ key: String, _ maximum: Double
  ) throws(ParameterError) -> Double {
    taken.insert(key)
    let expression = try expression(
      text, key, variables: [["c_e"], ["c_s_surf"], ["c_s_max"]])
    return try reactionRate(
      stride(from: 0.05, to: 1, by: 0.05).map { x in
        (x, expression.value([1_000, x * maximum, maximum]))
      }, key, maximum)
  }

  private func reactionRate(
    _ points: [(Double, Double)], _ key: String, _ maximum: Double
  ) throws(ParameterError) -> Double {
    let rates = points.compactMap { x, y -> Double? in
      guard x > 0, x < 1 else { return nil }
      return y / (maximum * (1_000 * x * (1 - x)).squareRoot())
    }
    guard let low = rates.min(), let high = rates.max(), low > 0, high <= 1.01 * low else {
      throw .unsupported(key: key, reason: "is not m·√(c_e·c·(c_max − c)) within 1 %")
    }
    return 0.5 * (low + high)
  }

  /// Key of `m` itself, in A/m²·(m³/mol)^1.5.
  static func rateKey(_ name: String) -> String {
    "\(name) exchange-current density factor [A.m-2.(m3.mol-1)1.5]"
  }

  mutating func heat() throws(ParameterError) -> CellHeatParameters? {
    let key = "Total heat transfer coefficient [W.m-2.K-1]"
    guard values[key] != nil else { return nil }
    var heat = CellHeatParameters()
    heat.transferCoefficient = try number(key)
    heat.coolingArea = try number("Cell cooling surface area [m2]")
    heat.volume = try number("Cell volume [m3]")
    for side in ["Negative", "Positive"] {
      let name = "\(side) current collector"
      let thickness = try number("\(name) thickness [m]", default: 0)
      let density = try number("\(name) density [kg.m-3]", default: 0)
      let specific = try number("\(name) specific heat capacity [J.kg-1.K-1]", default: 0)
      heat.collectorThickness += thickness
      heat.collectorHeatCapacity += thickness * density * specific
    }
    return heat
  }

  mutating func interphase() throws(ParameterError) -> InterphaseParameters? {
    let key = "Initial SEI thickness [m]"
    guard values[key] != nil || values["Primary: " + key] != nil else { return nil }
    var film = InterphaseParameters()
    film.initialThickness = try self.film(key)
    film.initialCrackThickness = try number(
      "Initial SEI on cracks thickness [m]", default: film.initialThickness / 1e4)
    film.partialMolarVolume = try self.film("SEI partial molar volume [m3.mol-1]")
    film.lithiumPerMolecule = try self.film("Ratio of lithium moles to SEI moles")
    film.resistivity = try self.film("SEI resistivity [Ohm.m]")
    film.potential = try self.film("SEI open-circuit potential [V]")
    let energy = "SEI growth activation energy [J.mol-1]"
    let isBlend = values["Primary: " + energy] != nil
    film.activationEnergy = isBlend ? try self.film(energy) : try number(energy, default: 0)
    film.exchangeCurrentDensity = try self.film("SEI reaction exchange current density [A.m-2]")
    film.solventDiffusivity = try self.film("SEI solvent diffusivity [m2.s-1]")
    film.solventConcentration = try number("Bulk solvent concentration [mol.m-3]")
    film.electronConductivity = try self.film("SEI electron conductivity [S.m-1]")
    film.interstitialDiffusivity = try self.film("SEI lithium interstitial diffusivity [m2.s-1]")
    film.interstitialConcentration = try number(
      "Lithium interstitial reference concentration [mol.m-3]")
    film.carbonateRate = try self.film("SEI kinetic rate constant [m.s-1]")
    film.carbonateDiffusivity = try number("EC diffusivity [m2.s-1]")
    film.carbonateConcentration = try number("EC initial concentration in electrolyte [mol.m-3]")
    for (key, value) in [
      ("Initial SEI thickness [m]", film.initialThickness),
      ("SEI partial molar volume [m3.mol-1]", film.partialMolarVolume),
      ("Ratio of lithium moles to SEI moles", film.lithiumPerMolecule),
    ] where value <= 0 {
      throw .outOfRange(key: key, value: value, allowed: "above 0")
    }
    return film
  }

  /// Words in the names of parameters of phenomena that are not modelled.
  private static let unused = [
    "current collector", "double-layer", "LAM", "crack", "Paris", "Poisson", "Young", "tab ",
    "thermal conductivity", "thermal expansion", "plat", "Number of cells", "Current function",
    "Initial temperature", "partial molar volume", "Dead lithium", "heat transfer",
    "Open-circuit voltage at", "volume change", "critical stress", "reference concentration",
    "SEI growth transfer coefficient", "citations",
  ]

  /// Words in the names of parameters of film growth on one of two materials.
  private static let sideReactions = ["SEI", "EC ", "solvent", "interstitial"]

  func refuseUnknown() throws(ParameterError) {
    for key in values.keys.sorted() where !taken.contains(key) {
      if Self.unused.contains(where: { key.contains($0) }) { continue }
      // Of two materials' films those that differ were refused; others are of phenomena left out.
      if key.contains("ary: "), Self.sideReactions.contains(where: { key.contains($0) }) {
        continue
      }
      throw .unknown(key: key, nearest: NearestKey.find(key, among: taken))
    }
  }
}
