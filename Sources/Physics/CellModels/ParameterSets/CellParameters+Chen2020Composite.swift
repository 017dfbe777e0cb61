// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Chen2020Composite: LG M50 with graphite and silicon as two materials.

import NumericalMethods

extension CellParameters {
  /// LG M50 21700 with a negative electrode of graphite and silicon, 5 Ah, 2.5–4.2 V.
  ///
  /// Ai et al. (2022), doi:10.1016/j.jpowsour.2022.231142, on ``chen2020``; graphite of Ai et al.
  /// (2020), doi:10.1149/2.0122001JES; both branches of silicon of Verbrugge, Baker & Xiao (2015),
  /// doi:10.1149/2.0581602jes. The sources switch between the branches with the sign of the
  /// current; the rate of the gradual change used here is a choice of ours: the memory of the
  /// other branch falls to a third over 7 % of silicon's capacity.
  public static let chen2020Composite: CellParameters = {
    var set = CellParameters.chen2020
    set.name = "Chen2020Composite"
    set.source = "doi:10.1016/j.jpowsour.2022.231142"
    set.negative.activeFraction = 0.735
    set.negative.maximumConcentration = 28_700
    set.negative.initialConcentration = 27_700
    set.negative.diffusivity = PropertyFunction(constant: 5.5e-14)
    if let curve = try? MonotoneCubic(GraphiteTable.stoichiometries, GraphiteTable.potentials) {
      set.negative.openCircuitPotential = PropertyFunction { curve.value(at: $0) }
    } else {
      preconditionFailure("the table of the set is not ascending")
    }
    var silicon = SecondMaterialParameters()
    silicon.activeFraction = 0.015
    silicon.particleRadius = 1.52e-6
    silicon.maximumConcentration = 278_000
    silicon.initialConcentration = 276_610
    silicon.diffusivity = PropertyFunction(constant: 1.67e-14)
    silicon.lithiationPotential = PropertyFunction { x in
      let inner = max(1e-6, min(1 - 1e-6, x))
      let fit = polynomial([-96.63, 372.6, -587.6, 489.9, -232.8, 62.99, -9.286, 0.8633], x)
      return fit + 1e-4 * (1 / inner + 1 / (inner - 1))
    }
    silicon.delithiationPotential = PropertyFunction { x in
      polynomial([-51.02, 161.3, -205.7, 140.2, -58.76, 16.87, -3.792, 0.9937], x)
    }
    silicon.hysteresisRate = 15
    // As for graphite, per its own concentration: the exchange current of a full host is equal.
    silicon.reactionRate = 6.48e-7 * 28_700 / 278_000
    silicon.reactionActivationEnergy = 35_000
    set.negative.second = silicon
    // The same numbers of film growth for both materials, as PyBaMM's set of this name has them.
    set.interphase = InterphaseParameters()
    return set
  }()

  /// A polynomial by its coefficients, highest power first.
  private static func polynomial(_ coefficients: [Double], _ x: Double) -> Double {
    coefficients.reduce(0) { $0 * x + $1 }
  }
}
