// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A parameter set as lines of name, value and unit, and what the named sets are made of.

import Foundation

/// One line of a listing.
public struct ParameterLine: Hashable, Sendable {
  /// Part of the cell.
  public let part: String
  /// Name of the parameter.
  public let name: String
  /// The value; that at one place where it depends on something.
  public let value: String
  /// Unit; empty for pure numbers.
  public let unit: String
  /// How a property is given; empty for numbers.
  public let form: String

  init(part: String, name: String, value: String, unit: String, form: String = "") {
    (self.part, self.name, self.value, self.unit, self.form) = (part, name, value, unit, form)
  }
}

extension CellParameters {
  /// What the named sets are made of, and what they are a model of.
  ///
  /// - Parameter name: One of ``names``, whatever its case.
  /// - Returns: A line of text; nil for other names.
  public static func chemistry(of name: String) -> String? {
    switch name.lowercased() {
    case "argyrodite-nmc811": "NMC811 / lithium, Li6PS5Cl solid electrolyte"
    case "chen2020": "NMC811 / graphite-SiOx, LG M50 21700"
    case "chen2020-composite": "NMC811 / graphite and silicon as two materials, LG M50 21700"
    case "ecker2015": "Li(Ni,Co)O2 / graphite, Kokam SLPB 75106100 layer"
    case "marquis2019": "LiCoO2 / graphite, Kokam SLPB 75106100 layer"
    case "okane2022": "NMC811 / graphite-SiOx, LG M50 21700 with ageing"
    case "prada2013": "LiFePO4 / graphite, A123 ANR26650"
    default: nil
    }
  }

  /// The values of the set with their units, part by part.
  public var listing: [ParameterLine] {
    var lines = [
      number("Cell", "nominal capacity", nominalCapacity / 3_600, "A.h"),
      number("Cell", "lower voltage cut-off", lowerCutOff, "V"),
      number("Cell", "upper voltage cut-off", upperCutOff, "V"),
      number("Cell", "electrode area", electrodeArea, "m2"),
      number("Cell", "electrode pairs in parallel", pairCount, ""),
      number("Cell", "contact resistance", contactResistance, "Ohm"),
      number("Cell", "reference temperature", referenceTemperature, "K"),
      number("Cell", "ambient temperature", ambientTemperature, "K"),
    ]
    if let heat {
      lines += [
        number("Cell", "heat capacity", heatCapacity, "J.K-1"),
        number("Cell", "cooled surface", heat.coolingArea, "m2"),
        number("Cell", "volume", heat.volume, "m3"),
        number("Cell", "heat transfer coefficient", heat.transferCoefficient, "W.m-2.K-1"),
      ]
    }
    lines += list(negative, "Negative electrode") + list(positive, "Positive electrode")
    lines += [
      number("Separator", "thickness", separator.thickness, "m"),
      number("Separator", "porosity", separator.porosity, ""),
      number("Separator", "Bruggeman exponent", separator.bruggemanElectrolyte, ""),
    ]
    if solidState == nil {
      let salt = electrolyte.initialConcentration
      lines += [
        number("Electrolyte", "salt concentration", salt, "mol.m-3"),
        number("Electrolyte", "transference number", electrolyte.transferenceNumber, ""),
        number("Electrolyte", "thermodynamic factor", electrolyte.thermodynamicFactor, ""),
      ]
      lines += list("Electrolyte", "diffusivity", electrolyte.diffusivity, "m2.s-1", at: salt)
      lines += list("Electrolyte", "conductivity", electrolyte.conductivity, "S.m-1", at: salt)
    }
    let has = [
      ("film growth", interphase != nil), ("plating", plating != nil),
      ("mechanics of particles", negative.mechanics != nil || positive.mechanics != nil),
      ("temperature field", heat?.field != nil), ("solid electrolyte", solidState != nil),
      ("second negative material", negative.second != nil),
    ].filter(\.1).map(\.0)
    lines.append(
      ParameterLine(
        part: "Also given", name: "parameters of",
        value: has.isEmpty ? "nothing else" : has.joined(separator: ", "), unit: ""))
    return lines
  }

  private func list(_ electrode: PorousElectrodeParameters, _ part: String) -> [ParameterLine] {
    let isPlainMetal = solidState != nil && part.hasPrefix("Negative")
    if isPlainMetal { return [number(part, "thickness", electrode.thickness, "m")] }
    return [
      number(part, "thickness", electrode.thickness, "m"),
      number(part, "porosity", electrode.porosity, ""),
      number(part, "active material volume fraction", electrode.activeFraction, ""),
      number(part, "particle radius", electrode.particleRadius, "m"),
      number(part, "maximum concentration", electrode.maximumConcentration, "mol.m-3"),
      number(part, "initial concentration", electrode.initialConcentration, "mol.m-3"),
      number(part, "electronic conductivity", electrode.conductivity, "S.m-1"),
      number(part, "Bruggeman exponent (electrolyte)", electrode.bruggemanElectrolyte, ""),
      number(part, "Bruggeman exponent (electrode)", electrode.bruggemanElectrode, ""),
      number(
        part, "exchange-current factor", electrode.reactionRate, "A.m-2.(m3.mol-1)1.5"),
      number(part, "its activation energy", electrode.reactionActivationEnergy, "J.mol-1"),
    ] + list(part, "particle diffusivity", electrode.diffusivity, "m2.s-1", at: 0.5)
      + list(part, "open-circuit potential", electrode.openCircuitPotential, "V", at: 0.5)
      + list(part, "entropic change", electrode.entropicChange, "V.K-1", at: 0.5)
  }

  private func number(
    _ part: String, _ name: String, _ value: Double, _ unit: String
  ) -> ParameterLine {
    ParameterLine(part: part, name: name, value: "\(value)", unit: unit)
  }

  private func list(
    _ part: String, _ name: String, _ property: PropertyFunction, _ unit: String, at place: Double
  ) -> [ParameterLine] {
    let form =
      switch property.form {
      case .constant: ""
      case .function: "function"
      case .expression: "expression"
      case .points(let x, _): "table of \(x.count) points"
      }
    let isConstant = property.constant != nil
    var lines = [
      ParameterLine(
        part: part, name: isConstant ? name : "\(name) at \(place)",
        value: Self.short(property.value(place)), unit: unit, form: form)
    ]
    if property.activationEnergy != 0 {
      lines.append(
        number(part, "its activation energy", property.activationEnergy, "J.mol-1"))
    }
    return lines
  }

  /// Seven digits.
  private static func short(_ value: Double) -> String {
    guard value != 0, value.isFinite else { return "\(value)" }
    return Double(String(format: "%.6e", value)).map { "\($0)" } ?? "\(value)"
  }
}
