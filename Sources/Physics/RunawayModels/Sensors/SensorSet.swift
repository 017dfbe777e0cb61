// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What sensors at a cell would read during a test.

import BatteryDomain
import Quantities

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Readings of sensors at a cell.
public struct SensorReadings: Hashable, Sendable {
  /// Time, in seconds.
  public var time: Double
  /// Thermistor on the surface, in kelvin.
  public var surface: Double
  /// Fibre Bragg grating inside: shift of a 1550 nm grating, in nanometres.
  public var gratingShift: Double
  /// Infrared camera: brightness temperature of the surface, in kelvin.
  public var infrared: Double
  /// Hydrogen sensor in the enclosure, in ppm.
  public var hydrogen: Double
  /// Carbon dioxide sensor in the enclosure, in ppm.
  public var carbonDioxide: Double
  /// Pressure of the closed enclosure above the surroundings, in pascals.
  public var enclosurePressure: Double
  /// Acoustic emission: hits a second above the noise.
  public var acousticRate: Double
}

/// A set of sensors around a cell, with their delays.
///
/// Models, in order of trust: the thermistor is a first-order lag behind the surface, which is colder
/// than the core by the loss times the inner resistance; the camera sees the surface through its
/// emissivity; the grating follows `Δλ/λ = (α + ξ)·ΔT` with 6.7e-6 1/K of silica (Kersey et al. 1997,
/// doi:10.1109/50.618377); gas sensors see a small enclosure through a lag; acoustic hits follow
/// gas formation and cracking (one hit for a micromole of gas a second, assumed).
public struct SensorSet: Hashable, Sendable {
  /// Lag of the thermistor, in seconds.
  public var thermistorLag = 3.0
  /// Lag of the gas sensors, in seconds.
  public var gasLag = 5.0
  /// Enclosure around the cell, in m³.
  public var enclosure = 0.02
  /// Temperature coefficient of the grating, in 1/K.
  public var gratingCoefficient = 6.7e-6

  /// Creates the usual set.
  public init() {}

  /// Readings at the times of the samples.
  ///
  /// - Parameter result: A run with records.
  /// - Returns: One reading a sample.
  /// - Complexity: O(samples).
  public func readings(of result: AbuseResult) -> [SensorReadings] {
    guard let first = result.samples.first else { return [] }
    let cell = result.cell
    // Half the thickness over the conductivity across the layers and the surface.
    let depth = cell.geometry.volume.value / cell.surface
    let innerResistance = depth / (1.0 * cell.surface)
    let air =
      PhysicalConstants.standardAtmosphere * enclosure
      / (PhysicalConstants.gas * PhysicalConstants.referenceTemperature)
    var surface = first.temperature
    var hydrogen = 0.0
    var carbonDioxide = 0.0
    var time = 0.0
    let start = first.temperature
    return result.samples.enumerated().map { index, sample in
      let step = max(0, sample.time - time)
      time = sample.time
      let outside = sample.temperature - sample.loss * innerResistance
      surface += (outside - surface) * -expm1(-step / thermistorLag)
      let row = index * GasSpecies.count
      func fraction(_ species: GasSpecies) -> Double {
        let out = result.ventedOverTime[row + species.rawValue]
        return 1e6 * out / (air + sample.gasOut)
      }
      let lag = -expm1(-step / gasLag)
      hydrogen += (fraction(.hydrogen) - hydrogen) * lag
      carbonDioxide += (fraction(.carbonDioxide) - carbonDioxide) * lag
      let radiation =
        cell.emissivity * pow(outside, 4) + (1 - cell.emissivity) * pow(sample.ambient, 4)
      return SensorReadings(
        time: sample.time, surface: surface,
        gratingShift: 1_550 * gratingCoefficient * (sample.temperature - start),
        infrared: pow(max(0, radiation), 0.25), hydrogen: hydrogen, carbonDioxide: carbonDioxide,
        enclosurePressure: sample.gasOut * PhysicalConstants.gas
          * PhysicalConstants.referenceTemperature / enclosure,
        acousticRate: 1e6 * max(0, gasRate(result.samples, index)))
    }
  }

  private func gasRate(_ samples: [AbuseSample], _ index: Int) -> Double {
    guard index > 0 else { return 0 }
    let step = samples[index].time - samples[index - 1].time
    return step > 0 ? (samples[index].gasMade - samples[index - 1].gasMade) / step : 0
  }

  /// When each kind of sensor would first have warned, before runaway or the end, in seconds.
  ///
  /// Thresholds: surface 60 °C on the thermistor, the same and 2 K above the surroundings in the
  /// infrared camera, 35 K inside on the grating (no lag and no depth in front of it), hydrogen 100 ppm, carbon dioxide 2 000 ppm above background, 500 Pa
  /// in the enclosure, 10 acoustic hits a second, voltage 5 % below its start.
  public func warnings(of result: AbuseResult) -> [(sensor: String, time: Double)] {
    let readings = readings(of: result)
    var found: [(sensor: String, time: Double)] = []
    func first(_ name: String, _ test: (SensorReadings) -> Bool) {
      if let hit = readings.first(where: test) { found.append((name, hit.time)) }
    }
    first("surface temperature") { $0.surface > PhysicalConstants.celsiusZero + 60 }
    // A camera also sees the surroundings mirrored: only what is warmer than they are counts.
    if let hit = zip(readings, result.samples).first(where: { reading, sample in
      reading.infrared > max(PhysicalConstants.celsiusZero + 60, sample.ambient + 2)
    }) {
      found.append(("infrared camera", hit.0.time))
    }
    first("fibre grating") { $0.gratingShift > 1_550 * gratingCoefficient * 35 }
    first("hydrogen") { $0.hydrogen > 100 }
    first("carbon dioxide") { $0.carbonDioxide > 2_000 }
    first("enclosure pressure") { $0.enclosurePressure > 500 }
    first("acoustic emission") { $0.acousticRate > 10 }
    if let start = result.samples.first?.voltage,
      let drop = result.samples.first(where: { $0.voltage < 0.95 * start })
    {
      found.append(("voltage", drop.time))
    }
    return found.sorted { $0.time < $1.time }
  }
}
