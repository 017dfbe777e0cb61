// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Loss of active material: what all laws share.

/// What a law of loss of active material sees at one place of an electrode.
public struct ActiveMaterialConditions: Hashable, Sendable {
  /// Hydrostatic stress at the surface of the particles, in Pa; tension is positive.
  public var hydrostaticStress: Double
  /// Current density of film growth per volume of electrode, in A/m³; zero or negative.
  public var filmCurrent: Double

  /// Creates conditions.
  public init(hydrostaticStress: Double, filmCurrent: Double) {
    self.hydrostaticStress = hydrostaticStress
    self.filmCurrent = filmCurrent
  }
}

/// A law of loss of active material: of particles that lose contact with the electrode.
///
/// The lithium in the lost particles is lost with them.
public protocol ActiveMaterialLoss: Sendable {
  /// Rate of change of the volume fraction of active material, in 1/s; zero or negative.
  func rate(_ mechanics: ParticleMechanics, _ conditions: ActiveMaterialConditions) -> Double
}

/// The laws of loss of active material by the name the command line uses.
public enum ActiveMaterialLossLaw: String, CaseIterable, Sendable {
  /// No active material is lost.
  case none
  /// Driven by stress.
  case stress = "stress-driven"
  /// Driven by the film-forming reaction.
  case reaction = "reaction-driven"
  /// Driven by both.
  case stressAndReaction = "stress-and-reaction-driven"

  /// The law.
  public var loss: any ActiveMaterialLoss {
    switch self {
    case .none: NoActiveMaterialLoss()
    case .stress: StressDrivenLoss()
    case .reaction: ReactionDrivenLoss()
    case .stressAndReaction: StressAndReactionDrivenLoss()
    }
  }

  /// Whether the law needs the stress of the particles.
  var needsStress: Bool { self == .stress || self == .stressAndReaction }
}

extension ParticleMechanics {
  /// The first parameter stress-driven loss needs and the source does not give.
  ///
  /// - Parameter electrode: `Negative electrode` or `Positive electrode`.
  /// - Returns: Its key; nil when the parameters are complete.
  func missingForStressDrivenLoss(_ electrode: String) -> String? {
    let needs: [(String, Double)] = [
      ("Young's modulus [Pa]", youngModulus), ("critical stress [Pa]", criticalStress),
      ("LAM constant proportional term [s-1]", lossRate),
    ]
    return needs.first { $0.1 <= 0 }.map { "\(electrode) \($0.0)" }
  }
}
