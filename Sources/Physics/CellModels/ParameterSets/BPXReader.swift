// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// BPX parameter files: their sections as parameters by PyBaMM's names.

import Foundation
import Quantities

/// Turns a BPX document (Battery Parameter eXchange of the Faraday Institution, versions 0.x and 1.x)
/// into parameters by PyBaMM's names, which ``ParameterReader`` understands.
///
/// Conventions of BPX that differ: transport efficiencies instead of Bruggeman exponents, surface per
/// volume instead of active fractions, effective electronic conductivities, and a normalised rate
/// `K` with `j₀ = F·K·√(c_e/c_e0·x·(1−x))`. The initial concentrations are those of the full cell.
struct BPXReader {
  private let document: [String: Any]
  private var values: [String: Any] = [:]

  /// Whether a JSON object is a BPX document.
  static func isBPX(_ object: [String: Any]) -> Bool {
    (object["Header"] as? [String: Any])?["BPX"] != nil
  }

  init(_ document: [String: Any]) { self.document = document }

  /// Name of the set: the title of the header.
  var title: String {
    (section("Header")?["Title"] as? String) ?? "BPX"
  }

  /// References of the header.
  var references: String? { section("Header")?["References"] as? String }

  private func section(_ name: String) -> [String: Any]? { document[name] as? [String: Any] }

  /// Keys of a section that are known, with the name and factor they become.
  private typealias Map = [String: String]

  private static let cell: Map = [
    "Lower voltage cut-off [V]": "Lower voltage cut-off [V]",
    "Upper voltage cut-off [V]": "Upper voltage cut-off [V]",
    "Nominal cell capacity [A.h]": "Nominal cell capacity [A.h]",
    "Reference temperature [K]": "Reference temperature [K]",
    "Number of electrode pairs connected in parallel to make a cell":
      "Number of electrodes connected in parallel to make a cell",
    "Volume [m3]": "Cell volume [m3]",
    "External surface area [m2]": "Cell cooling surface area [m2]",
    "Ambient temperature [K]": "Ambient temperature [K]",
  ]
  private static let electrolyte: Map = [
    "Cation transference number": "Cation transference number",
    "Diffusivity [m2.s-1]": "Electrolyte diffusivity [m2.s-1]",
    "Diffusivity activation energy [J.mol-1]":
      "Electrolyte diffusivity activation energy [J.mol-1]",
    "Conductivity [S.m-1]": "Electrolyte conductivity [S.m-1]",
    "Conductivity activation energy [J.mol-1]":
      "Electrolyte conductivity activation energy [J.mol-1]",
    "Initial concentration [mol.m-3]": "Initial concentration in electrolyte [mol.m-3]",
  ]

  /// The parameters.
  ///
  /// - Throws: ``ParameterError`` naming the section and key that is missing, unknown or of a form
  ///   the models cannot use.
  mutating func read() throws(ParameterError) -> [String: Any] {
    guard let parameterisation = section("Parameterisation") else {
      throw .missing(key: "Parameterisation")
    }
    for key in parameterisation.keys.sorted()
    where ![
      "Cell", "Electrolyte", "Negative electrode", "Positive electrode", "Separator",
      "User-defined",
    ].contains(key) {
      throw .unknown(key: "Parameterisation: \(key)", nearest: nil)
    }
    let cell = try part("Cell", of: parameterisation)
    try take(
      cell, Self.cell, in: "Cell",
      others: [
        "Electrode area [m2]", "Density [kg.m-3]", "Specific heat capacity [J.K-1.kg-1]",
        "Initial temperature [K]", "Thermal conductivity [W.m-1.K-1]",
      ])
    values["Electrode width [m]"] = try required(cell, "Electrode area [m2]", in: "Cell")
    values["Electrode height [m]"] = 1.0
    guard parameterisation["Electrolyte"] != nil else {
      throw .unsupported(
        key: "Electrolyte",
        reason: "is missing: a BPX file for SPM alone lacks what the models need; use one for DFN")
    }
    let electrolyte = try part("Electrolyte", of: parameterisation)
    try take(electrolyte, Self.electrolyte, in: "Electrolyte", others: [])
    try readState()
    let salt = values["Initial concentration in electrolyte [mol.m-3]"] as? Double ?? 1_000
    values["Initial concentration in electrolyte [mol.m-3]"] = salt
    let separator = try part("Separator", of: parameterisation)
    try take(
      separator, ["Thickness [m]": "Separator thickness [m]", "Porosity": "Separator porosity"],
      in: "Separator", others: ["Transport efficiency"])
    try readEfficiency(separator, "Separator")
    for side in ["Negative", "Positive"] {
      try readElectrode(side, try part("\(side) electrode", of: parameterisation), salt)
    }
    readHeat(cell)
    if let own = parameterisation["User-defined"] as? [String: Any] {
      // Parameters of ageing stand here by PyBaMM's names; others are the author's own.
      for (key, value) in own where Self.isKnownExtra(key) {
        // A start that is not the full cell stands here too.
        if values[key] == nil || key.hasPrefix("Initial concentration in ") { values[key] = value }
      }
    }
    return values
  }

  /// Words in the names of parameters that BPX has no place for and that are read by PyBaMM's names.
  private static let extraWords = [
    "SEI", "EC ", "plating", "plated", "Dead lithium", "Contact resistance", "solvent",
    "interstitial", "Ratio of lithium", "Thermodynamic factor", "Initial concentration in ",
    "partial molar volume", "Young's modulus", "Poisson's ratio", "volume change",
    "critical stress", "LAM ", "crack", "Paris' law", "free of deformation",
  ]

  private static func isKnownExtra(_ key: String) -> Bool {
    extraWords.contains { key.contains($0) }
  }

  private func part(
    _ name: String, of parent: [String: Any]
  ) throws(ParameterError) -> [String: Any] {
    guard let part = parent[name] as? [String: Any] else {
      throw .missing(key: "Parameterisation: \(name)")
    }
    return part
  }

  private func required(
    _ part: [String: Any], _ key: String, in name: String
  ) throws(ParameterError) -> Double {
    guard let value = part[key] else { throw .missing(key: "\(name): \(key)") }
    guard let number = value as? Double else {
      throw .unsupported(key: "\(name): \(key)", reason: "is not a number")
    }
    return number
  }

  private mutating func take(
    _ part: [String: Any], _ map: Map, in name: String, others: Set<String>
  ) throws(ParameterError) {
    for (key, value) in part.sorted(by: { $0.key < $1.key }) {
      if let target = map[key] {
        values[target] = value
      } else if !others.contains(key) {
        let near = NearestKey.find(key, among: Array(map.keys) + others)
        throw .unknown(key: "\(name): \(key)", nearest: near)
      }
    }
  }

  private mutating func readState() throws(ParameterError) {
    guard let state = section("State") else { return }
    let start = state["Initial conditions"] as? [String: Any]
    if let salt = start?["Initial electrolyte concentration [mol.m-3]"] as? Double {
      values["Initial concentration in electrolyte [mol.m-3]"] = salt
    }
    let around = state["Thermal environment"] as? [String: Any]
    if let ambient = around?["Ambient temperature [K]"] as? Double {
      values["Ambient temperature [K]"] = ambient
    }
    if let transfer = around?["Heat transfer coefficient [W.m-2.K-1]"] as? Double {
      values["Total heat transfer coefficient [W.m-2.K-1]"] = transfer
    }
  }

  private mutating func readEfficiency(
    _ part: [String: Any], _ name: String
  ) throws(ParameterError) {
    let porosity = try required(part, "Porosity", in: name)
    let efficiency = try required(part, "Transport efficiency", in: name)
    guard porosity > 0, porosity <= 1 else {
      throw .outOfRange(key: "\(name): Porosity", value: porosity, allowed: "above 0, at most 1")
    }
    guard efficiency > 0, efficiency <= 1 else {
      throw .outOfRange(
        key: "\(name): Transport efficiency", value: efficiency, allowed: "above 0, at most 1")
    }
    guard porosity < 1 || efficiency == 1 else {
      throw .outOfRange(
        key: "\(name): Transport efficiency", value: efficiency,
        allowed: "1 where the porosity is 1")
    }
    // Without solid any exponent gives 1.
    values["\(name) Bruggeman coefficient (electrolyte)"] =
      porosity < 1 ? log(efficiency) / log(porosity) : 1.5
  }

  private mutating func readElectrode(
    _ side: String, _ part: [String: Any], _ salt: Double
  ) throws(ParameterError) {
    let name = "\(side) electrode"
    guard part["Particle"] == nil else {
      throw .unsupported(
        key: "\(name): Particle", reason: "blends of materials are not read from BPX files")
    }
    let maximum = "Maximum concentration in \(name.lowercased()) [mol.m-3]"
    try take(
      part,
      [
        "Thickness [m]": "\(name) thickness [m]", "Porosity": "\(name) porosity",
        "Conductivity [S.m-1]": "\(name) conductivity [S.m-1]",
        "Maximum concentration [mol.m-3]": maximum,
        "Particle radius [m]": "\(side) particle radius [m]",
        "Diffusivity [m2.s-1]": "\(side) particle diffusivity [m2.s-1]",
        "Diffusivity activation energy [J.mol-1]":
          "\(side) particle diffusivity activation energy [J.mol-1]",
        "OCP [V]": "\(name) OCP [V]",
        "Entropic change coefficient [V.K-1]": "\(name) OCP entropic change [V.K-1]",
        "Reaction rate constant activation energy [J.mol-1]":
          "\(name) reaction rate constant activation energy [J.mol-1]",
      ], in: name,
      others: [
        "Transport efficiency", "Minimum stoichiometry", "Maximum stoichiometry",
        "Surface area per unit volume [m-1]", "Reaction rate constant [mol.m-2.s-1]",
        "OCP (delithiation) [V]", "OCP (lithiation) [V]", "OCP hysteresis decay constant",
      ])
    try readEfficiency(part, name)
    // The conductivity of the file is that of the porous electrode.
    values["\(name) Bruggeman coefficient (electrode)"] = 0.0
    let full = try required(part, "Maximum concentration [mol.m-3]", in: name)
    let surface = try required(part, "Surface area per unit volume [m-1]", in: name)
    let radius = try required(part, "Particle radius [m]", in: name)
    values["\(name) active material volume fraction"] = surface * radius / 3
    let filled = try required(
      part, side == "Negative" ? "Maximum stoichiometry" : "Minimum stoichiometry", in: name)
    guard (0...1).contains(filled) else {
      throw .outOfRange(key: "\(name): stoichiometry", value: filled, allowed: "0 to 1")
    }
    values["Initial concentration in \(name.lowercased()) [mol.m-3]"] = filled * full
    let rate = try required(part, "Reaction rate constant [mol.m-2.s-1]", in: name)
    values[ParameterReader.rateKey(name)] =
      rate * PhysicalConstants.faraday / (full * salt.squareRoot())
  }

  /// One density and specific heat for all layers, as the file gives them.
  private mutating func readHeat(_ cell: [String: Any]) {
    guard let density = cell["Density [kg.m-3]"] as? Double,
      let specific = cell["Specific heat capacity [J.K-1.kg-1]"] as? Double,
      values["Cell volume [m3]"] != nil, values["Cell cooling surface area [m2]"] != nil
    else {
      values["Cell volume [m3]"] = nil
      values["Cell cooling surface area [m2]"] = nil
      values["Total heat transfer coefficient [W.m-2.K-1]"] = nil
      return
    }
    for layer in ["Negative electrode", "Separator", "Positive electrode"] {
      values["\(layer) density [kg.m-3]"] = density
      values["\(layer) specific heat capacity [J.kg-1.K-1]"] = specific
    }
    if values["Total heat transfer coefficient [W.m-2.K-1]"] == nil {
      values["Total heat transfer coefficient [W.m-2.K-1]"] =
        CellHeatParameters().transferCoefficient
    }
  }
}

/// The known key that a wrong one was probably meant to be.
enum NearestKey {
  /// The nearest key by letters that differ, if it is near.
  ///
  /// Three letters are never near: "Upper" is not meant to be "Lower".
  ///
  /// - Complexity: O(*n·m²*) for *n* keys of *m* letters.
  static func find(_ key: String, among keys: some Sequence<String>) -> String? {
    let limit = min(2, max(1, key.count / 5))
    var best: (key: String, distance: Int)?
    for candidate in Set(keys).sorted() {
      let distance = distance(key.lowercased(), candidate.lowercased())
      if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.key
  }

  private static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a), Array(b))
    var row = Array(0...b.count)
    for i in a.indices {
      var diagonal = row[0]
      row[0] = i + 1
      for j in b.indices {
        let change = diagonal + (a[i] == b[j] ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(change, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[b.count]
  }
}
