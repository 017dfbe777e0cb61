// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Parameter files: PyBaMM's names with numbers and tables, as JSON.

public import Foundation

extension CellParameters {
  /// Reads a set in PyBaMM's names and SI units from JSON.
  ///
  /// The document is an object of parameters, or an object with `scalars`, `tables` and `set`
  /// (its name); or a BPX document of the Faraday Institution (versions 0.x and 1.x, for DFN or
  /// SPMe). A value is a number, an expression such as `1.9793*exp(-39.36*x) + 0.2482` (in `x`,
  /// `sto` or `c_e`; exchange-current densities in `c_e`, `c_s_surf` and `c_s_max`), or a table
  /// `{"x": […], "y": […]}`: potentials, entropic changes and particle diffusivities by
  /// stoichiometry, electrolyte properties by concentration in mol/m³, exchange-current densities by stoichiometry at 1000 mol/m³ of salt. Tables are
  /// joined by shape-preserving cubics. A key such as
  /// `Electrolyte diffusivity activation energy [J.mol-1]` beside a property gives its dependence
  /// on temperature. A negative electrode of two materials has names that begin with `Primary: ` and
  /// `Secondary: `. Names that PyBaMM has for
  /// phenomena that are not modelled are ignored; others that are not known are refused.
  ///
  /// - Parameter json: The document.
  /// - Throws: ``ParameterError`` naming the key that is missing, unknown, impossible or of a form
  ///   that cannot be used.
  public init(json: Data) throws(ParameterError) {
    let document = try ParameterDocument(json: json)
    try self.init(values: try document.values(), name: document.name, source: document.source)
  }

  /// Reads a set from values by PyBaMM's names.
  init(values: [String: Any], name: String, source: String) throws(ParameterError) {
    var reader = ParameterReader(values: values)
    self.init(name: name, source: source)
    negative = try reader.electrode("Negative")
    positive = try reader.electrode("Positive")
    separator.thickness = try reader.number("Separator thickness [m]")
    separator.porosity = try reader.number("Separator porosity")
    separator.bruggemanElectrolyte = try reader.number(
      "Separator Bruggeman coefficient (electrolyte)", default: 1.5)
    separator.density = try reader.number("Separator density [kg.m-3]", default: 0)
    separator.specificHeat = try reader.number(
      "Separator specific heat capacity [J.kg-1.K-1]", default: 0)
    electrolyte.initialConcentration = try reader.number(
      "Initial concentration in electrolyte [mol.m-3]")
    electrolyte.transferenceNumber = try reader.number("Cation transference number")
    electrolyte.thermodynamicFactor = try reader.number("Thermodynamic factor", default: 1)
    electrolyte.diffusivity = try reader.function("Electrolyte diffusivity [m2.s-1]")
    electrolyte.conductivity = try reader.function("Electrolyte conductivity [S.m-1]")
    electrodeArea =
      try reader.number("Electrode height [m]") * reader.number("Electrode width [m]")
    pairCount = try reader.number(
      "Number of electrodes connected in parallel to make a cell", default: 1)
    contactResistance = try reader.number("Contact resistance [Ohm]", default: 0)
    nominalCapacity = try reader.number("Nominal cell capacity [A.h]") * 3_600
    lowerCutOff = try reader.number("Lower voltage cut-off [V]")
    upperCutOff = try reader.number("Upper voltage cut-off [V]")
    referenceTemperature = try reader.number("Reference temperature [K]", default: 298.15)
    ambientTemperature = try reader.number("Ambient temperature [K]", default: 298.15)
    heat = try reader.heat()
    interphase = try reader.interphase()
    plating = try reader.plating()
    negative.mechanics = try reader.mechanics(
      "Negative", maximum: negative.maximumConcentration)
    positive.mechanics = try reader.mechanics(
      "Positive", maximum: positive.maximumConcentration)
    servesSPMAlone = try reader.number(BPXReader.aloneKey, default: 0) == 1
    try reader.refuseUnknown()
    try validate(allowsComposite: true, needsElectrolyte: false)
  }
}
