// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Takes rows in: cleaning, order, and one pass over each row.

public import BatteryDomain
import Cleaning

extension VehicleAnalysis {
  /// Adds rows.
  ///
  /// - Parameter batch: Rows of this vehicle, with cell voltages, probe temperatures and whatever
  ///   else the source has; discharge current positive.
  /// - Complexity: O(rows × cells), about 20 ns a cell and row with cleaning.
  public mutating func ingest(_ batch: RecordBatch) {
    guard batch.rowCount > 0 else { return }
    prepare(for: batch.schema)
    guard var cleaner, let layout else { return }
    // The cleaner leaves the struct while it works, so that its storage is not copied.
    self.cleaner = nil
    let cleaned = cleaner.clean(batch)
    self.cleaner = cleaner
    var block = RowBlock()
    var scratch: [Double] = []
    scratch.reserveCapacity(cellCount)
    var rejected = cleaned.rejectedRows[...]
    var start = 0
    while start < batch.rowCount {
      let end = min(start + RowBlock.capacity, batch.rowCount)
      block.load(
        cleaned.values, rows: start..<end, layout: layout, cellCount: cellCount,
        probeCount: probeCount)
      for row in 0..<block.count {
        let isRejected = rejected.first == start + row
        if isRejected { rejected = rejected.dropFirst() }
        step(block, row, isRejected: isRejected, scratch: &scratch)
      }
      start = end
    }
  }

  /// Adapts to the columns of a batch.
  private mutating func prepare(for schema: TableSchema) {
    if cleaner?.schema == schema, layout != nil { return }
    earlierCleaning = cleaning
    cleaner = StreamCleaner(schema: schema)
    let layout = RowLayout(schema)
    self.layout = layout
    if gate.last == nil {
      timeReference = schema.timeReference
      wallClockOffset = schema.wallClockOffset
      history = BucketHistory(offset: wallClockOffset, limit: settings.bucketLimit)
    }
    guard layout.cellCount > cellCount || layout.probeCount > probeCount else { return }
    // A wider row cannot join the rows kept so far: reduce those first.
    history.close()
    cellCount = max(cellCount, layout.cellCount)
    probeCount = max(probeCount, layout.probeCount)
    recent.widen(to: cellCount)
    telemetry.widen(cellCount: cellCount, probeCount: probeCount)
    tracks.widen(probeCount: probeCount)
    previous = PreviousRow()
  }

  private mutating func step(
    _ block: borrowing RowBlock, _ row: Int, isRejected: Bool, scratch: inout [Double]
  ) {
    counts.received += 1
    let time = block.time[row]
    if isRejected {
      switch gate.last {
      case _ where !time.isFinite: counts.untimed += 1
      case let last? where time == last: counts.duplicate += 1
      default: counts.late += 1
      }
      return
    }
    switch gate.judge(time) {
    case .accepted: break
    case .duplicate:
      counts.duplicate += 1
      return
    case .late:
      counts.late += 1
      return
    case .untimed:
      counts.untimed += 1
      return
    }
    counts.used += 1
    if firstTime == nil { firstTime = time }
    let base = row * cellCount
    let cells = CellRow(block.cells, from: base, count: cellCount)
    let position = history.advance(to: time, cellCount: cellCount, probeCount: probeCount)
    history.buckets[position].rows += 1
    let context = RowContext(block, row, previous: previous, settings: settings)
    telemetry.add(block, row, context: context, cells: cells, cellCount: cellCount)
    alarms.add(time: time, level: block.alarmLevel[row])
    if block.alarmLevel[row].isFinite {
      history.buckets[position].alarmLevel = max(
        history.buckets[position].alarmLevel, Int(block.alarmLevel[row]))
    }
    if block.insulation[row].isFinite {
      let value = block.insulation[row]
      history.buckets[position].insulation = min(
        history.buckets[position].insulation ?? value, value)
      tracks.insulation.add(value)
    }
    let temperature = tracks.addTemperatures(
      block.probes, from: row * probeCount, count: probeCount, time: time,
      isContinuous: context.isContinuous, into: &history.buckets[position].thermal,
      scratch: &scratch)
    charge.add(
      context, packVoltage: block.packVoltage[row], cells: cells, hottest: temperature?.high)
    charts.add(context, packVoltage: block.packVoltage[row], cells: cells, temperature: temperature)
    addCells(block, base: base, cells: cells, context: context, bucket: position, scratch: &scratch)
    remember(block, base: base, cells: cells, context: context)
  }

  /// Compares the cells of a row.
  private mutating func addCells(
    _ block: borrowing RowBlock, base: Int, cells: CellRow, context: RowContext, bucket: Int,
    scratch: inout [Double]
  ) {
    guard cells.usable >= 3, cells.usable * 2 > telemetry.fittedCells else { return }
    tracks.cellVoltage.add(low: cells.minimum, high: cells.maximum)
    recent.add(block.cells, from: base, count: cellCount)
    if context.isLoadStep, let last = previous.meanVoltage, previous.cells.values.count == cellCount
    {
      let change = cells.mean - last
      history.buckets[bucket].load.add(
        block.cells, from: base, previous: previous.cells, meanChange: change,
        currentChange: context.currentChange)
    }
    guard let lowSince = context.lowSince, context.time - lowSince >= settings.settlingTime,
      let last = previous.meanVoltage, context.isContinuous,
      abs(cells.mean - last) <= settings.steadyVoltageChange
    else { return }
    counts.steady += 1
    let median = CellRow.median(block.cells, from: base, count: cellCount, scratch: &scratch)
    history.addSteady(
      block.cells, from: base, count: cellCount, median: median,
      spread: cells.maximum - cells.minimum,
      settings: settings)
    openCircuit.add(
      voltage: median, stateOfCharge: context.stateOfCharge, bandWidth: settings.bandWidth)
  }

  private mutating func remember(
    _ block: borrowing RowBlock, base: Int, cells: CellRow, context: RowContext
  ) {
    previous.time = context.time
    previous.current = context.current
    previous.lowSince = context.lowSince
    previous.meanVoltage = cells.usable * 2 > telemetry.fittedCells ? cells.mean : nil
    if previous.cells.values.count != cellCount {
      previous.cells = CellVector(repeating: .nan, count: cellCount)
    }
    for cell in 0..<cellCount { previous.cells.values[cell] = Float(block.cells[base + cell]) }
  }
}
