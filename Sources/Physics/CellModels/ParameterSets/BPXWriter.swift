// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Parameter sets as BPX files.

public import Foundation
import Quantities

extension CellParameters {
  /// The set as a BPX document, version 1.1, that ``init(json:)`` reads back.
  ///
  /// Constants are those of the set to rounding. A property is written as it was given: as a number,
  /// as its points, or as its expression; a function of the program becomes a table of 2001 points,
  /// potentials at the very places where the models look them up. What BPX has no place for and
  /// ``init(json:)`` reads (film growth, plating, mechanics, contacts, a start that is not the full
  /// cell) stands in `User-defined` by PyBaMM's names. The heat capacity is that of the whole cell;
  /// the shape for a temperature field and the layers' own densities are left out.
  ///
  /// - Returns: The file as UTF-8, keys sorted.
  /// - Throws: ``ParameterError`` naming what BPX cannot say: a solid electrolyte, a part of an
  ///   electrode pair; or a value that is impossible.
  /// - Reference: Battery Parameter eXchange, https://bpxstandard.com, version 1.1.
  public func bpx() throws(ParameterError) -> Data {
    var writer = ExactJSONWriter()
    try writer.write(try BPXWriter(self).document(), key: "the document", depth: 0)
    return Data((writer.text + "\n").utf8)
  }
}

/// Turns a set into a BPX document.
struct BPXWriter {
  private let set: CellParameters

  init(_ set: CellParameters) { self.set = set }

  /// The document.
  func document() throws(ParameterError) -> [String: Any] {
    if set.solidState != nil {
      throw .unsupported(
        key: "solid electrolyte", reason: "BPX has no place for the set \(set.name)")
    }
    guard let pairs = Int(exactly: set.pairCount) else {
      throw .outOfRange(
        key: "Number of electrodes connected in parallel to make a cell", value: set.pairCount,
        allowed: "a whole number in BPX")
    }
    try set.validate(allowsComposite: true)
    let full = try set.stoichiometries(stateOfCharge: 1)
    let empty = try set.stoichiometries(stateOfCharge: 0)
    var cell: [String: Any] = [
      "Electrode area [m2]": set.electrodeArea,
      "Number of electrode pairs connected in parallel to make a cell": pairs,
      "Nominal cell capacity [A.h]": set.nominalCapacity / 3_600,
      "Lower voltage cut-off [V]": set.lowerCutOff, "Upper voltage cut-off [V]": set.upperCutOff,
      "Reference temperature [K]": set.referenceTemperature,
    ]
    var around: [String: Any] = ["Ambient temperature [K]": set.ambientTemperature]
    if let heat = set.heat, set.heatCapacity > 0 {
      cell["External surface area [m2]"] = heat.coolingArea
      cell["Volume [m3]"] = heat.volume
      cell["Density [kg.m-3]"] = density
      cell["Specific heat capacity [J.K-1.kg-1]"] = set.heatCapacity / (density * heat.volume)
      around["Heat transfer coefficient [W.m-2.K-1]"] = heat.transferCoefficient
    }
    let salt = set.electrolyte.initialConcentration
    let reach = max(5_000, 4 * salt)
    return [
      "Header": [
        "BPX": "1.1.0", "Title": set.name, "References": set.source, "Model": "DFN",
      ],
      "Parameterisation": [
        "Cell": cell,
        "Electrolyte": [
          "Cation transference number": set.electrolyte.transferenceNumber,
          "Diffusivity [m2.s-1]": Self.value(set.electrolyte.diffusivity, to: reach),
          "Diffusivity activation energy [J.mol-1]": set.electrolyte.diffusivity.activationEnergy,
          "Conductivity [S.m-1]": Self.value(set.electrolyte.conductivity, to: reach),
          "Conductivity activation energy [J.mol-1]": set.electrolyte.conductivity.activationEnergy,
        ],
        "Negative electrode": electrode(set.negative, (empty.negative, full.negative)),
        "Positive electrode": electrode(set.positive, (full.positive, empty.positive)),
        "Separator": [
          "Thickness [m]": set.separator.thickness, "Porosity": set.separator.porosity,
          "Transport efficiency": pow(set.separator.porosity, set.separator.bruggemanElectrolyte),
        ],
        "User-defined": extras(),
      ],
      "State": [
        "Initial conditions": [
          "Initial electrolyte concentration [mol.m-3]": salt,
          "Initial temperature [K]": set.ambientTemperature, "Initial state-of-charge": 1.0,
        ],
        "Thermal environment": around,
      ],
    ]
  }

  /// Density of coatings and separator by thickness, in kg/m³.
  private var density: Double {
    (set.negative.density * set.negative.thickness + set.positive.density * set.positive.thickness
      + set.separator.density * set.separator.thickness) / set.stackThickness
  }

  private func electrode(
    _ electrode: PorousElectrodeParameters, _ limits: (least: Double, most: Double)
  ) -> [String: Any] {
    let solid = electrode.activeFraction + (electrode.second?.activeFraction ?? 0)
    var part: [String: Any] = [
      "Thickness [m]": electrode.thickness, "Porosity": electrode.porosity,
      "Transport efficiency": pow(electrode.porosity, electrode.bruggemanElectrolyte),
      "Conductivity [S.m-1]": electrode.conductivity * pow(solid, electrode.bruggemanElectrode),
    ]
    guard let second = electrode.second else {
      part.merge(particle(electrode, limits)) { first, _ in first }
      return part
    }
    let other = electrode.second(second)
    let least = electrode.restSplit(limits.least)
    let most = electrode.restSplit(limits.most)
    var silicon = particle(other, (least.second, most.second))
    silicon["OCP (lithiation) [V]"] = Self.value(second.lithiationPotential, to: 1)
    silicon["OCP (delithiation) [V]"] = Self.value(second.delithiationPotential, to: 1)
    // That standard's rate counts a change of the state from −1 to 1 as one.
    silicon["OCP hysteresis decay constant"] = 2 * second.hysteresisRate
    part["Particle"] = [
      "Primary": particle(electrode, (least.first, most.first)), "Secondary": silicon,
    ]
    return part
  }

  /// One active material.
  private func particle(
    _ electrode: PorousElectrodeParameters, _ limits: (least: Double, most: Double)
  ) -> [String: Any] {
    let salt = set.electrolyte.initialConcentration
    let rate =
      electrode.reactionRate * electrode.maximumConcentration * salt.squareRoot()
      / PhysicalConstants.faraday
    return [
      "Minimum stoichiometry": limits.least, "Maximum stoichiometry": limits.most,
      "Maximum concentration [mol.m-3]": electrode.maximumConcentration,
      "Particle radius [m]": electrode.particleRadius,
      "Surface area per unit volume [m-1]": electrode.surfaceDensity,
      "Diffusivity [m2.s-1]": Self.value(electrode.diffusivity, to: 1),
      "Diffusivity activation energy [J.mol-1]": electrode.diffusivity.activationEnergy,
      "OCP [V]": Self.value(electrode.openCircuitPotential, to: 1),
      // Of zero as well: PyBaMM asks for it.
      "Entropic change coefficient [V.K-1]": Self.value(electrode.entropicChange, to: 1),
      "Reaction rate constant [mol.m-2.s-1]": rate,
      "Reaction rate constant activation energy [J.mol-1]": electrode.reactionActivationEnergy,
    ]
  }

  /// A number, an expression, or a table from 0 to the end.
  private static func value(_ property: PropertyFunction, to end: Double) -> Any {
    if let constant = property.constant { return constant }
    switch property.form {
    case .expression(let text, isExchangeable: true): return text
    case .points(let x, let y): return ["x": x, "y": y]
    default:
      // Places as the models' own tables compute them.
      let step = end / 2_000
      let places = (0...2_000).map { Double($0) * step }.filter { property.value($0).isFinite }
      return ["x": places, "y": places.map(property.value)]
    }
  }

  /// What BPX has no place for, by PyBaMM's names.
  private func extras() -> [String: Any] {
    let start = "Initial concentration in negative electrode [mol.m-3]"
    var own: [String: Any] = [
      "Initial concentration in positive electrode [mol.m-3]": set.positive.initialConcentration
    ]
    if let second = set.negative.second {
      own["Primary: " + start] = set.negative.initialConcentration
      own["Secondary: " + start] = second.initialConcentration
    } else {
      own[start] = set.negative.initialConcentration
    }
    if set.contactResistance > 0 { own["Contact resistance [Ohm]"] = set.contactResistance }
    if set.electrolyte.thermodynamicFactor != 1 {
      own["Thermodynamic factor"] = set.electrolyte.thermodynamicFactor
    }
    if let film = set.interphase { own.merge(Self.film(film)) { first, _ in first } }
    if let plating = set.plating {
      own["Lithium plating kinetic rate constant [m.s-1]"] = plating.rateConstant
      own["Lithium plating transfer coefficient"] = plating.transferCoefficient
      own["Dead lithium decay constant [s-1]"] = plating.deadLithiumRate
      own["Initial plated lithium concentration [mol.m-3]"] = plating.initialConcentration
      own["Lithium metal partial molar volume [m3.mol-1]"] = plating.partialMolarVolume
    }
    for (side, electrode) in [("Negative", set.negative), ("Positive", set.positive)] {
      guard let mechanics = electrode.mechanics else { continue }
      own.merge(Self.mechanics(mechanics, "\(side) electrode")) { first, _ in first }
    }
    return own
  }

  private static func film(_ film: InterphaseParameters) -> [String: Any] {
    [
      "Initial SEI thickness [m]": film.initialThickness,
      "Initial SEI on cracks thickness [m]": film.initialCrackThickness,
      "SEI partial molar volume [m3.mol-1]": film.partialMolarVolume,
      "Ratio of lithium moles to SEI moles": film.lithiumPerMolecule,
      "SEI resistivity [Ohm.m]": film.resistivity,
      "SEI open-circuit potential [V]": film.potential,
      "SEI growth activation energy [J.mol-1]": film.activationEnergy,
      "SEI reaction exchange current density [A.m-2]": film.exchangeCurrentDensity,
      "SEI solvent diffusivity [m2.s-1]": film.solventDiffusivity,
      "Bulk solvent concentration [mol.m-3]": film.solventConcentration,
      "SEI electron conductivity [S.m-1]": film.electronConductivity,
      "SEI lithium interstitial diffusivity [m2.s-1]": film.interstitialDiffusivity,
      "Lithium interstitial reference concentration [mol.m-3]": film.interstitialConcentration,
      "SEI kinetic rate constant [m.s-1]": film.carbonateRate,
      "EC diffusivity [m2.s-1]": film.carbonateDiffusivity,
      "EC initial concentration in electrolyte [mol.m-3]": film.carbonateConcentration,
    ]
  }

  private static func mechanics(_ part: ParticleMechanics, _ name: String) -> [String: Any] {
    [
      "\(name) partial molar volume [m3.mol-1]": part.partialMolarVolume,
      "\(name) Young's modulus [Pa]": part.youngModulus,
      "\(name) Poisson's ratio": part.poissonRatio,
      "\(name) reference concentration for free of deformation [mol.m-3]":
        part.referenceConcentration,
      "\(name) volume change": value(part.volumeChange, to: 1),
      "\(name) critical stress [Pa]": part.criticalStress,
      "\(name) LAM constant proportional term [s-1]": part.lossRate,
      "\(name) LAM constant exponential term": part.lossExponent,
      "\(name) reaction-driven LAM factor [m3.mol-1]": part.reactionLossFactor,
      "\(name) initial crack length [m]": part.initialCrackLength,
      "\(name) initial crack width [m]": part.crackWidth,
      "\(name) number of cracks per unit area [m-2]": part.crackDensity,
      "\(name) Paris' law constant b": part.parisFactor,
      "\(name) Paris' law constant m": part.parisExponent,
      "\(name) cracking rate": part.crackingRate,
    ]
  }
}
