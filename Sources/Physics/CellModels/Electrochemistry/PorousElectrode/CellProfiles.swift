// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Profiles across the thickness of a cell.

import NumericalMethods
import Quantities

/// Profiles across a cell at one time, from the negative collector to the positive one.
///
/// Every array has one value per volume of the mesh.
public struct CellProfiles: Hashable, Sendable {
  /// Distance from the negative collector, in metres.
  public var position: [Double]
  /// Salt concentration, in mol/m³.
  public var salt: [Double] = []
  /// Volume fraction of the electrolyte.
  public var porosity: [Double] = []
  /// Electrolyte potential against the negative collector, in volts.
  public var electrolytePotential: [Double] = []
  /// Solid potential against the negative collector, in volts; NaN in the separator.
  public var solidPotential: [Double] = []
  /// Potential of the solid against lithium in the electrolyte, in volts; NaN in the separator.
  /// Below 0 in the negative electrode, lithium plates.
  public var lithiumPotential: [Double] = []
  /// Stoichiometry of the particle surfaces; NaN in the separator.
  public var surfaceStoichiometry: [Double] = []
  /// Mean stoichiometry of the particles; NaN in the separator.
  public var meanStoichiometry: [Double] = []
  /// Stoichiometry of the surfaces of the second material; NaN where there is none.
  public var secondSurfaceStoichiometry: [Double] = []
  /// Mean stoichiometry of the second material; NaN where there is none.
  public var secondMeanStoichiometry: [Double] = []
  /// Current that leaves the particles by intercalation per volume of electrode, in A/m³, positive
  /// where lithium goes out; NaN in the separator.
  public var reaction: [Double] = []
  /// Thickness of the interphase film, in metres; NaN where there is none.
  public var filmThickness: [Double] = []
  /// Active material in wet contact relative to the start, of the first material; NaN in the
  /// separator, empty where it is not modelled.
  public var activeMaterial: [Double] = []
  /// Plated lithium that can be stripped, in mol per m³ of electrode; NaN where it is not modelled.
  public var platedLithium: [Double] = []
  /// Plated lithium that is dead, in mol per m³ of electrode; NaN where it is not modelled.
  public var deadLithium: [Double] = []

  init(position: [Double]) { self.position = position }
}

extension PorousElectrodeModel {
  /// Profiles across the cell.
  ///
  /// - Parameter state: `[unknownCount]`.
  /// - Returns: One value per volume of the mesh, of every quantity.
  public func profiles(_ state: UnsafePointer<Double>) -> CellProfiles {
    let rest = parameters.electrolyte.initialConcentration
    let nothing = [Double](repeating: .nan, count: nodes)
    var result = CellProfiles(position: mesh.centres)
    result.salt = (0..<nodes).map { concentration(state, $0) * rest }
    result.porosity = (0..<nodes).map { i in
      let fresh = node(.capacity)[i] / node(.width)[i]
      return hasFilm ? fresh * openShare(state, i) : fresh
    }
    result.electrolytePotential = (0..<nodes).map { state[potentialOffset + $0] }
    (result.solidPotential, result.lithiumPotential) = (nothing, nothing)
    (result.surfaceStoichiometry, result.meanStoichiometry) = (nothing, nothing)
    (result.secondSurfaceStoichiometry, result.secondMeanStoichiometry) = (nothing, nothing)
    (result.filmThickness, result.platedLithium, result.deadLithium) = (nothing, nothing, nothing)
    result.reaction = nothing
    for e in 0..<electrodeNodes {
      let i = nodeOf(e)
      result.solidPotential[i] = state[solidOffset + e]
      result.lithiumPotential[i] = state[solidOffset + e] - state[potentialOffset + i]
      result.reaction[i] = 0
    }
    fill(&result, state, negative)
    fill(&result, state, positive)
    if let second { fill(&result, state, second) }
    let wet = remainder(state).wetFraction
    if let film {
      let own = state + film.unknownsAt
      for e in 0..<mesh.negative {
        let active = share(state, e, wet: wet)
        if film.local.grows {
          result.filmThickness[e] = film.local.thickness(
            molecules: own[mesh.negative + e], active: active)
        }
        if film.local.plates {
          result.platedLithium[e] = own[2 * mesh.negative + e] * LocalAgeing.metalScale
          result.deadLithium[e] = own[3 * mesh.negative + e] * LocalAgeing.metalScale
        }
      }
    }
    if let secondFilm, secondFilm.local.plates {
      let own = state + secondFilm.unknownsAt
      for e in 0..<mesh.negative {
        result.platedLithium[e] += own[2 * mesh.negative + e] * LocalAgeing.metalScale
        result.deadLithium[e] += own[3 * mesh.negative + e] * LocalAgeing.metalScale
      }
    }
    if wear != nil {
      result.activeMaterial = nothing
      for e in 0..<electrodeNodes {
        result.activeMaterial[nodeOf(e)] = share(state, e, wet: wet)
      }
    }
    return result
  }

  /// Profiles across the cell; never nil.
  public func crossSection(_ state: UnsafePointer<Double>) -> CellProfiles? { profiles(state) }

  /// Stoichiometry inside of one particle.
  ///
  /// - Parameters:
  ///   - state: `[unknownCount]`.
  ///   - volume: Volume of the mesh, from the negative collector; of an electrode.
  ///   - radii: Distances from the centre relative to the radius, 0 to 1.
  ///   - ofSecondMaterial: Whether the particle is of the second material.
  /// - Returns: One value per radius; nil where there is no such particle.
  public func particleProfile(
    _ state: UnsafePointer<Double>, volume: Int, radii: [Double], ofSecondMaterial: Bool = false
  ) -> [Double]? {
    let isNegative = volume < mesh.negative
    guard volume >= 0, volume < nodes, isNegative || volume >= mesh.negative + mesh.separator,
      let particles = ofSecondMaterial ? (isNegative ? second : nil) : particles(isNegative)
    else { return nil }
    let index = isNegative ? volume : volume - mesh.negative - mesh.separator
    var amplitudes = (0..<modeCount).map {
      state[particles.modesAt + $0 * particles.count + index]
    }
    amplitudes[0] /= share(
      state, particles.firstSurface + index, wet: remainder(state).wetFraction)
    return radii.map { modes.profile(amplitudes, at: max(0, min(1, $0))) }
  }

  private func particles(_ isNegative: Bool) -> ParticlePopulation? {
    isNegative ? negative : positive
  }

  /// Stoichiometries and reaction of one kind of particle.
  private func fill(
    _ result: inout CellProfiles, _ state: UnsafePointer<Double>, _ particles: ParticlePopulation
  ) {
    let temperature = state[temperatureIndex]
    let exchange = particles.kernel.exchangeCurrent(at: temperature)
    let halfVoltage = 0.5 * faraday / (PhysicalConstants.gas * temperature)
    let isSecond = particles.firstSurface >= electrodeNodes
    let wet = remainder(state).wetFraction
    for e in 0..<particles.count {
      let volume = particles.firstVolume + e
      let i = nodeOf(volume)
      let base = particles.modesAt + e
      let share = share(state, particles.firstSurface + e, wet: wet)
      let mean = state[base] / share
      var x = mean
      for k in 1..<modeCount { x += modes.surface[k] * state[base + k * particles.count] }
      if isSecond {
        result.secondSurfaceStoichiometry[i] = x
        result.secondMeanStoichiometry[i] = mean
      } else {
        result.surfaceStoichiometry[i] = x
        result.meanStoichiometry[i] = mean
      }
      var eta = result.lithiumPotential[i] - particles.kernel.openCircuit(x).value
      if let gap = particles.gap {
        eta -= state[particles.hysteresisAt + e] * gap.evaluate(x).value
      }
      if let film = isSecond ? secondFilm : film, particles.firstVolume == 0 {
        let thickness = film.local.thickness(
          molecules: state[film.unknownsAt + mesh.negative + e], active: share)
        eta -= state[film.unknownsAt + e] * thickness * film.local.resistivity
      }
      let reaction = ElectrodeKernel.reaction(
        exchange: exchange, salt: concentration(state, i), x: x, overpotential: eta,
        half: halfVoltage)
      result.reaction[i] += particles.kernel.surfaceDensity * share * reaction.current
    }
  }
}
