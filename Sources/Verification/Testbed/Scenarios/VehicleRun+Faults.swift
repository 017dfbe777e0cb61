// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What faults and oddities do to plant, instruments and actuators.

import BatteryDomain

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension VehicleRun {
  /// Sets what the faults do at the present time.
  mutating func applyFaults() {
    for fault in faults {
      guard let severity = fault.severity(at: plant.time) else { continue }
      switch fault.kind {
      case .internalShort:
        guard let cell = fault.cell else { continue }
        // After a collapse the contact is that of the molten separator, and burns away.
        if plant.hotCells.contains(where: { $0.cell == cell && $0.hasCollapsed }) { continue }
        plant.shortConductance[cell] = 1 / max(severity, 1e-4)
      case .externalShort: externalResistance = severity
      case .looseConnection:
        if let cell = fault.cell { plant.joint[cell] = plant.layout.jointResistance + severity }
      case .capacityOutlier:
        if let cell = fault.cell {
          let goal = baseCapacity[cell] * (1 - severity)
          if abs(plant.capacity[cell] - goal) > 1e-4 * goal { plant.setCapacity(cell, to: goal) }
        }
      case .resistanceOutlier:
        if let cell = fault.cell { plant.resistanceScale[cell] = baseScale[cell] * (1 + severity) }
      case .plating: if let cell = fault.cell { plant.platingShare[cell] = severity }
      case .coolingFailure:
        if let module = fault.module { blocked.insert(module) } else { pumpBroken = true }
      case .heaterStuck: heaterStuck = severity
      case .contactorWeld: isWelded = isConnected || isWelded
      case .voltageSensor: spoilVoltage(fault, severity)
      case .temperatureSensor:
        if let probe = fault.probe {
          instruments.probeFault[probe] = fault.sensor == .frozen ? .nan : severity
        }
      case .currentSensor: instruments.currentFault = severity
      case .insulationLoss:
        instruments.insulation = min(instruments.insulation, max(severity, 1))
      case .swelling:
        if let cell = fault.cell, plant.gassing[cell] != severity { plant.gassing[cell] = severity }
      case .overcharge: chargerIgnoresLimits = true
      case .communicationLoss: instruments.isSilent = plant.time < fault.onset + fault.final
      case .clockJump: instruments.clockShift = severity
      case .thermalRunaway: break
      }
    }
  }

  private mutating func spoilVoltage(_ fault: PlantFault, _ severity: Double) {
    guard let cell = fault.cell else { return }
    switch fault.sensor {
    case .offset: instruments.cellFault[cell] = severity
    case .frozen: instruments.cellFault[cell] = .nan
    case .swapped: instruments.swapped = (cell, cell > 0 ? cell - 1 : 1)
    }
  }

  /// Draws the odd but healthy events of a step.
  mutating func applyOddities(interval: Double) {
    guard !scenario.oddities.isEmpty else { return }
    func happens(perDay rate: Double) -> Bool {
      Double.random(in: 0..<1, using: &random) < rate * interval / 86_400
    }
    if scenario.oddities.contains(.reseatedConnector), happens(perDay: 0.05) {
      let module = Int.random(in: 0..<plant.layout.modules, using: &random)
      let shift = Double.random(in: -0.003...0.003, using: &random)
      instruments.shiftModule(module, cells: plant.layout.cellsPerModule, by: shift)
    }
    if scenario.oddities.contains(.poorRadio), happens(perDay: 0.5) {
      silentUntil = plant.time + Double.random(in: 600...14_400, using: &random)
    }
    if scenario.oddities.contains(.clockCorrections), happens(perDay: 1) {
      instruments.clockShift = Double.random(in: -30...30, using: &random)
    }
    if scenario.oddities.contains(.inrush), duty.mode == .active, scenario.step < 0.1,
      happens(perDay: 20_000)
    {
      inrushUntil = plant.time + 0.004
    }
    if scenario.oddities.contains(.precharge), duty.mode == .active, scenario.step < 0.1,
      happens(perDay: 20_000)
    {
      prechargeAt = plant.time
    }
    if scenario.oddities.contains(.fullPower), duty.mode == .active,
      happens(perDay: scenario.step < 0.1 ? 4_000 : 20)
    {
      powerUntil = plant.time + 8
    }
  }
}

extension Instruments {
  /// Shifts all channels of a module.
  mutating func shiftModule(_ module: Int, cells: Int, by shift: Double) {
    for cell in (module * cells)..<((module + 1) * cells) { cellOffset[cell] += shift }
  }
}
