// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The streaming analysis of one cell: batches in, an assessment at any time.

public import BatteryDomain
import Cleaning

/// The streaming analysis of one cell: batches in, an assessment at any time.
///
/// Batches may come from several tables of one or more files (cycles, impedance, a table of
/// capacities), in order of time within each. Memory grows with the number of cycles, not with the
/// number of rows, and the result does not depend on how rows are cut into batches.
///
/// ```swift
/// var analysis = CellTestAnalysis(identity: "B0005")
/// while let batch = try reader.next() { analysis.ingest(batch) }
/// let assessment = analysis.assessment()
/// ```
public struct CellTestAnalysis: Sendable {
  /// Name of the cell.
  public let identity: String
  /// What the caller states about the test.
  public let settings: CellTestSettings

  /// A table under way: its cleaner and what is held back for the next sample to decide.
  struct TableState: Sendable {
    var cleaner: StreamCleaner
    var plan: TablePlan
    var rows = 0
    var held: (row: Int, sample: CellSample)?
    var lastCycle = Double.nan
    var lastStepTime = Double.nan
    var lastTime = Double.nan
    var hasSample = false
  }

  var tables: [TableState] = []
  let thresholds: [Double]
  var segmenter: StepSegmenter
  var halves: HalfCycleBuilder
  var pulses: PulseDetector
  var rests = RelaxationTracker()

  var halfCycles: [HalfCycle] = []
  var steps: [TestStep] = []
  var stepCounts: [StepKind: StepTotals] = [:]
  var pulseRecords: [PulseResistance] = []
  var pulseStride = 1
  var pulseCount = 0
  var relaxations: [Relaxation] = []
  var curves = CurveArchive()
  var spectra = SpectrumCollector()
  var cycleTable = CycleTableCollector()
  var voltageExtremes = ExtremeTracker()
  var temperatureExtremes = ExtremeTracker()
  var span: ClosedRange<Double>?
  var unusableSamples = 0
  var samples = 0
  var formats: [String] = []
  var timeReference = TimeReference.testStart

  /// Steps that are kept one by one; the totals by kind go on beyond.
  static let stepLimit = 2000
  /// Pulses and rests that are kept; beyond, every second is dropped.
  static let pulseLimit = 4000

  /// Creates an analysis.
  ///
  /// - Parameters:
  ///   - identity: Name of the cell.
  ///   - settings: What the caller states about the test.
  public init(identity: String, settings: CellTestSettings = .init()) {
    self.identity = identity
    self.settings = settings
    thresholds = CutOff.thresholds(stated: settings.cutOffVoltage)
    segmenter = StepSegmenter(settings: settings.steps)
    halves = HalfCycleBuilder(bin: settings.voltageBin, thresholds: thresholds)
    pulses = PulseDetector(times: settings.pulseTimes)
  }

  /// Takes the next rows of a table.
  ///
  /// - Parameter batch: Consecutive rows; batches of one schema continue one table.
  /// - Complexity: O(rows × columns).
  public mutating func ingest(_ batch: RecordBatch) {
    guard batch.rowCount > 0 else { return }
    let index: Int
    if let known = tables.firstIndex(where: { $0.cleaner.schema == batch.schema }) {
      index = known
    } else {
      tables.append(
        TableState(
          cleaner: StreamCleaner(schema: batch.schema, settings: settings.cleaning),
          plan: TablePlan(schema: batch.schema)))
      index = tables.count - 1
      if !formats.contains(batch.schema.format) { formats.append(batch.schema.format) }
      if batch.schema.column(of: .voltage) != nil { timeReference = batch.schema.timeReference }
    }
    let cleaned = tables[index].cleaner.clean(batch)
    switch tables[index].plan.kind {
    case .cycling: ingestCycling(cleaned, table: index)
    case .impedance: spectra.add(cleaned, plan: tables[index].plan)
    case .cycleTable: cycleTable.add(cleaned, plan: tables[index].plan)
    case .other: break
    }
    tables[index].rows += batch.rowCount
  }
}

/// Totals over the steps of one kind.
public struct StepTotals: Codable, Hashable, Sendable {
  /// Number of steps.
  public var steps = 0
  /// Time in seconds.
  public var duration = 0.0
  /// Charge taken out in coulombs; negative for charging.
  public var charge = 0.0
  /// Energy taken out in joules; negative for charging.
  public var energy = 0.0

  mutating func add(_ step: TestStep) {
    steps += 1
    duration += step.duration
    charge += step.charge
    energy += step.energy
  }
}

/// Smallest and largest value of a signal with their times.
struct ExtremeTracker: Sendable {
  var minimum = Double.infinity
  var minimumTime = 0.0
  var maximum = -Double.infinity
  var maximumTime = 0.0

  mutating func add(_ value: Double, at time: Double) {
    if value < minimum {
      minimum = value
      minimumTime = time
    }
    if value > maximum {
      maximum = value
      maximumTime = time
    }
  }
}

/// Where the columns of a table are that the analysis reads.
struct TablePlan: Sendable {
  enum Kind: Sendable {
    case cycling
    case impedance
    case cycleTable
    case other
  }
  let kind: Kind
  let time: Int?
  let stepTime: Int?
  let voltage: Int?
  let current: Int?
  let temperature: Int?
  let cycle: Int?
  let step: Int?
  let capacity: Int?
  let chargeCounter: Int?
  let dischargeCounter: Int?
  let frequency: Int?
  let real: Int?
  let imaginary: Int?
  let resistance: Int?
  let health: Int?

  init(schema: TableSchema) {
    func column(_ key: QuantityKey) -> Int? { schema.column(of: key) }
    time = column(.time)
    stepTime = column(.stepTime)
    voltage = column(.voltage)
    current = column(.current)
    temperature = column(.cellTemperature)
    cycle = column(.cycleIndex)
    step = column(.stepIndex)
    capacity = column(.capacity)
    chargeCounter = column(.chargeCapacity)
    dischargeCounter = column(.dischargeCapacity)
    frequency = column(.frequency)
    real = column(.impedanceReal)
    imaginary = column(.impedanceImaginary)
    resistance = column(.internalResistance)
    health = column(.stateOfHealth)
    if real != nil, imaginary != nil {
      kind = .impedance
    } else if voltage != nil, current != nil, time != nil || stepTime != nil {
      kind = .cycling
    } else if capacity != nil || dischargeCounter != nil || health != nil {
      kind = .cycleTable
    } else {
      kind = .other
    }
  }
}
