// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Which phenomena of ageing a model has, and by which laws.

/// Which phenomena of ageing a model has, and by which laws; all are off at first.
public struct AgeingOptions: Hashable, Sendable {
  /// Growth of the interphase film on the negative electrode.
  public var interphase = InterphaseLaw.none
  /// Lithium plating on the negative electrode.
  public var plating = PlatingLaw.none
  /// Cracking of the particles of both electrodes; the film grows on the cracks of the negative
  /// one as well. With this or stress-driven loss, stress also speeds diffusion in the particles
  /// (at the reference temperature of the set).
  public var cracking = CrackingLaw.none
  /// Loss of active material in both electrodes.
  public var activeMaterialLoss = ActiveMaterialLossLaw.none
  /// Loss of electrolyte to film growth.
  public var electrolyteLoss = ElectrolyteLossLaw.none
  /// Self-discharge.
  public var selfDischarge = SelfDischargeLaw.none

  /// Creates a cell that does not age.
  public init() {}

  /// Whether a law needs the stress in the particles, which then speeds their diffusion as well.
  var hasStress: Bool { cracking != .none || activeMaterialLoss.needsStress }

  /// Whether anything beyond film growth is on.
  var isBeyondFilm: Bool {
    var film = AgeingOptions()
    film.interphase = interphase
    return self != film
  }

  /// Whether anything beyond film growth and plating is on.
  var isBeyondFilmAndPlating: Bool {
    var film = AgeingOptions()
    film.interphase = interphase
    film.plating = plating
    return self != film
  }

  /// Refuses a set that lacks what the laws need.
  func check(_ parameters: CellParameters) throws(ParameterError) {
    if interphase != .none, parameters.interphase == nil {
      throw .missing(key: "Initial SEI thickness [m]")
    }
    if plating != .none, parameters.plating == nil {
      throw .missing(key: "Lithium plating kinetic rate constant [m.s-1]")
    }
    for (electrode, name) in [
      (parameters.negative, "Negative electrode"), (parameters.positive, "Positive electrode"),
    ] {
      let mechanics = electrode.mechanics ?? ParticleMechanics()
      if cracking != .none, let key = mechanics.missingForCracking(name) {
        throw .missing(key: key)
      }
      if activeMaterialLoss.needsStress, let key = mechanics.missingForStressDrivenLoss(name) {
        throw .missing(key: key)
      }
    }
    if parameters.negative.second != nil {
      let name = "Secondary: Negative electrode"
      let none = ParticleMechanics()
      if cracking != .none, let key = none.missingForCracking(name) { throw .missing(key: key) }
      if activeMaterialLoss.needsStress, let key = none.missingForStressDrivenLoss(name) {
        throw .missing(key: key)
      }
    }
    if activeMaterialLoss == .reaction || activeMaterialLoss == .stressAndReaction {
      guard let mechanics = parameters.negative.mechanics, mechanics.reactionLossFactor > 0 else {
        throw .missing(key: "Negative electrode reaction-driven LAM factor [m3.mol-1]")
      }
    }
    switch electrolyteLoss {
    case .none: break
    case .solventConsumption(let excess):
      guard excess >= 0, excess.isFinite else {
        throw .outOfRange(key: "excess of electrolyte", value: excess, allowed: "0 or above")
      }
      guard parameters.interphase != nil else { throw .missing(key: "Initial SEI thickness [m]") }
    }
    switch selfDischarge {
    case .none: break
    case .resistance(let ohms):
      guard ohms > 0, ohms.isFinite else {
        throw .outOfRange(key: "resistance of self-discharge", value: ohms, allowed: "above 0")
      }
    case .shuttle(let current, let energy):
      guard current >= 0, current.isFinite, energy.isFinite else {
        throw .outOfRange(key: "current of self-discharge", value: current, allowed: "0 or above")
      }
    }
  }
}
