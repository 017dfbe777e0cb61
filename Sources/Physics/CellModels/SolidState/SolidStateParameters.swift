// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The parameters of a lithium metal cell with a solid electrolyte, in coherent SI.

/// What a cell with lithium metal and a solid electrolyte needs beside ``CellParameters``.
///
/// The set's positive electrode is the composite cathode: its porosity is the volume fraction of
/// solid electrolyte. The set's negative electrode is the lithium: its thickness is the greatest
/// thickness of metal, its maximum concentration that of the metal, and its potential zero.
public struct SolidStateParameters: Sendable {
  /// Ionic conductivity of the electrolyte, in S/m; constant, with Arrhenius' law.
  public var conductivity = PropertyFunction(constant: 0)
  /// Stack pressure, in pascals.
  public var stackPressure = 5e6
  /// Exchange-current density of lithium on the electrolyte, in A/m².
  public var exchangeCurrentDensity = 0.0
  /// Its activation energy, in J/mol.
  public var exchangeActivationEnergy = 0.0
  /// Contact of the lithium with the electrolyte.
  public var lithiumContact: any ContactLaw = FullContact()
  /// Contact of the cathode's particles with the electrolyte.
  public var cathodeContact: any ContactLaw = FullContact()
  /// Growth of the interphase on the lithium.
  public var interphaseGrowth: any SolidInterphaseGrowth = NoSolidInterphaseGrowth()
  /// Thickness of the interphase at the start, in metres.
  public var interphaseThickness = 1e-8
  /// Resistivity of the interphase, in Ω·m; constant, with Arrhenius' law of its inverse.
  public var interphaseResistivity = 0.0
  /// Activation energy of the interphase's conductivity, in J/mol.
  public var interphaseActivationEnergy = 0.0
  /// Lithium bound per volume of interphase, in mol/m³.
  public var interphaseLithium = 0.0
  /// Limits of stripping and plating.
  public var limits: any LithiumLimits = UnlimitedLithium()
  /// Thickness of voids at which refilling is at its full rate but for 1/e, in metres.
  public var voidRefilling = 1e-7
  /// Thickness of voids at which contact falls by the factor e, in metres.
  public var voidContactLoss = 5e-6

  /// Creates parameters with every phenomenon at its null.
  public init() {}

  /// Molar volume of lithium, in m³/mol: 6.94 g/mol over 534 kg/m³.
  public static let lithiumMolarVolume = 1.3e-5
}

/// What can be asked of the interfaces of a solid-state cell.
public struct SolidStateObservation: Hashable, Sendable {
  /// Contact of the lithium by pressure and voids, 0 to 1.
  public var lithiumContact = 1.0
  /// Contact of the cathode's particles, 0 to 1.
  public var cathodeContact = 1.0
  /// Thickness of voids at the lithium, in metres.
  public var voidThickness = 0.0
  /// Thickness of the interphase, in metres.
  public var interphaseThickness = 0.0
  /// Resistance of the interphase and the contact of the lithium, in Ω·m².
  public var interphaseResistance = 0.0
  /// Current density at the lithium over the area that voids leave, in A/m²; stripping positive.
  public var localCurrentDensity = 0.0
  /// Current density up to which stripping leaves no lasting voids, in A/m².
  public var strippingLimit = 0.0
  /// Current density of plating above which a dendrite starts, in A/m².
  public var platingLimit = 0.0
}
