// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Experiments on cells whose temperature is a field.

extension Experiment {
  /// Runs the experiment with a temperature field.
  func runField(_ report: (Report) throws -> Void) throws {
    let resolution: CellFieldResolution = thermal == .fieldInPlane ? .plane : .line
    switch model {
    case .ecm:
      throw ParameterError.unsupported(
        key: "thermal", reason: "a temperature field needs electrodes: choose spm, spme or dfn")
    case .dfn:
      guard interphase == .none else {
        throw ParameterError.unsupported(
          key: "SEI", reason: "film growth needs the model spm or spme")
      }
      try run(
        on: CellFieldModel<PorousElectrodeModel>(parameters, resolution: resolution) {
          zone throws(ParameterError) in
          try PorousElectrodeModel(
            zone, resolution: isFine ? .fine : .standard, thermal: .lumped)
        }, report)
    case .spm, .spme:
      try run(
        on: CellFieldModel<SingleParticleModel>(parameters, resolution: resolution) {
          zone throws(ParameterError) in
          try SingleParticleModel(
            zone, withElectrolyte: model == .spme, resolution: isFine ? .fine : .singleParticle,
            thermal: .lumped, interphase: interphase)
        }, report)
    }
  }
}
