// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The Doyle–Fuller–Newman model: what can be measured of ageing and mechanics.

extension PorousElectrodeModel {
  /// Width of the volume of a particle over the thickness of its electrode.
  private func weight(_ particles: ParticlePopulation, _ e: Int) -> Double {
    let thickness =
      particles.firstVolume == 0 ? parameters.negative.thickness : parameters.positive.thickness
    return mesh.widths[nodeOf(particles.firstVolume + e)] / thickness
  }

  /// Active material of a particle in wet contact, relative to the start.
  func share(_ state: UnsafePointer<Double>, _ particle: Int, wet: Double) -> Double {
    guard let wear else { return 1 }
    return state[wear.at(.active) + particle] * wet
  }

  /// Means over an electrode: lithium per host of the start, and active material in wet contact.
  func means(
    _ state: UnsafePointer<Double>, _ particles: ParticlePopulation
  ) -> (lithium: Double, share: Double) {
    let wet = remainder(state).wetFraction
    var result = (lithium: 0.0, share: 0.0)
    for e in 0..<particles.count {
      let weight = weight(particles, e)
      result.lithium += weight * state[particles.modesAt + e]
      result.share += weight * share(state, particles.firstSurface + e, wet: wet)
    }
    return hasWear ? result : (result.lithium, 1)
  }

  /// What the side reactions have formed.
  func observe(
    _ film: SurfaceFilm, _ state: UnsafePointer<Double>, _ result: inout CellObservation
  ) {
    let count = mesh.negative
    let local = film.local
    let own = state + film.unknownsAt
    let wet = remainder(state).wetFraction
    var (grown, plated, dead, thickness) = (0.0, 0.0, 0.0, 0.0)
    for e in 0..<count {
      let width = mesh.widths[e]
      grown += width * (own[count + e] - 1)
      plated += width * own[2 * count + e]
      dead += width * own[3 * count + e]
      let active = share(state, film.firstSurface + e, wet: wet)
      thickness += width * local.thickness(molecules: own[count + e], active: active)
      if let wear {
        let molecules = state[wear.at(.crackFilm) + film.firstSurface + e]
        grown += width * (molecules - local.freshCrackFilm)
      }
    }
    if local.grows, film.firstSurface == 0 {
      result.filmThickness = thickness / parameters.negative.thickness
    }
    result.filmLithium += area * grown * local.freshFilm * local.film.lithiumPerMolecule
    result.platedLithium += area * plated * LocalAgeing.metalScale
    result.deadLithium += area * dead * LocalAgeing.metalScale
  }

  /// Lost material, cracks and what leaked.
  func observe(
    _ wear: PorousWear, _ state: UnsafePointer<Double>, _ result: inout CellObservation
  ) {
    func trapped(_ particles: ParticlePopulation) -> Double {
      (0..<particles.count).reduce(0) {
        $0 + weight(particles, $1) * state[wear.at(.trapped) + particles.firstSurface + $1]
      }
    }
    let hosts = parameters.hostCapacity
    let shares = parameters.negative.shares
    let high = trapped(positive)
    let low =
      shares.first * trapped(negative) + (second.map { shares.second * trapped($0) } ?? 0)
    result.trappedLithium = hosts.negative * low + hosts.positive * high
    result.leakedCharge = parameters.nominalCapacity * state[wear.leakedIndex]
    // Charge through the positive electrode is what came to it; a part of that leaked.
    result.charge += faraday * hosts.positive * high - result.leakedCharge
    result.wetFraction = remainder(state).wetFraction
    guard laws.cracks else { return }
    for e in 0..<mesh.negative {
      result.crackLength +=
        weight(negative, e) * state[wear.at(.crack) + e]
        * laws.negative.mechanics.initialCrackLength
    }
    result.crackDepth = deepestCrack(state).depth
  }

  /// Stress and swelling, means over the electrodes.
  func observeMechanics(_ state: UnsafePointer<Double>, _ result: inout CellObservation) {
    guard parameters.negative.mechanics != nil || parameters.positive.mechanics != nil else {
      return
    }
    let wet = remainder(state).wetFraction
    func means(
      _ particles: ParticlePopulation, _ local: LocalAgeing, _ electrode: PorousElectrodeParameters
    ) -> (stress: Double, change: Double) {
      var result = (stress: 0.0, change: 0.0)
      for e in 0..<particles.count {
        let weight = weight(particles, e)
        let share = share(state, particles.firstSurface + e, wet: wet)
        let mean = state[particles.modesAt + e] / share
        var x = mean
        for k in 1..<modeCount {
          x += modes.surface[k] * state[particles.modesAt + k * particles.count + e]
        }
        result.stress += weight * local.stress(mean: mean, surface: x)
        // Lost particles keep the size they were lost with; only those in contact breathe.
        result.change += weight * electrode.thicknessChange(from: 0, to: mean, fraction: share)
      }
      return result
    }
    let low = means(negative, laws.negative, parameters.negative)
    let high = means(positive, laws.positive, parameters.positive)
    result.negativeStress = low.stress
    result.positiveStress = high.stress
    result.swelling = parameters.pairCount * (low.change + high.change)
  }

  /// The lithium of all particles, the films, and the slow unknowns of wear.
  public var slowUnknowns: [SlowUnknown] {
    var result: [SlowUnknown] = []
    let host = parameters.hostCapacity.negative
    for particles in [negative, positive, second] {
      guard let particles else { continue }
      // Loss of material counts in the unit of the full negative host.
      let full =
        particles.kernel.maximumConcentration * particles.kernel.surfaceDensity
        * particles.kernel.radius / 3
      for e in 0..<particles.count {
        let width = mesh.widths[nodeOf(particles.firstVolume + e)]
        let own = area * width * full / host
        result.append(SlowUnknown(index: particles.modesAt + e, weight: 0))
        guard let wear else { continue }
        let particle = particles.firstSurface + e
        result.append(SlowUnknown(index: wear.at(.active) + particle, weight: own))
        result.append(SlowUnknown(index: wear.at(.trapped) + particle, weight: own))
        result.append(SlowUnknown(index: wear.at(.crack) + particle, weight: 0))
      }
    }
    for film in [film, secondFilm] {
      guard let film else { continue }
      let count = mesh.negative
      for e in 0..<count {
        let metal = area * mesh.widths[e] * LocalAgeing.metalScale / host
        let molecules =
          area * mesh.widths[e] * film.local.freshFilm * film.local.film.lithiumPerMolecule / host
        let own = film.unknownsAt + e
        result.append(SlowUnknown(index: own + count, weight: molecules))
        // What is plated comes and goes within a cycle.
        result.append(SlowUnknown(index: own + 2 * count, weight: 0))
        result.append(SlowUnknown(index: own + 3 * count, weight: metal))
        guard let wear else { continue }
        let particle = film.firstSurface + e
        result.append(SlowUnknown(index: wear.at(.crackFilm) + particle, weight: molecules))
      }
    }
    if let wear { result.append(SlowUnknown(index: wear.leakedIndex, weight: 0)) }
    return result
  }
}
