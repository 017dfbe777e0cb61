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
/// An electrode of two materials has them under `Particle`; a file for SPM has no electrolyte, and the
/// set it makes serves that model alone.
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
    let isAlone =
      parameterisation["Electrolyte"] == nil && section("Header")?["Model"] as? String == "SPM"
    if isAlone {
      try readState()
      fillForSPM()
    } else {
      guard parameterisation["Electrolyte"] != nil else {
        throw .unsupported(
          key: "Electrolyte", reason: "is missing, and the model of the header is not SPM")
      }
      let electrolyte = try part("Electrolyte", of: parameterisation)
      try take(electrolyte, Self.electrolyte, in: "Electrolyte", others: [])
      try readState()
      let separator = try part("Separator", of: parameterisation)
      try take(
        separator, ["Thickness [m]": "Separator thickness [m]", "Porosity": "Separator porosity"],
        in: "Separator", others: ["Transport efficiency"])
      try readEfficiency(separator, "Separator")
    }
    let salt = values["Initial concentration in electrolyte [mol.m-3]"] as? Double ?? 1_000
    values["Initial concentration in electrolyte [mol.m-3]"] = salt
    for side in ["Negative", "Positive"] {
      try readElectrode(
        side, try part("\(side) electrode", of: parameterisation), salt, isAlone: isAlone)
    }
    readHeat(cell)
    if let own = parameterisation["User-defined"] as? [String: Any] {
      // Parameters of ageing stand here by PyBaMM's names; others are the author's own.
      for (key, value) in own where Self.isKnownExtra(key) {
        // A start that is not the full cell stands here too.
        if values[key] == nil || key.contains("Initial concentration in ") { values[key] = value }
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

  /// The name of what marks a set that serves the model SPM alone.
  static let aloneKey = "Serves SPM alone"

  /// What SPM does not use and the reader of a set asks for.
  private mutating func fillForSPM() {
    values[Self.aloneKey] = 1.0
    values["Cation transference number"] = 0.3
    values["Electrolyte diffusivity [m2.s-1]"] = 3e-10
    values["Electrolyte conductivity [S.m-1]"] = 1.0
    values["Separator thickness [m]"] = 2e-5
    values["Separator porosity"] = 0.5
  }

  private static let particle: Map = [
    "Maximum concentration [mol.m-3]": "Maximum concentration in {electrode} [mol.m-3]",
    "Particle radius [m]": "{Side} particle radius [m]",
    "Diffusivity [m2.s-1]": "{Side} particle diffusivity [m2.s-1]",
    "Diffusivity activation energy [J.mol-1]":
      "{Side} particle diffusivity activation energy [J.mol-1]",
    "OCP [V]": "{Side} electrode OCP [V]",
    "Entropic change coefficient [V.K-1]": "{Side} electrode OCP entropic change [V.K-1]",
    "Reaction rate constant activation energy [J.mol-1]":
      "{Side} electrode reaction rate constant activation energy [J.mol-1]",
  ]
  private static let particleOthers: Set<String> = [
    "Minimum stoichiometry", "Maximum stoichiometry", "Surface area per unit volume [m-1]",
    "Reaction rate constant [mol.m-2.s-1]", "OCP (delithiation) [V]", "OCP (lithiation) [V]",
    "OCP hysteresis decay constant",
  ]

  private mutating func readElectrode(
    _ side: String, _ part: [String: Any], _ salt: Double, isAlone: Bool
  ) throws(ParameterError) {
    let name = "\(side) electrode"
    let blend = part["Particle"] as? [String: Any]
    var map: Map = ["Thickness [m]": "\(name) thickness [m]"]
    var others: Set<String> = blend == nil ? [] : ["Particle"]
    if !isAlone {
      map["Porosity"] = "\(name) porosity"
      map["Conductivity [S.m-1]"] = "\(name) conductivity [S.m-1]"
      others.insert("Transport efficiency")
    }
    if blend == nil {
      map.merge(Self.named(Self.particle, side, prefix: "")) { first, _ in first }
      others.formUnion(Self.particleOthers)
    }
    let blended = try blend.map { blend throws(ParameterError) in try materials(blend, name) }
    try take(part, map, in: name, others: others)
    // The conductivity of the file is that of the porous electrode.
    values["\(name) Bruggeman coefficient (electrode)"] = 0.0
    var active = 0.0
    if let blended {
      for (prefix, label, material) in blended {
        try take(
          material, Self.named(Self.particle, side, prefix: prefix), in: label,
          others: Self.particleOthers)
        active += try readParticle(side, material, salt, prefix: prefix, label: label)
      }
    } else {
      active = try readParticle(side, part, salt, prefix: "", label: name)
    }
    if isAlone {
      values["\(name) porosity"] = min(0.3, max(0.01, 1 - active))
      values["\(name) conductivity [S.m-1]"] = 100.0
    } else {
      try readEfficiency(part, name)
    }
  }

  private static func named(_ map: Map, _ side: String, prefix: String) -> Map {
    map.mapValues {
      prefix
        + $0.replacing("{Side}", with: side)
        .replacing("{electrode}", with: "\(side.lowercased()) electrode")
    }
  }

  /// The two materials of a blend: the one with branches of its potential second, otherwise that
  /// which holds less lithium.
  private func materials(
    _ blend: [String: Any], _ name: String
  ) throws(ParameterError) -> [(prefix: String, label: String, part: [String: Any])] {
    var found: [(label: String, part: [String: Any], hysteresis: Bool, lithium: Double)] = []
    for (key, value) in blend.sorted(by: { $0.key < $1.key }) {
      let label = "\(name): Particle: \(key)"
      guard let part = value as? [String: Any] else { throw .missing(key: label) }
      let surface = try required(part, "Surface area per unit volume [m-1]", in: label)
      let radius = try required(part, "Particle radius [m]", in: label)
      let full = try required(part, "Maximum concentration [mol.m-3]", in: label)
      found.append(
        (label, part, part["OCP (lithiation) [V]"] != nil, surface * radius / 3 * full))
    }
    guard found.count == 2 else {
      throw .unsupported(
        key: "\(name): Particle", reason: "has \(found.count) materials; the models take two")
    }
    let isSwapped =
      found[0].hysteresis == found[1].hysteresis
      ? found[0].lithium < found[1].lithium : found[0].hysteresis
    if isSwapped { found.swapAt(0, 1) }
    return [
      ("Primary: ", found[0].label, found[0].part), ("Secondary: ", found[1].label, found[1].part),
    ]
  }

  /// Reads one material.
  ///
  /// - Returns: Its volume fraction.
  private mutating func readParticle(
    _ side: String, _ part: [String: Any], _ salt: Double, prefix: String, label: String
  ) throws(ParameterError) -> Double {
    let name = "\(side) electrode"
    let full = try required(part, "Maximum concentration [mol.m-3]", in: label)
    let surface = try required(part, "Surface area per unit volume [m-1]", in: label)
    let radius = try required(part, "Particle radius [m]", in: label)
    values["\(prefix)\(name) active material volume fraction"] = surface * radius / 3
    let filled = try required(
      part, side == "Negative" ? "Maximum stoichiometry" : "Minimum stoichiometry", in: label)
    guard (0...1).contains(filled) else {
      throw .outOfRange(key: "\(label): stoichiometry", value: filled, allowed: "0 to 1")
    }
    values["\(prefix)Initial concentration in \(name.lowercased()) [mol.m-3]"] = filled * full
    let rate = try required(part, "Reaction rate constant [mol.m-2.s-1]", in: label)
    values[ParameterReader.rateKey(prefix + name)] =
      rate * PhysicalConstants.faraday / (full * salt.squareRoot())
    guard prefix == "Secondary: " else { return surface * radius / 3 }
    if let low = part["OCP (lithiation) [V]"], let high = part["OCP (delithiation) [V]"] {
      values["\(prefix)\(name) lithiation OCP [V]"] = low
      values["\(prefix)\(name) delithiation OCP [V]"] = high
    }
    // Without branches nothing depends on the rate.
    values["\(prefix)\(side) particle hysteresis decay rate"] =
      part["OCP hysteresis decay constant"] ?? 0.0
    return surface * radius / 3
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
