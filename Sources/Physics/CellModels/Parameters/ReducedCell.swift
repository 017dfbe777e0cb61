// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Equivalent-circuit resistances out of electrochemical parameters.

public import Quantities

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The geometry and kinetics of one porous electrode, as published parameter sets state them.
public struct ElectrodeParameters: Hashable, Sendable {
  /// Thickness in metres.
  public var thickness: Double
  /// Volume fraction of active material.
  public var activeFraction: Double
  /// Porosity.
  public var porosity: Double
  /// Particle radius in metres.
  public var particleRadius: Double
  /// Diffusivity in the particles, in m²/s.
  public var diffusivity: Double
  /// Maximum concentration in mol/m³.
  public var maximumConcentration: Double
  /// Exchange-current density at half stoichiometry and the initial electrolyte, in A/m².
  public var exchangeCurrentDensity: Double
  /// Effective conductivity of the solid, in S/m.
  public var solidConductivity: Double
  /// Double-layer capacity in F/m².
  public var doubleLayerCapacity: Double
  /// Mean slope of the open-circuit potential over stoichiometry in the used range, in volts.
  public var potentialSlope: Double
}

/// Small-signal, quasi-steady resistances of a cell made of two porous electrodes.
///
/// - Ohmic: electrolyte `L/(3·κ·ε^1.5)` in each electrode and `L/(κ·ε^1.5)` in the separator,
///   solid `L/(3·σ)`, over the plate area (uniform reaction; Newman & Thomas-Alyea, Electrochemical
///   Systems, 3rd edition 2004, chapter 22).
/// - Charge transfer: `R·T/(F·j₀·S)` with the reacting surface `S = 3·ε·L·A/r` (linearised
///   Butler–Volmer with symmetric coefficients), time constant with the double layer.
/// - Diffusion: surface minus mean concentration of a sphere at constant flux, `r·j/(5·D·F)`, gives
///   `r²/(15·D)·|dU/dx|/(F·ε·L·A·c_max)`; its slowest mode decays with `r²/(4.493²·D)`
///   (Subramanian et al. 2005, doi:10.1149/1.2032427).
public struct ReducedCell: Sendable {
  /// Series resistance in ohms.
  public let ohmic: Double
  /// Charge transfer of both electrodes.
  public let chargeTransfer: ResistorCapacitorPair
  /// Diffusion in the negative particles.
  public let negativeDiffusion: ResistorCapacitorPair
  /// Diffusion in the positive particles.
  public let positiveDiffusion: ResistorCapacitorPair

  /// Reduces two electrodes and a separator.
  ///
  /// - Parameters:
  ///   - negative: The negative electrode.
  ///   - positive: The positive electrode.
  ///   - separator: Thickness in metres and porosity.
  ///   - electrolyteConductivity: At the initial concentration, in S/m.
  ///   - area: Plate area.
  ///   - temperature: Temperature of the parameters.
  public init(
    negative: ElectrodeParameters, positive: ElectrodeParameters,
    separator: (thickness: Double, porosity: Double), electrolyteConductivity: Double,
    area: Area, temperature: Temperature = Temperature(PhysicalConstants.referenceTemperature)
  ) {
    let plate = area.value
    func electrolyte(_ thickness: Double, _ porosity: Double) -> Double {
      thickness / (electrolyteConductivity * pow(porosity, 1.5)) / plate
    }
    func solid(_ electrode: ElectrodeParameters) -> Double {
      electrode.thickness / (3 * electrode.solidConductivity) / plate
    }
    func surface(_ electrode: ElectrodeParameters) -> Double {
      3 * electrode.activeFraction * electrode.thickness * plate / electrode.particleRadius
    }
    func diffusion(_ electrode: ElectrodeParameters) -> ResistorCapacitorPair {
      let capacity =
        PhysicalConstants.faraday * electrode.activeFraction * electrode.thickness * plate
        * electrode.maximumConcentration
      let squared = electrode.particleRadius * electrode.particleRadius
      return ResistorCapacitorPair(
        resistance: Resistance(
          squared / (15 * electrode.diffusivity) * electrode.potentialSlope.magnitude / capacity),
        // 4.493 is the first positive root of tan λ = λ.
        timeConstant: Duration(squared / (4.493_409 * 4.493_409 * electrode.diffusivity)))
    }
    ohmic =
      electrolyte(negative.thickness, negative.porosity) / 3
      + electrolyte(separator.thickness, separator.porosity)
      + electrolyte(positive.thickness, positive.porosity) / 3 + solid(negative)
      + solid(positive)
    let thermalVoltage =
      PhysicalConstants.gas * temperature.value / PhysicalConstants.faraday
    let negativeTransfer =
      thermalVoltage / (negative.exchangeCurrentDensity * surface(negative))
    let positiveTransfer =
      thermalVoltage / (positive.exchangeCurrentDensity * surface(positive))
    let slowest = max(
      negativeTransfer * negative.doubleLayerCapacity * surface(negative),
      positiveTransfer * positive.doubleLayerCapacity * surface(positive))
    chargeTransfer = ResistorCapacitorPair(
      resistance: Resistance(negativeTransfer + positiveTransfer),
      timeConstant: Duration(slowest))
    negativeDiffusion = diffusion(negative)
    positiveDiffusion = diffusion(positive)
  }

  /// The three pairs, fastest first.
  public var pairs: [ResistorCapacitorPair] {
    [chargeTransfer, negativeDiffusion, positiveDiffusion]
  }
}
