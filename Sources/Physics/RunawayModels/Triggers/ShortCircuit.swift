// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Internal shorts: four contacts, a resistance that falls as a dendrite thickens, and burning off.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Which parts of a cell touch in an internal short, mildest last.
///
/// Aluminium on the lithiated anode is worst: low resistance right on the most reactive material;
/// coated cathode on anode is mildest (Santhanagopalan et al. 2009,
/// doi:10.1016/j.jpowsour.2009.05.002; Orendorff et al. 2011,
/// doi:10.1016/j.jpowsour.2011.03.035).
public enum ShortContact: String, CaseIterable, Hashable, Sendable, Codable {
  /// Aluminium collector on the charged anode.
  case aluminiumAnode = "aluminium-anode"
  /// Aluminium collector on the copper collector.
  case aluminiumCopper = "aluminium-copper"
  /// Charged cathode on the copper collector.
  case cathodeCopper = "cathode-copper"
  /// Charged cathode on the charged anode.
  case cathodeAnode = "cathode-anode"

  /// Resistance of the grown contact, in ohms: order of magnitude, assumed from the ranking of
  /// the sources.
  public var grownResistance: Double {
    switch self {
    case .aluminiumAnode: 0.02
    case .aluminiumCopper: 0.01
    case .cathodeCopper: 1
    case .cathodeAnode: 10
    }
  }

  /// Part of the contact's heat that stays at the contact; metals carry the rest away.
  public var localHeatShare: Double {
    switch self {
    case .aluminiumAnode, .cathodeCopper, .cathodeAnode: 1
    case .aluminiumCopper: 0.3
    }
  }
}

/// An internal short whose resistance falls over time.
///
/// The conductance follows a conducting filament that bridges the separator at ``start`` and
/// thickens at constant current density: its radius grows in proportion to time and its
/// cross-section with the square, `G(t) = G₀ + (G₁ − G₀)·((t − start)/growth)²` until `G₁`. Where the
/// separator around it melts, contact area is added (``meltedResistance``). The metal of the contact may
/// burn away like a fuse (``burnOff``).
public struct ShortCircuit: Hashable, Sendable {
  /// When the first contact is made, in seconds.
  public var start: Double
  /// Resistance of the first contact, in ohms.
  public var firstResistance: Double
  /// Resistance of the grown contact, in ohms.
  public var grownResistance: Double
  /// Time from the first to the grown contact, in seconds.
  public var growth: Double
  /// Resistance that the molten surroundings add in parallel, in ohms; infinite for none.
  public var meltedResistance: Double
  /// Part of the heat that stays in the hot zone.
  public var localHeatShare: Double
  /// Integral of the squared current of the contact at which its metal has melted away, in A²·s;
  /// infinite where it stays. ``meltingIntegral(aluminiumCrossSection:)`` gives it for a neck.
  public var burnOff = Double.infinity
  /// Whether the metal of the contact has burnt away; what has melted around it still conducts.
  var isBurnt = false

  /// Creates a short.
  public init(
    start: Double = 0, firstResistance: Double = 200, grownResistance: Double, growth: Double,
    meltedResistance: Double = .infinity, localHeatShare: Double = 1
  ) {
    self.start = start
    self.firstResistance = firstResistance
    self.grownResistance = grownResistance
    self.growth = growth
    self.meltedResistance = meltedResistance
    self.localHeatShare = localHeatShare
  }

  /// Integral of the squared current that warms a neck of aluminium from 25 °C to its melting point
  /// and melts it, in A²·s.
  ///
  /// `K·A²` with `K = c/(ρ₀·α)·ln(1 + α·ΔT) + L/ρ(T_m)` = 4.3e16 A²·s/m⁴: all heat stays in the neck,
  /// which holds for a hard short (10 to 1000 A); heat that flows off lets a neck live longer. A single
  /// torn foil of 15 µm carries the current over some tenths of a millimetre to a few millimetres
  /// (0.005 to 0.06 mm²), a crushed stack through as many layers at once.
  ///
  /// - Parameter aluminiumCrossSection: In m².
  /// - Returns: The integral.
  /// - Reference: Onderdonk's law as in Stauffacher (1928), General Electric Review 31, 326–327; heat
  ///   and resistance of aluminium from the CRC Handbook of Chemistry and Physics.
  public static func meltingIntegral(aluminiumCrossSection: Double) -> Double {
    let resistivity = 2.65e-8
    let coefficient = 4.29e-3
    let warming = 635.0
    let density = 2_700.0
    let heating =
      density * 1_030 / (resistivity * coefficient) * log(1 + coefficient * warming)
    let melting = density * 3.97e5 / (resistivity * (1 + coefficient * warming))
    return (heating + melting) * aluminiumCrossSection * aluminiumCrossSection
  }

  /// Conductance in siemens.
  ///
  /// - Parameters:
  ///   - time: In seconds.
  ///   - molten: Part of the separator around the short that has melted.
  /// - Returns: The conductance.
  public func conductance(time: Double, molten: Double) -> Double {
    guard time >= start else { return 0 }
    // What melts around it afterwards touches coated electrodes, not bare metal.
    if isBurnt { return molten / max(meltedResistance, ShortContact.cathodeAnode.grownResistance) }
    let first = 1 / firstResistance
    let grown = 1 / grownResistance
    let progress = growth > 0 ? min(1, (time - start) / growth) : 1
    return first + (grown - first) * progress * progress + molten / meltedResistance
  }
}
