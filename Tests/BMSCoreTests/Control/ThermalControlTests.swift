// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Heating before a charge, cooling by PI with feed-forward, and what happens without temperatures.

import BMSCore
import Testing

@Suite("Thermal control")
struct ThermalControlTests {
  /// One temperature for the pack of the bench: heater, coolant, and heat beside.
  struct Plant {
    var bench: Bench
    var temperature: Double
    var coolant = 293.15
    var ambient = 293.15
    var heat = 0.0

    /// A pack brought to a temperature at three kelvins a minute: at once would be a thermal event.
    init(_ bench: Bench, at end: Double) {
      self.bench = bench
      temperature = 298.15
      let steps = Int(abs(end - temperature) / 0.05)
      for step in 0..<steps {
        let share = Double(step + 1) / Double(steps)
        self.bench.probes = Array(repeating: 298.15 + share * (end - 298.15), count: 3)
        self.bench.step(milliseconds: 1_000)
      }
      temperature = end
    }

    mutating func step(seconds: Double) {
      let facts = bench.table.facts
      let commands = bench.control.commands
      let taken = commands.pump * facts.coolantConductance * (temperature - coolant)
      let flow = commands.heater * facts.heaterPower + heat - (commands.heater > 0 ? 0 : taken)
      temperature += flow * seconds / facts.heatCapacity
      bench.probes = Array(repeating: temperature, count: 3)
      let (warm, air) = (coolant, ambient)
      bench.disturb = { sample, _ in
        sample.coolantTemperature = Measured(warm)
        sample.ambientTemperature = Measured(air)
      }
      bench.step(milliseconds: Int(seconds * 1000))
    }
  }

  @Test("A cold pack is heated before it is charged, and not beyond its band")
  func preheat() {
    var bench = Bench.connected(.charge)
    // Cooled down in standby: a charge would begin to heat at once.
    bench.request = .standby
    var plant = Plant(bench, at: 263.15)
    plant.bench.request = .charge
    plant.step(seconds: 1)
    plant.bench.load = -20
    var charged = 0.0
    var warmest = 0.0
    var firstCharge = Double.nan
    for _ in 0..<3_600 {
      plant.step(seconds: 1)
      warmest = max(warmest, plant.temperature)
      if plant.bench.current < -0.01 {
        charged -= plant.bench.current / 3_600
        if firstCharge.isNaN { firstCharge = plant.temperature }
      }
    }
    let settings = plant.bench.configuration.thermal
    #expect(plant.temperature > settings.preheatCharge)
    #expect(warmest <= settings.preheatCharge + settings.heatingHysteresis + 0.1)
    #expect(plant.bench.control.commands.heater == 0)
    // Nothing flows below the lowest temperature of a charge; above it the map lets it rise.
    #expect(firstCharge >= 273.15)
    #expect(charged > 2)
  }

  @Test("Cooling reaches its target although its feed-forward knows only a part of the heat")
  func cooling() {
    var plant = Plant(Bench.connected(.standby), at: 306)
    plant.heat = 1_000
    for _ in 0..<1_440 { plant.step(seconds: 10) }
    let target = plant.bench.configuration.thermal.coolingTarget
    #expect(abs(plant.temperature - target) < 0.5, "\(plant.temperature)")
    // A thousand watts over ten kelvins and 200 W/K are half of the pump.
    let pump = plant.bench.control.commands.pump
    #expect(pump > 0.4 && pump < 0.6, "\(pump)")
    plant.heat = 0
    for _ in 0..<720 { plant.step(seconds: 10) }
    #expect(plant.bench.control.commands.pump == 0)
    #expect(plant.temperature < target)
  }

  @Test("The ohmic heat of a load starts the pump before the temperature has risen")
  func feedForward() {
    var bench = Bench.connected(.drive)
    bench.table.facts.cellResistance = 0.02
    bench.run(seconds: 30, every: 100)
    var plant = Plant(bench, at: 303.2)
    plant.step(seconds: 1)
    let idle = plant.bench.control.commands.pump
    plant.bench.load = 100
    for _ in 0..<3 { plant.step(seconds: 1) }
    // 100² A² · 6 · 20 mΩ over 200 W/K and ten kelvins.
    #expect(plant.bench.control.commands.pump - idle > 0.3)
  }

  @Test("The fan runs where the air is colder than the coolant, the chiller where it is warm")
  func fanAndChiller() {
    var plant = Plant(Bench.connected(.standby), at: 308)
    plant.ambient = 283.15
    plant.step(seconds: 1)
    plant.step(seconds: 1)
    #expect(plant.bench.control.commands.fan > 0)
    #expect(plant.bench.control.commands.chiller == 0)
    plant.ambient = 310
    plant.coolant = 302
    plant.step(seconds: 1)
    plant.step(seconds: 1)
    #expect(plant.bench.control.commands.fan == 0)
    #expect(plant.bench.control.commands.chiller > 0.5)
  }

  @Test("Without a temperature to trust nothing heats and the pump runs")
  func untrusted() {
    var bench = Bench.connected(.charge)
    bench.probes = [263, 263, 263]
    bench.run(seconds: 2)
    #expect(bench.control.commands.heater == 1)
    bench.disturb = { sample, _ in
      for probe in 0..<3 { sample.probeTemperature[probe].quality = .outOfRange }
    }
    bench.run(seconds: 0.1)
    #expect(bench.control.commands.heater == 0 && bench.control.commands.pump == 1)
  }
}
