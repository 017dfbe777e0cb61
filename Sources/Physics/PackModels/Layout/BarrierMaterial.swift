// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What stands between cells: conductivity, heat capacity, density, melting.

/// What can stand between cells.
public enum BarrierMaterial: String, CaseIterable, Hashable, Sendable {
  /// Still air.
  case air
  /// Silica aerogel blanket.
  case aerogel
  /// Mica sheet.
  case mica
  /// Aluminium plate.
  case aluminium
  /// Silicone foam pad.
  case foam
  /// Paraffin in expanded graphite.
  case paraffinGraphite = "paraffin-graphite"
  /// Paraffin alone.
  case paraffin

  /// Properties of the material.
  public var properties: BarrierProperties {
    switch self {
    // Incropera et al. (2007), Fundamentals of Heat and Mass Transfer, table A.4, near 400 K.
    case .air: BarrierProperties(conductivity: 0.034, density: 0.88, specificHeat: 1_014)
    // Facts: below 0.03 W/(m·K) for silica aerogel; density and heat as blankets are sold
    // (Aspen Aerogels Pyrogel data: 200 kg/m³, 1 000 J/(kg·K)).
    case .aerogel: BarrierProperties(conductivity: 0.03, density: 200, specificHeat: 1_000)
    // Phlogopite sheet as sold: 0.3 W/(m·K), 2 100 kg/m³, 880 J/(kg·K) (typical; assumed).
    case .mica: BarrierProperties(conductivity: 0.3, density: 2_100, specificHeat: 880)
    // Incropera et al. (2007), table A.1, pure aluminium at 300 K.
    case .aluminium: BarrierProperties(conductivity: 237, density: 2_702, specificHeat: 903)
    // Compression pads as sold: 0.06 W/(m·K), 300 kg/m³, 1 200 J/(kg·K) (typical; assumed).
    case .foam: BarrierProperties(conductivity: 0.06, density: 300, specificHeat: 1_200)
    // Mills & Al-Hallaj (2005), J. Power Sources 141, doi:10.1016/j.jpowsour.2004.09.025:
    // 16.6 W/(m·K), 866 kg/m³, 1 980 J/(kg·K), 185 kJ/kg between 52 and 55 °C.
    case .paraffinGraphite:
      BarrierProperties(
        conductivity: 16.6, density: 866, specificHeat: 1_980, latentHeat: 185e3,
        meltingBegins: 325.15, meltingEnds: 328.15, liquidConductivity: 16.6)
    // Paraffin alone: Sari & Karaipekli (2007), doi:10.1016/j.applthermaleng.2006.11.004:
    // 0.22 W/(m·K), about 190 kJ/kg near 42–45 °C; liquid 0.15 W/(m·K).
    case .paraffin:
      BarrierProperties(
        conductivity: 0.22, density: 880, specificHeat: 2_100, latentHeat: 190e3,
        meltingBegins: 315.15, meltingEnds: 318.15, liquidConductivity: 0.15)
    }
  }
}

/// Properties of a layer between cells, in SI units.
public struct BarrierProperties: Hashable, Sendable {
  /// Thermal conductivity, in W/(m·K); before melting where the material melts.
  public var conductivity: Double
  /// Density, in kg/m³.
  public var density: Double
  /// Specific heat, in J/(kg·K).
  public var specificHeat: Double
  /// Latent heat, in J/kg; 0 where nothing melts.
  public var latentHeat = 0.0
  /// Where melting begins, in kelvin.
  public var meltingBegins = 0.0
  /// Where melting ends, in kelvin.
  public var meltingEnds = 0.0
  /// Conductivity after melting, in W/(m·K).
  public var liquidConductivity = 0.0

  /// Creates properties.
  public init(
    conductivity: Double, density: Double, specificHeat: Double, latentHeat: Double = 0,
    meltingBegins: Double = 0, meltingEnds: Double = 0, liquidConductivity: Double = 0
  ) {
    self.conductivity = conductivity
    self.density = density
    self.specificHeat = specificHeat
    self.latentHeat = latentHeat
    self.meltingBegins = meltingBegins
    self.meltingEnds = meltingEnds
    self.liquidConductivity = liquidConductivity
  }
}
