// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Heat–wait–seek of an abuse simulation.

extension AbuseRunner {
  /// Runs heat–wait–seek.
  mutating func runCalorimeter(_ program: CalorimeterProgram) {
    let limit = simulation.duration ?? simulation.test.defaultDuration
    var acting = system.conditions
    acting.isAdiabatic = true
    let capacity = simulation.cell.heatCapacity
    var target = max(program.start, simulation.startTemperature)
    system.silenced |= 1 << UInt32(AbuseEventIndex.selfHeating.rawValue)
    while time < limit {
      let gap = target - system.derived.temperature
      if gap > 0 {
        // The first step may be long; it is heated at the same rate.
        let heating = program.heating * max(1, gap / program.step)
        acting.heaterPower = capacity * gap / heating
        let end = run(AbuseSegment(conditions: acting, duration: heating), for: heating)
        if end == .failed { return }
        acting.heaterPower = 0
      }
      if run(AbuseSegment(conditions: acting, duration: program.wait), for: program.wait) == .failed
      {
        return
      }
      if system.derived.temperatureRate >= program.threshold {
        note(.exotherm)
        system.endRate = program.threshold
        let end = run(AbuseSegment(conditions: acting, duration: limit), for: max(1, limit - time))
        system.endRate = -.infinity
        if end == .failed { return }
        // Past runaway there is nothing left to seek.
        if result.event(.runaway) != nil { return }
      }
      target = max(target, system.derived.temperature) + program.step
      if target > program.ceiling { return }
    }
  }
}
