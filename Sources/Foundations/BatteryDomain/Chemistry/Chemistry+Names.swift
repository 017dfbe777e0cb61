// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Chemistries from the names that files, data sheets and people use.

extension Chemistry {
  /// The chemistry of a name as files, data sheets and people write it.
  ///
  /// Case, blanks, hyphens, underscores and slashes do not matter; `NMC` and `NCM` are the same.
  /// Names that leave the hazards open are refused: `NMC` without its nickel content, sodium ion
  /// without its cathode, and `lithium polymer`, which is usually a liquid cell in a pouch. The
  /// result is nil for these and for a name that is not known.
  ///
  /// - Parameter name: For example `NMC 811`, `LiFePO4`, `li-s`, or a raw value.
  public init?(name: String) {
    let key = String(name.lowercased().filter { $0.isLetter || $0.isNumber })
    guard let chemistry = Self.names[key] else { return nil }
    self = chemistry
  }

  private static let names: [String: Chemistry] = {
    var names: [String: Chemistry] = [
      "lifepo4": .lfp, "nmc111": .ncm111, "nmc333": .ncm111, "ncm333": .ncm111,
      "nmc523": .ncm523, "nmc532": .ncm523, "ncm532": .ncm523, "nmc622": .ncm622,
      "nmc811": .ncm811, "linicoalo2": .nca, "licoo2": .lco, "limn2o4": .lmo,
      "li4ti5o12": .lto, "titanate": .lto, "sigraphite": .siliconGraphite,
      "prussianblue": .sodiumPrussianBlue,
      "kion": .potassiumIon, "sulfide": .sulfideSolidState,
      "lis": .lithiumSulfur, "leadacid": .vrla, "agm": .vrla,
      "gel": .vrla,
    ]
    for chemistry in allCases {
      names[String(chemistry.rawValue.filter { $0.isLetter || $0.isNumber })] = chemistry
    }
    return names
  }()
}
