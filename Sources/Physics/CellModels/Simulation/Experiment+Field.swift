// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Experiments on cells whose temperature is a field.

extension Experiment {
  /// Refuses a set with the wrong kind of electrolyte for the model, and ageing it does not have.
  func checkModel() throws(ParameterError) {
    if model == .solidState {
      guard ageing == AgeingOptions() else {
        throw .unsupported(
          key: "SEI", reason: "the model solid-state has the interphase of its set")
      }
    } else if parameters.solidState != nil {
      throw .unsupported(
        key: "set \(parameters.name)",
        reason: "has a solid electrolyte and lithium metal; it needs the model solid-state")
    }
  }

  /// Runs the experiment with a temperature field.
  func runField(_ report: (Report) throws -> Void) throws {
    let resolution: CellFieldResolution = thermal == .fieldInPlane ? .plane : .line
    try checkModel()
    switch model {
    case .ecm:
      throw ParameterError.unsupported(
        key: "thermal", reason: "a temperature field needs electrodes: choose spm, spme or dfn")
    case .solidState:
      try run(
        on: CellFieldModel<SolidStateModel>(parameters, resolution: resolution) {
          zone throws(ParameterError) in
          try SolidStateModel(
            zone, resolution: isFine ? .fine : .solidState, thermal: .lumped)
        }, report)
    case .dfn:
      try run(
        on: CellFieldModel<PorousElectrodeModel>(parameters, resolution: resolution) {
          zone throws(ParameterError) in
          try PorousElectrodeModel(
            zone, resolution: isFine ? .fine : .standard, thermal: .lumped,
            ageing: ageing)
        }, report)
    case .spm, .spme:
      try run(
        on: CellFieldModel<SingleParticleModel>(parameters, resolution: resolution) {
          zone throws(ParameterError) in
          try SingleParticleModel(
            zone, withElectrolyte: model == .spme, resolution: isFine ? .fine : .singleParticle,
            thermal: .lumped, ageing: ageing)
        }, report)
    }
  }
}
