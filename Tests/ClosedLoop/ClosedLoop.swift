// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The core and the plant in a closed loop, with a digest of everything decided.

public import BMSCore

/// A pack that is driven, rested, charged and driven again, at last with a failing cell.
///
/// The samples come from integers and IEEE arithmetic alone, and the plant answers to the commands:
/// one decision that differed anywhere would change every sample after it, and the digest. The same
/// source runs in the tests, on a Cortex-M7 and in WebAssembly.
public struct ClosedLoop<let cells: Int, let probes: Int, Real: CoreReal>: Sendable {
  /// Everything decided so far, as one number.
  public var digest: UInt32 { checksum.value }
  /// The core.
  public var core: PackController<cells, probes, Real>
  /// The pack it controls.
  public var plant: PlantPack<cells, probes, Real>
  /// The readings of the cycle at hand; tests disturb them.
  public var raw: RawSample<cells, probes, Real>
  /// Times the contactors went from closed to open.
  public private(set) var openings: UInt32 = 0
  /// Times they went from open to closed.
  public private(set) var closings: UInt32 = 0
  /// Cycles so far.
  public private(set) var cycle: UInt32 = 0
  /// Period of the cycle, in milliseconds.
  public let period: UInt32

  private var checksum = Checksum()
  private var wasClosed = false

  /// A loop before its first cycle.
  ///
  /// - Parameters:
  ///   - period: Of the control cycle, in milliseconds.
  ///   - change: Changes to the configuration.
  public init(
    period: UInt32 = 10,
    change: (inout PackConfiguration<cells, probes, Real>) -> Void = { _ in }
  ) {
    self.period = max(1, period)
    var configuration = PackConfiguration<cells, probes, Real>()
    configuration.version = 1
    configuration.diagnosis.facts.cycleMilliseconds = self.period
    change(&configuration)
    core = PackController(configuration)
    plant = PlantPack(seconds: Real(self.period) / 1000)
    raw = RawSample()
  }

  /// What is asked for in a second: closed after one, driven, rested, charged, driven again.
  static func request(_ second: UInt32) -> Request {
    switch second {
    case 0: .off
    case 1..<4: .standby
    case 4..<40: .drive
    case 40..<50: .standby
    case 50..<80: .charge
    case 80..<85: .off
    default: .drive
    }
  }

  /// Draws the readings of the next cycle from the plant.
  ///
  /// - Parameter second: When one cell begins to leak and to heat.
  public mutating func prepare(faultAfter second: UInt32 = .max) {
    let milliseconds = cycle &* period
    let now = milliseconds / 1000
    let request = Self.request(now)
    var demand: Real = 0
    if request == .drive {
      // Blocks of eight levels, discharge and recuperation.
      demand = Real((milliseconds / 1280 &* 5) % 8) * 12 - 24
    } else if request == .charge {
      demand = -20
    }
    if now >= second {
      plant.leak = 30
      plant.faultHeat = 6000
    }
    plant.step(core.commands, demand: demand)
    raw = plant.readings(at: UInt64(milliseconds), request: request)
    cycle &+= 1
  }

  /// Runs one cycle of the core on the prepared readings.
  public mutating func decide() { _ = core.step(raw) }

  /// Takes the decisions of the cycle into the digest.
  public mutating func note() {
    core.addDigest(to: &checksum)
    let isClosed = core.commands.contactors.contains(.positive)
    if wasClosed && !isClosed { openings &+= 1 }
    if !wasClosed && isClosed { closings &+= 1 }
    wasClosed = isClosed
  }

  /// Prepares, disturbs, decides and notes.
  public mutating func run(
    seconds: UInt32, faultAfter second: UInt32 = .max,
    disturb: (inout RawSample<cells, probes, Real>) -> Void = { _ in }
  ) {
    for _ in 0..<seconds &* 1000 / period {
      prepare(faultAfter: second)
      disturb(&raw)
      decide()
      note()
    }
  }
}
