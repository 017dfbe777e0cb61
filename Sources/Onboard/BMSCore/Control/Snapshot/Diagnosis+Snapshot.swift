// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What of the diagnosis survives sleep and a loss of power.

extension Diagnosis {
  /// Writes latched levels, the log of trips and the slow records of every cell.
  ///
  /// Not kept: debounce counters, short memories of detectors, frozen evidence (which a gateway reads
  /// out while awake).
  public func save<let capacity: Int>(to image: inout StateImage<capacity>) {
    image.put(state.uptimeMilliseconds)
    for row in rows.indices { image.put(rows[row].level.rawValue) }
    image.put(state.tripCount)
    for place in state.trips.indices { Self.save(state.trips[place], to: &image) }
    image.put(real: rest.bledDays)
    image.put(real: rest.driftDays)
    for cell in 0..<cells {
      image.put(real: rest.bled[cell])
      image.put(real: rest.driftReference[cell])
    }
  }

  private static func save<let capacity: Int>(
    _ trip: Trip<Real>, to image: inout StateImage<capacity>
  ) {
    image.put(trip.number)
    image.put(trip.fault.rawValue)
    image.put(trip.level.rawValue)
    image.put(UInt32(truncatingIfNeeded: Int(trip.index)))
    image.put(trip.timeMilliseconds)
    image.put(Float(trip.value).bitPattern)
    image.put(Float(trip.limit).bitPattern)
    image.put(trip.limitVersion)
    image.put(UInt32(trip.reaction.rawValue))
    image.put(trip.deadlineMilliseconds)
  }

  /// Restores what `save` wrote.
  ///
  /// Safety levels that only the request or service may clear are active again at once; all others
  /// must show themselves anew.
  ///
  /// - Parameters:
  ///   - image: The image, at the place where `save` began.
  ///   - configuration: The table in force.
  /// - Returns: False where the content makes no sense; then nothing was restored.
  public mutating func restore<let capacity: Int>(
    from image: inout StateImage<capacity>, configuration: DiagnosisConfiguration<Real>
  ) -> Bool {
    var copy = self
    copy.state.uptimeMilliseconds = image.longWord()
    for row in rows.indices {
      guard let level = FaultLevel(rawValue: image.byte()) else { return false }
      if level == .safety, configuration.rows[row].clear != .automatic {
        copy.rows[row].restore(level, deadline: copy.state.uptimeMilliseconds)
      }
    }
    copy.state.tripCount = image.word()
    for place in state.trips.indices {
      guard let trip = Self.trip(from: &image) else { return false }
      copy.state.trips[place] = trip
    }
    copy.rest.bledDays = image.real()
    copy.rest.driftDays = image.real()
    for cell in 0..<cells {
      copy.rest.bled[cell] = image.real()
      copy.rest.driftReference[cell] = image.real()
    }
    guard image.isWhole else { return false }
    self = copy
    return true
  }

  private static func trip<let capacity: Int>(
    from image: inout StateImage<capacity>
  ) -> Trip<Real>? {
    var trip = Trip<Real>()
    trip.number = image.word()
    guard let fault = FaultClass(rawValue: image.byte()),
      let level = FaultLevel(rawValue: image.byte())
    else { return nil }
    trip.fault = fault
    trip.level = level
    trip.index = Int16(truncatingIfNeeded: image.word())
    trip.timeMilliseconds = image.longWord()
    trip.value = Real(Float(bitPattern: image.word()))
    trip.limit = Real(Float(bitPattern: image.word()))
    trip.limitVersion = image.word()
    trip.reaction = Reaction(rawValue: UInt16(truncatingIfNeeded: image.word()))
    trip.deadlineMilliseconds = image.longWord()
    return trip
  }
}
