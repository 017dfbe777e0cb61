// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Shapes, conductivities and tabs of the cells whose sources give them.

extension CellFieldParameters {
  /// Collectors and coatings of one electrode pair, in metres, W/(m·K) and S/m.
  private struct Pair {
    var copper: (thickness: Double, conductivity: Double, electric: Double)
    var aluminium: (thickness: Double, conductivity: Double, electric: Double)

    /// A field with the conductivities that PyBaMM's sets carry for the coatings: 1.7 W/(m·K)
    /// negative, 2.1 W/(m·K) positive and 0.16 W/(m·K) separator.
    func field(_ set: CellParameters, _ shape: CellShape) -> CellFieldParameters {
      let (through, inPlane) = CellFieldParameters.stack([
        (copper.thickness, copper.conductivity), (set.negative.thickness, 1.7),
        (set.separator.thickness, 0.16), (set.positive.thickness, 2.1),
        (aluminium.thickness, aluminium.conductivity),
      ])
      var field = CellFieldParameters(
        shape: shape, throughConductivity: through, inPlaneConductivity: inPlane)
      field.negativeSheetConductance = copper.electric * copper.thickness * set.pairCount
      field.positiveSheetConductance = aluminium.electric * aluminium.thickness * set.pairCount
      return field
    }
  }

  /// LG M50: the can of Chen et al. (2020), doi:10.1149/1945-7111/ab9050, as a solid roll.
  ///
  /// Volume and cooled surface of the set are those of a cylinder of 21 mm by 70 mm; core and can
  /// wall are not resolved (assumption). Conductivities of the collectors are those of the metals.
  static func lgM50(_ set: CellParameters) -> CellFieldParameters {
    Pair(copper: (1.2e-5, 401, 5.8411e7), aluminium: (1.6e-5, 237, 3.6914e7))
      .field(set, .cylinder(core: 0, radius: 0.0105, height: 0.07))
  }

  /// Kokam pouch, one electrode pair: Marquis et al. (2019), doi:10.1149/2.0341915jes; tabs and
  /// collectors of Timms et al. (2021), doi:10.1137/20M1336898.
  static func kokam(_ set: CellParameters) -> CellFieldParameters {
    let thickness = set.stackThickness + 5e-5
    var field = Pair(copper: (2.5e-5, 401, 5.96e7), aluminium: (2.5e-5, 237, 3.55e7))
      .field(set, .slab(thickness: thickness, width: 0.207, height: 0.137))
    field.negativeTab = CellTab(centre: 0.06, width: 0.04)
    field.positiveTab = CellTab(centre: 0.147, width: 0.04)
    return field
  }

  /// The sheet of `argyrodite-nmc811`: 10 cm by 10 cm with tabs of 2 cm (assumption).
  ///
  /// Metals have their own conductivities; 0.7 W/(m·K) for Li6PS5Cl and 1 W/(m·K) for the composite
  /// are assumptions.
  static let argyroditeSheet: CellFieldParameters = {
    let (through, inPlane) = CellFieldParameters.stack([
      (1e-5, 401), (6e-5, 85), (3e-5, 0.7), (4e-5, 1), (1.5e-5, 237),
    ])
    var field = CellFieldParameters(
      shape: .slab(thickness: 1.55e-4, width: 0.1, height: 0.1), throughConductivity: through,
      inPlaneConductivity: inPlane)
    field.negativeSheetConductance = 5.96e7 * 1e-5
    field.positiveSheetConductance = 3.55e7 * 1.5e-5
    field.negativeTab = CellTab(centre: 0.025, width: 0.02)
    field.positiveTab = CellTab(centre: 0.075, width: 0.02)
    return field
  }()
}
