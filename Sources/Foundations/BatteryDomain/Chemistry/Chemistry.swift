// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The cell chemistries the product knows.

/// A cell chemistry: a cathode with its usual anode, an anode with its usual cathode where the
/// anode is what matters, or a whole system.
public enum Chemistry: String, CaseIterable, Codable, Hashable, Sendable {
  /// Lithium iron phosphate against graphite, liquid electrolyte.
  case lfp
  /// LiNi₁⸝₃Co₁⸝₃Mn₁⸝₃O₂ against graphite, liquid electrolyte.
  case ncm111
  /// LiNi₀.₅Co₀.₂Mn₀.₃O₂ against graphite, liquid electrolyte.
  case ncm523
  /// LiNi₀.₆Co₀.₂Mn₀.₂O₂ against graphite, liquid electrolyte.
  case ncm622
  /// LiNi₀.₈Co₀.₁Mn₀.₁O₂ against graphite, liquid electrolyte.
  case ncm811
  /// Lithium nickel cobalt aluminium oxide against graphite, liquid electrolyte.
  case nca
  /// Lithium cobalt oxide against graphite, liquid electrolyte.
  case lco
  /// Lithium manganese oxide spinel against graphite, liquid electrolyte.
  case lmo
  /// Lithium titanate anode against a layered oxide, liquid electrolyte.
  case lto
  /// Silicon-graphite anode against a nickel-rich oxide, liquid electrolyte.
  case siliconGraphite = "silicon_graphite"
  /// Sodium layered oxide against hard carbon, liquid electrolyte.
  case sodiumLayered = "sodium_layered"
  /// Sodium Prussian-blue analogue against hard carbon, liquid electrolyte.
  case sodiumPrussianBlue = "sodium_prussian_blue"
  /// Potassium ion, usually with a Prussian-blue cathode, liquid electrolyte.
  case potassiumIon = "potassium_ion"
  /// Sulfide solid electrolyte with a layered oxide.
  case sulfideSolidState = "sulfide_solid_state"
  /// Oxide solid electrolyte, lithium metal.
  case oxideSolidState = "oxide_solid_state"
  /// Polymer solid electrolyte, lithium metal.
  case polymerSolidState = "polymer_solid_state"
  /// Sulfur cathode against lithium metal.
  case lithiumSulfur = "lithium_sulfur"
  /// Valve-regulated lead-acid.
  case vrla

  /// Short name for labels, for example `NCM811`.
  public var label: String {
    switch self {
    case .lfp: "LFP"
    case .ncm111: "NCM111"
    case .ncm523: "NCM523"
    case .ncm622: "NCM622"
    case .ncm811: "NCM811"
    case .nca: "NCA"
    case .lco: "LCO"
    case .lmo: "LMO"
    case .lto: "LTO anode"
    case .siliconGraphite: "silicon-graphite anode"
    case .sodiumLayered: "sodium layered oxide"
    case .sodiumPrussianBlue: "sodium Prussian blue"
    case .potassiumIon: "potassium ion"
    case .sulfideSolidState: "sulfide solid state"
    case .oxideSolidState: "oxide solid state"
    case .polymerSolidState: "polymer solid state"
    case .lithiumSulfur: "lithium-sulfur"
    case .vrla: "VRLA"
    }
  }

  /// What the mobile charge and the electrolyte are; decides which rules apply.
  public var family: Family {
    switch self {
    case .lfp, .ncm111, .ncm523, .ncm622, .ncm811, .nca, .lco, .lmo, .lto, .siliconGraphite:
      .lithiumLiquid
    case .sodiumLayered, .sodiumPrussianBlue: .sodiumLiquid
    case .potassiumIon: .potassiumLiquid
    case .sulfideSolidState, .oxideSolidState, .polymerSolidState: .solidState
    case .lithiumSulfur: .lithiumSulfur
    case .vrla: .leadAcid
    }
  }

  /// Families of chemistries that share their electrolyte.
  public enum Family: String, CaseIterable, Codable, Hashable, Sendable {
    /// Lithium ion with liquid carbonate electrolyte.
    case lithiumLiquid = "lithium_liquid"
    /// Sodium ion with liquid electrolyte.
    case sodiumLiquid = "sodium_liquid"
    /// Potassium ion with liquid electrolyte.
    case potassiumLiquid = "potassium_liquid"
    /// Lithium with a solid electrolyte.
    case solidState = "solid_state"
    /// Lithium metal and sulfur.
    case lithiumSulfur = "lithium_sulfur"
    /// Lead, lead dioxide and sulfuric acid.
    case leadAcid = "lead_acid"
  }
}
