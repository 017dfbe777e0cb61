// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Core and surface of a cell as two temperatures.

/// How a cell of two temperatures, core and surface, divides what ``LumpedHeat`` holds in one:
///
///     Cc·dTc/dt = (1 − s)·q − Gi·(Tc − Ts)
///     Cs·dTs/dt = s·q + Gi·(Tc − Ts) − G·(Ts − Ta)
///
/// `Cc + Cs` and `G` are those of the lumped balance, so that both agree on the heat that is lost in
/// a steady state.
///
/// - Reference: Lin et al. (2014), doi:10.1016/j.jpowsour.2014.01.097, where all heat comes up in the
///   core (`s = 0`).
public struct CoreSurfaceHeat: Hashable, Sendable {
  /// Share of the heat capacity that has the temperature of the surface, above 0 and below 1.
  public let surfaceShare: Double
  /// Share of the heat that comes up in it, 0 to below 1.
  public let surfaceHeatShare: Double
  /// Conductance between core and surface, in watts per kelvin; positive.
  public let internalConductance: Double

  /// Creates a division.
  ///
  /// - Parameters:
  ///   - surfaceShare: Share of the heat capacity at the surface, above 0 and below 1.
  ///   - surfaceHeatShare: Share of the heat that comes up there, 0 to below 1.
  ///   - internalConductance: Between core and surface, in watts per kelvin; positive.
  public init(surfaceShare: Double, surfaceHeatShare: Double = 0, internalConductance: Double) {
    precondition(surfaceShare > 0 && surfaceShare < 1, "a share is above 0 and below 1")
    precondition((0..<1).contains(surfaceHeatShare), "a share of heat is 0 to below 1")
    precondition(internalConductance > 0, "a conductance must be positive")
    self.surfaceShare = surfaceShare
    self.surfaceHeatShare = surfaceHeatShare
    self.internalConductance = internalConductance
  }

  /// The division that conducts like a uniform body heated evenly and cooled at its large faces or
  /// its mantle.
  ///
  /// Three facts of the body fix it: no difference inside while nothing is cooled (heat divided
  /// like the capacity), the steady difference between centre and surface, and the slowest
  /// relaxation inside. With conductivity `k`: cylinder `q/(4πkH)` and `R²/(14.682·α)` (first zero
  /// 3.8317 of J₁), slab `q·L/(8kA)` and `L²/(4π²·α)`.
  ///
  /// - Parameter field: Shape and conductivity; the core of a hollow roll is taken as filled.
  /// - Reference: Carslaw & Jaeger, Conduction of Heat in Solids, 2nd ed. (1959), 3.4 and 7.6.
  public init(uniform field: CellFieldParameters) {
    let share: Double
    let resistance: Double
    switch field.shape {
    case .cylinder(_, _, let height):
      share = 4 / (3.831_705_970_207_512 * 3.831_705_970_207_512)
      resistance = 1 / (4 * .pi * field.throughConductivity * height)
    case .slab(let thickness, let width, let height):
      share = 2 / (.pi * .pi)
      resistance = thickness / (8 * field.throughConductivity * width * height)
    }
    // A steady heat q passes (1 − share)·q from core to surface.
    self.init(
      surfaceShare: share, surfaceHeatShare: share, internalConductance: (1 - share) / resistance)
  }
}
