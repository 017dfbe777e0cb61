// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The casing: headspace, swelling, vent and burst pressure; and flow through the vent.

import Quantities

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The casing of a cell as far as gas is concerned, in coherent SI.
public struct CasingDesign: Hashable, Sendable {
  /// Gas space of the closed cell, in m³.
  public var headspace: Double
  /// Growth of the gas space with pressure, in m³/Pa.
  public var compliance: Double
  /// Pressure above the surroundings at which the vent opens, in Pa.
  public var ventPressure: Double
  /// Open area of the vent, in m².
  public var ventArea: Double
  /// Discharge coefficient of the vent.
  public var dischargeCoefficient: Double
  /// Pressure above the surroundings at which the casing itself tears, in Pa.
  public var burstPressure: Double
  /// Pressure above the surroundings at which a current interrupt device opens; nil for none.
  public var interruptPressure: Double?
  /// Mass of volatile solvent, in kg.
  public var solventMass: Double
  /// Mole fraction of volatile solvent in the liquid (Raoult's law).
  public var solventFraction: Double
  /// Time constant of boiling out of the jelly roll once the vent is open, in seconds.
  public var boilingTime: Double
  /// Time constant of gas coming out of the jelly roll into the headspace, in seconds.
  public var gasTime: Double
  /// Whether what leaves acts back on the temperature: evaporation cools, lost mass stores no heat,
  /// and torn-out solids react outside. Published kinetics were fitted to whole cells without it.
  public var ventFeedback: Bool
  /// Solids torn along, in kg per kg of gas at full flow.
  public var entrainment: Double
  /// Largest part of the cell's mass that can leave as solids.
  public var largestEjectedShare: Double

  /// Creates a casing.
  public init(
    headspace: Double, compliance: Double = 0, ventPressure: Double, ventArea: Double,
    dischargeCoefficient: Double = 0.8, burstPressure: Double, interruptPressure: Double? = nil,
    solventMass: Double, solventFraction: Double = 0.5, boilingTime: Double = 30,
    gasTime: Double = 0.5, ventFeedback: Bool = false, entrainment: Double = 1,
    largestEjectedShare: Double = 0.6
  ) {
    self.headspace = headspace
    self.compliance = compliance
    self.ventPressure = ventPressure
    self.ventArea = ventArea
    self.dischargeCoefficient = dischargeCoefficient
    self.burstPressure = burstPressure
    self.interruptPressure = interruptPressure
    self.solventMass = solventMass
    self.solventFraction = solventFraction
    self.boilingTime = boilingTime
    self.gasTime = gasTime
    self.ventFeedback = ventFeedback
    self.entrainment = entrainment
    self.largestEjectedShare = largestEjectedShare
  }

  /// Heat of evaporation of dimethyl carbonate, 37 kJ/mol, in J/kg.
  public static let evaporationHeat = 37_000 / GasSpecies.solvent.molarMass
  /// Boiling point of dimethyl carbonate at 1 atm, 90 °C, in kelvin.
  public static let boilingPoint = 363.15

  /// Partial pressure of solvent over the liquid (Clausius–Clapeyron), in Pa; bounded at 5 MPa,
  /// above the critical pressure.
  ///
  /// - Parameter temperature: In kelvin.
  /// - Returns: The pressure.
  public func vapourPressure(_ temperature: Double) -> Double {
    let exponent =
      37_000 / PhysicalConstants.gas * (1 / Self.boilingPoint - 1 / max(temperature, 150))
    return min(5e6, solventFraction * PhysicalConstants.standardAtmosphere * exp(exponent))
  }

  /// Pressure of the closed casing: `(P − P_v)·(V₀ + κ·(P − P_a)) = n·R·T`, in Pa.
  ///
  /// - Parameters:
  ///   - amount: Permanent gas, in mol.
  ///   - temperature: In kelvin.
  ///   - vapour: Partial pressure of solvent, in Pa.
  ///   - ambient: Pressure outside, in Pa.
  /// - Returns: The absolute pressure.
  public func pressure(amount: Double, temperature: Double, vapour: Double, ambient: Double)
    -> Double
  {
    let work = max(0, amount) * PhysicalConstants.gas * max(temperature, 1)
    guard compliance > 0 else { return work / headspace + vapour }
    // x = P − P_v: κx² + (V₀ + κ(P_v − P_a))x − nRT = 0; the space never shrinks below a tenth.
    let linear = max(0.1 * headspace, headspace + compliance * (vapour - ambient))
    let root = (linear * linear + 4 * compliance * work).squareRoot()
    return 2 * work / (linear + root) + vapour
  }

  /// Gas space at a pressure, in m³.
  public func space(pressure: Double, ambient: Double) -> Double {
    max(0.1 * headspace, headspace + compliance * (pressure - ambient))
  }

  /// Part of ``entrainment`` that acts at a flow of mass: solids are torn along where gas leaves
  /// faster than 0.1 g a second and 3 Ah (25 m/s).
  ///
  /// - Parameters:
  ///   - massFlow: In kg/s.
  ///   - capacity: Of the cell, in coulombs.
  /// - Returns: 0 to 1.
  @inline(__always)
  func entrainedShare(_ massFlow: Double, capacity: Double) -> Double {
    let scaled = max(0, massFlow) / (1e-4 * capacity / 10_800)
    return scaled * scaled / (1 + scaled * scaled)
  }

  /// Amount of substance leaving through the open vent, in mol/s; negative where air is drawn in by a
  /// cooling cell.
  ///
  /// Isentropic flow of an ideal gas, choked above the critical ratio of pressures. Below
  /// some 5 kPa of difference it turns linear, so that its slope stays finite.
  ///
  /// - Parameters:
  ///   - pressure: Inside, in Pa.
  ///   - ambient: Outside, in Pa.
  ///   - temperature: Inside, in kelvin.
  ///   - molarMass: Mean of the gas, in kg/mol.
  ///   - area: Open area, in m².
  /// - Returns: The flow.
  public func outflow(
    pressure: Double, ambient: Double, temperature: Double, molarMass: Double, area: Double
  ) -> Double {
    if pressure < ambient {
      return -outflow(
        pressure: ambient, ambient: max(pressure, 0.2 * ambient), temperature: temperature,
        molarMass: molarMass, area: area)
    }
    let ratio = ambient / pressure
    let scale =
      dischargeCoefficient * area * pressure
      / (PhysicalConstants.gas * max(temperature, 100) * molarMass).squareRoot()
    if ratio <= Self.criticalRatio { return scale * Self.chokedFlow }
    return scale * Self.subsonicFlow(exp(0.2 * log(ratio)), pressure - ambient)
  }

  /// Ratio of pressures below which the flow is choked: (2/(γ + 1))^(γ/(γ − 1)), γ = 1.25.
  static let criticalRatio = 0.554_928_86
  /// Its fifth root.
  static let criticalFifthRoot = 0.888_888_89
  /// Choked flow over `C_d·A·p/√(R·T·M)`: √γ·(2/(γ + 1))^((γ + 1)/(2(γ − 1))).
  static let chokedFlow = 0.658_064_79
  /// Difference of pressures, in Pa, below which the flow turns linear.
  static let linearPressure = 5_000.0

  /// Flow below the choked one over `C_d·A·p/√(R·T·M)`.
  ///
  /// `√(2γ/(γ − 1)·(r^(2/γ) − r^((γ + 1)/γ)))` with γ = 1.25, where both powers are whole ones of the
  /// fifth root of the ratio of pressures, 8 and 9.
  ///
  /// - Parameters:
  ///   - root: Fifth root of the lower pressure over the higher one, up to 1.
  ///   - difference: Of the pressures, in Pa.
  /// - Returns: The ratio of flows.
  @inline(__always)
  static func subsonicFlow(_ root: Double, _ difference: Double) -> Double {
    let square = root * root
    let fourth = square * square
    let drop = fourth * fourth * max(0, 1 - root)
    return (10 * drop * max(0, difference) / (max(0, difference) + linearPressure)).squareRoot()
  }
}
