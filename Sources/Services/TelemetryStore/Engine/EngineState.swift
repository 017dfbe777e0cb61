// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the embedded engine keeps in memory: vehicles and where unsealed frames are.

/// What tells unsealed frames of a vehicle apart.
struct UnitName: Hashable {
  var time: Int64
  var hash: Int64
}

/// A frame that is in the log and in no block yet.
struct TailEntry {
  var entry: LogEntry
  var segment: Int64
  /// The entry of the same vehicle, time and hash before this one; −1 if there is none.
  var previous: Int32
}

/// A vehicle and its unsealed frames.
struct VehicleState {
  let key: Int32
  let identity: String
  let firstReceived: Double
  var sealedFrames = 0
  var sealedLastID: Int64 = 0
  /// Collection times in blocks; a frame outside cannot be there already.
  var sealedTimes: ClosedRange<Int64>?
  var sealedReports: ClosedRange<Int64>?
  private(set) var tail: [TailEntry] = []
  private(set) var tailReports: ClosedRange<Int64>?
  private var newest: [UnitName: Int32] = [:]

  init(key: Int32, identity: String, firstReceived: Double) {
    self.key = key
    self.identity = identity
    self.firstReceived = firstReceived
  }

  var lastID: Int64 { tail.last?.entry.id ?? sealedLastID }
  var frameCount: Int { sealedFrames + tail.count }
  var reports: ClosedRange<Int64>? { Self.union(sealedReports, tailReports) }

  mutating func add(_ entry: LogEntry, segment: Int64) {
    let name = UnitName(time: entry.time, hash: entry.hash)
    let previous = newest.updateValue(Int32(tail.count), forKey: name) ?? -1
    tail.append(TailEntry(entry: entry, segment: segment, previous: previous))
    if BlockRow.isReport(entry.command) {
      tailReports = Self.union(tailReports, entry.time...entry.time)
    }
  }

  /// Unsealed frames of a time with a hash.
  func candidates(time: Int64, hash: Int64) -> [TailEntry] {
    var found: [TailEntry] = []
    var place = newest[UnitName(time: time, hash: hash)] ?? -1
    while place >= 0 {
      let entry = tail[Int(place)]
      found.append(entry)
      place = entry.previous
    }
    return found
  }

  /// Forgets unsealed frames up to an id: they are in blocks now.
  mutating func forget(through id: Int64) {
    let rest = tail.drop { $0.entry.id <= id }
    tail = []
    tail.reserveCapacity(rest.count)
    newest = [:]
    tailReports = nil
    for entry in rest { add(entry.entry, segment: entry.segment) }
  }

  /// Counts a block in.
  mutating func add(_ block: BlockEntry) {
    sealedFrames += block.rows
    sealedLastID = max(sealedLastID, block.lastID)
    sealedTimes = Self.union(sealedTimes, block.firstTime...block.lastTime)
    sealedReports = Self.union(sealedReports, block.reports)
  }

  static func union(
    _ a: ClosedRange<Int64>?, _ b: ClosedRange<Int64>?
  ) -> ClosedRange<Int64>? {
    guard let a, let b else { return a ?? b }
    return min(a.lowerBound, b.lowerBound)...max(a.upperBound, b.upperBound)
  }
}

/// What the embedded engine keeps in memory.
struct EngineState {
  private(set) var vehicles: [VehicleState] = []
  private var slotOfKey: [Int32: Int] = [:]
  private var slotOfIdentity: [String: Int] = [:]
  /// All segments that are there, by number.
  var segments: [Int64: LogSegment] = [:]
  /// Segments that are full, oldest first, with the id of their last frame.
  var closed: [(number: Int64, lastID: Int64)] = []
  /// Frames up to this id are in blocks, all others in the log.
  var sealedThrough: Int64 = 0
  /// Id of the next frame.
  var nextID: Int64 = 1
  /// Whether the log is being sealed.
  var isSealing = false
  /// Whether the engine was closed; nothing is answered after that.
  var isClosed = false
  var sealFailures = 0
  /// Why sealing failed last, in words.
  var lastSealFailure: String?
  /// Blocks that the search for a duplicate had to leave out.
  var skippedBlocks = 0
  var seals = 0
  /// Commits that waited for the log to be sealed.
  var waits = 0

  mutating func add(_ vehicle: VehicleState) {
    slotOfKey[vehicle.key] = vehicles.count
    slotOfIdentity[vehicle.identity] = vehicles.count
    vehicles.append(vehicle)
  }

  func vehicle(_ identity: String) -> VehicleState? {
    slotOfIdentity[identity].map { vehicles[$0] }
  }

  func slot(_ identity: String) -> Int? { slotOfIdentity[identity] }
  func slot(_ key: Int32) -> Int? { slotOfKey[key] }

  mutating func with<Value>(slot: Int, _ body: (inout VehicleState) -> Value) -> Value {
    body(&vehicles[slot])
  }
}
