// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What all cell models compute from a parameter set alike.

import Foundation

extension CellParameters {
  /// Area of all coated pairs side by side, in m².
  var coatedArea: Double { electrodeArea * pairCount }

  /// Heat lost per kelvin above ambient, in W/K; 0 when the set has no heat.
  var coolingConductance: Double {
    (heat?.transferCoefficient ?? 0) * (heat?.coolingArea ?? 0)
  }

  /// Heat capacity of the cell, in J/K; 0 when the set has none.
  ///
  /// Thickness-weighted over coatings, separator and collectors, times the volume of the cell.
  public var heatCapacity: Double {
    guard let heat else { return 0 }
    var perArea = heat.collectorHeatCapacity
    perArea += negative.density * negative.specificHeat * negative.thickness
    perArea += positive.density * positive.specificHeat * positive.thickness
    perArea += separator.density * separator.specificHeat * separator.thickness
    return perArea / (stackThickness + heat.collectorThickness) * heat.volume
  }

  /// Lithium that both hosts hold when full, in moles.
  public var hostCapacity: (negative: Double, positive: Double) {
    let area = coatedArea
    let low = area * negative.thickness * negative.hostConcentration
    let high = area * positive.thickness * positive.activeFraction * positive.maximumConcentration
    return (low, high)
  }
}

extension PorousElectrodeParameters {
  /// Electronic conductivity of the solid with the Bruggeman factor, in S/m.
  var effectiveConductivity: Double {
    let solid = activeFraction + (second?.activeFraction ?? 0)
    return conductivity * pow(solid, bruggemanElectrode)
  }
}

extension CellMesh {
  /// Porosity of a volume in the fresh cell, and the exponent of its transport.
  func pores(_ volume: Int, _ set: CellParameters) -> (porosity: Double, exponent: Double) {
    if volume < negative { return (set.negative.porosity, set.negative.bruggemanElectrolyte) }
    if volume < negative + separator {
      return (set.separator.porosity, set.separator.bruggemanElectrolyte)
    }
    return (set.positive.porosity, set.positive.bruggemanElectrolyte)
  }
}
