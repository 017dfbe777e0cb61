// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// From when on a short could be told at all: the ideal detector on the same readings.

/// The earliest moment at which any detector could name a short in given readings.
///
/// A twin of the pack without the short follows the same currents in the same weather. What differs
/// between the two in the shorted cell is the signal d of the short. A detector that knew d beforehand,
/// and everything else but the noise σ of the channel, would gain a log-likelihood ratio of Σ d²/2σ² on
/// average; no real detector gains more. The bound is the time at which that sum reaches the limit that
/// the false alarm rate asks for.
public struct DetectionBound: Sendable {
  /// The limit, that of ``SiblingShortDetector/Limits/evidence``.
  public static let evidence = 26.0
  private let fault: PlantFault
  private let cell: Int
  private let variance: Double
  private var twin: PlantPack?
  private var sum = 0.0
  /// Time of the bound in seconds; nil while it is not reached.
  public private(set) var time: Double?

  /// Prepares the bound of a vehicle; nil where no cell has a short.
  public init?(_ run: borrowing VehicleRun) {
    guard let fault = run.faults.first(where: { $0.kind == .internalShort }), let cell = fault.cell
    else { return nil }
    self.fault = fault
    self.cell = cell
    let design = run.scenario.hasFineInstruments ? InstrumentDesign.fine : InstrumentDesign()
    let noise = design.voltageNoise * design.voltageNoise
    // A step adds the variance of an even distribution.
    variance = noise + design.steps.cell * design.steps.cell / 12
  }

  /// Follows one step of the run; called after each.
  public mutating func follow(_ run: borrowing VehicleRun) {
    guard time == nil else { return }
    let plant = run.plant
    guard var pack = twin else {
      if plant.time + 3_600 >= fault.onset, plant.time < fault.onset { twin = plant }
      return
    }
    twin = nil
    pack.joint = plant.joint
    pack.bleed = plant.bleed
    pack.foreignHeat = plant.foreignHeat
    pack.flows = plant.flows
    pack.ambient = plant.ambient
    pack.coolantInlet = plant.coolantInlet
    pack.advance(current: run.current, duration: plant.time - pack.time)
    twin = pack
    guard plant.time >= fault.onset, plant.time >= run.silentUntil else { return }
    let signal = plant.voltage[cell] - pack.voltage[cell]
    sum += signal * signal / (2 * variance)
    if sum >= Self.evidence { time = plant.time }
  }
}
