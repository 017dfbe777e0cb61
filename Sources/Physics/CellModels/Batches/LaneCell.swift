// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Constants and nonlinear functions of one single-particle cell in a lane.

import Foundation
import Quantities

/// Constants of one cell that its nonlinear functions use; holds no references.
struct LaneCell {
  /// One electrode.
  struct Electrode {
    let potential: FunctionTable.View
    let entropy: FunctionTable.View?
    let diffusionRate: Double
    let diffusionActivation: Double
    let exchange: Double
    let exchangeActivation: Double

    init(_ kernel: ElectrodeKernel) {
      potential = kernel.potential
      entropy = kernel.entropy?.view
      diffusionRate = kernel.diffusivityReference / (kernel.radius * kernel.radius)
      diffusionActivation = kernel.diffusivity.activationEnergy
      exchange =
        kernel.reactionRate * kernel.saltConcentration.squareRoot() * kernel.maximumConcentration
      exchangeActivation = kernel.reactionActivation
    }
  }

  let negative: Electrode
  let positive: Electrode
  let saltDiffusivity: FunctionTable.View
  let saltDiffusionActivation: Double
  let saltConductionActivation: Double
  let ionicResistance: Double
  let otherResistance: Double
  let junctionFactor: Double
  let negativeShare: Double
  let positiveShare: Double
  let reference: Double
  /// Charge of the full positive host, in coulombs.
  let positiveCharge: Double
  var control = CellControl.current(0)
  var limits = CellLimits()

  // Of the temperature evaluated last.
  var temperature = -1.0
  var negativeExchange = 0.0
  var positiveExchange = 0.0
  var half = 0.0
  var junction = 0.0
  var ohmic = 0.0

  init(_ model: borrowing SingleParticleModel) {
    negative = Electrode(model.negative)
    positive = Electrode(model.positive)
    saltDiffusivity = model.diffusivityTable.view
    let electrolyte = model.parameters.electrolyte
    saltDiffusionActivation = electrolyte.diffusivity.activationEnergy
    saltConductionActivation = electrolyte.conductivity.activationEnergy
    ionicResistance = model.ionicResistance + model.negativeIonicResistance
    otherResistance = model.solidResistance + model.parameters.contactResistance
    junctionFactor =
      model.withElectrolyte
      ? 2 * (1 - electrolyte.transferenceNumber) * electrolyte.thermodynamicFactor : 0
    negativeShare = model.negativeShare
    positiveShare = model.positiveShare
    reference = model.parameters.referenceTemperature
    positiveCharge = model.parameters.hostCapacity.positive * PhysicalConstants.faraday
  }

  /// Overpotential for a current density, inverse of the kinetics, with its slopes.
  @inline(__always)
  static func overpotential(
    _ j: Double, _ exchange: Double, _ x: Double, half: Double
  ) -> (value: Double, byCurrent: Double, byStoichiometry: Double) {
    let (room, slope) = ElectrodeKernel.room(x)
    let double = 2 * exchange * room.squareRoot()
    let ratio = j / double
    let root = (1 + ratio * ratio).squareRoot()
    // asinh without cancellation for negative ratios.
    let value = (ratio < 0 ? -log(root - ratio) : log(root + ratio)) / half
    let byCurrent = 1 / (half * double * root)
    let byStoichiometry = -byCurrent * j * slope / (2 * room)
    return (value, byCurrent, byStoichiometry)
  }
}
