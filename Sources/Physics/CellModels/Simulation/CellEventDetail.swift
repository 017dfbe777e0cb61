// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Time, place and value of an event.

/// Where in a cell something happens.
public struct CellPlace: Hashable, Sendable {
  /// Parts of a cell.
  public enum Region: String, CaseIterable, Sendable {
    /// Between the terminals.
    case terminals
    /// The cell as a whole.
    case cell
    /// The negative electrode.
    case negative = "negative electrode"
    /// The separator.
    case separator
    /// The positive electrode.
    case positive = "positive electrode"
  }

  /// The part.
  public var region: Region
  /// Distance from the negative collector, in metres; nil where the model resolves none.
  public var position: Double?

  /// Creates a place.
  public init(_ region: Region, position: Double? = nil) {
    self.region = region
    self.position = position
  }
}

/// Time, place and value of an event.
public struct CellEventDetail: Hashable, Sendable {
  /// What happened.
  public var event: CellEvent
  /// Time since the start of the simulation, in seconds.
  public var time: Double
  /// Where.
  public var place: CellPlace
  /// The value that reached its limit: volts, amperes, kelvin, a fraction (salt over rest, crack
  /// over radius, lithium over the start), or amperes per square metre of lithium.
  public var value: Double
}

extension CellSimulation where Model: ~Copyable {
  /// Time, place and value of the event that ended the last step; nil if none did.
  ///
  /// - Parameter end: What `run(_:duration:limits:interval:record:)` returned.
  /// - Returns: The event's facts at ``time``.
  public mutating func detail(of end: StepEnd) -> CellEventDetail? {
    let event: CellEvent
    switch end {
    case .event(let found), .alreadyPast(let found): event = found
    case .duration, .impossible, .failed: return nil
    }
    let now = observe()
    return CellEventDetail(
      event: event, time: time, place: model.place(of: event, state: state),
      value: model.value(of: event, in: now))
  }
}

extension ElectrochemicalModel where Self: ~Copyable {
  /// The terminals for voltage and current, the cell as a whole for all else.
  public func place(of event: CellEvent, state: UnsafePointer<Double>) -> CellPlace {
    switch event {
    case .lowerVoltage, .upperVoltage, .currentBelow: CellPlace(.terminals)
    default: CellPlace(.cell)
    }
  }

  /// The measurable that an event watches; NaN for one that no observation tells.
  func value(of event: CellEvent, in observation: CellObservation) -> Double {
    let watched: [CellEvent: Double] = [
      .lowerVoltage: observation.voltage, .upperVoltage: observation.voltage,
      .currentBelow: abs(observation.current), .temperatureAbove: observation.temperature,
      .electrolyteDepleted: observation.salt, .platingPossible: observation.platingMargin,
      .crackedThrough: observation.crackDepth,
      .lithiumDepleted: observation.negativeStoichiometry,
      .criticalPlating: observation.solidState.map { abs($0.localCurrentDensity) } ?? .nan,
    ]
    return watched[event] ?? .nan
  }
}

extension CellMesh {
  /// The place of a volume.
  func place(_ volume: Int) -> CellPlace {
    let region: CellPlace.Region =
      volume < negative ? .negative : volume < negative + separator ? .separator : .positive
    return CellPlace(region, position: centres[volume])
  }
}
