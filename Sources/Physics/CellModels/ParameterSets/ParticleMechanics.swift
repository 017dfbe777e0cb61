// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Mechanical parameters of the particles of an electrode, in coherent SI.

/// The mechanical parameters of the particles of an electrode, in coherent SI.
///
/// Zeros stand for what a source does not give; a law that needs such a value refuses it by name.
public struct ParticleMechanics: Sendable {
  /// Volume per mole of lithium in the host, in m³/mol.
  public var partialMolarVolume = 0.0
  /// Young's modulus, in Pa.
  public var youngModulus = 0.0
  /// Poisson's ratio.
  public var poissonRatio = 0.0
  /// Concentration at which the particle is free of deformation, in mol/m³.
  public var referenceConcentration = 0.0
  /// Relative change of the particle's volume by mean stoichiometry.
  public var volumeChange = PropertyFunction(constant: 0)
  /// Stress that the loss of active material is measured by, in Pa.
  public var criticalStress = 0.0
  /// Rate of loss of active material at the critical stress, in 1/s.
  public var lossRate = 0.0
  /// Exponent of the stress in the loss of active material.
  public var lossExponent = 2.0
  /// Volume of active material lost per mole of film-forming reaction, in m³/mol.
  public var reactionLossFactor = 0.0
  /// Length of the cracks at the start, in metres.
  public var initialCrackLength = 0.0
  /// Width of the cracks, in metres.
  public var crackWidth = 0.0
  /// Cracks per area of particle, in 1/m².
  public var crackDensity = 0.0
  /// Stress intensity factor `b` of Paris' law.
  public var parisFactor = 0.0
  /// Exponent `m` of Paris' law.
  public var parisExponent = 0.0
  /// Rate `k` of Paris' law per hour, in m/(Pa·√m)^m.
  public var crackingRate = 0.0

  /// Creates parameters with nothing set.
  public init() {}
}
