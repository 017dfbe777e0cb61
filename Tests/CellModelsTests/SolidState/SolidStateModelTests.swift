// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Cells of lithium metal and solid electrolyte.

import CellModels
import Foundation
import NumericalMethods
import Testing

@Suite("Solid-state cells")
struct SolidStateModelTests {
  static let faraday = 96_485.332_12

  /// The set without interphase growth, voids or partial contact.
  static var plain: CellParameters {
    var p = CellParameters.argyroditeNMC811
    p.solidState?.interphaseGrowth = NoSolidInterphaseGrowth()
    p.solidState?.limits = UnlimitedLithium()
    p.solidState?.lithiumContact = FullContact()
    p.solidState?.cathodeContact = FullContact()
    return p
  }

  static func simulation(
    _ p: CellParameters, charge: Double = 0.5, temperature: Double = 298.15,
    tolerance: Double = 1e-6, thermal: ThermalModel = .isothermal
  ) throws -> CellSimulation<SolidStateModel> {
    let start = try p.stoichiometries(stateOfCharge: charge)
    return CellSimulation(
      try SolidStateModel(
        p, resolution: CellResolution(negative: 2, separator: 2, positive: 8, particleModes: 5),
        thermal: thermal), negative: start.negative, positive: start.positive,
      temperature: temperature, options: StiffOptions(relativeTolerance: tolerance))
  }

  /// Voltage an instant after a current is switched on.
  static func firstVoltage(_ p: CellParameters, _ current: Double, temperature: Double = 298.15)
    throws -> Double
  {
    var simulation = try simulation(p, temperature: temperature)
    var voltage = Double.nan
    _ = simulation.run(.current(current), duration: 1e-6) { _, state, model in
      if voltage.isNaN { voltage = model.observe(state).voltage }
      return true
    }
    return voltage
  }

  @Test("Lithium in metal, particles and interphase is conserved to 1e-10 over a cycle")
  func conservation() throws {
    let p = CellParameters.argyroditeNMC811
    var simulation = try Self.simulation(p, charge: 0.9, tolerance: 1e-3)
    let first = simulation.observe()
    var low = CellLimits()
    low.lowerVoltage = 3
    var high = CellLimits()
    high.upperVoltage = 4.2
    var small = CellLimits()
    small.currentBelow = 0.01
    #expect(simulation.run(.current(0.12), duration: 9_000, limits: low) == .event(.lowerVoltage))
    #expect(simulation.run(.current(0), duration: 3_600) == .duration)
    #expect(
      simulation.run(.current(-0.024), duration: 90_000, limits: high) == .event(.upperVoltage))
    #expect(
      simulation.run(.voltage(4.2), duration: 90_000, limits: small) == .event(.currentBelow))
    let last = simulation.observe()
    #expect(last.lostLithium > 0)
    let total = last.electrodeLithium + last.lostLithium
    #expect(abs(total / first.electrodeLithium - 1) < 1e-10)
  }

  @Test("Charge through the terminals is the lithium that moved")
  func chargeBalance() throws {
    let p = Self.plain
    var simulation = try Self.simulation(p, tolerance: 1e-4)
    let first = simulation.observe()
    #expect(simulation.run(.current(0.1), duration: 1_000) == .duration)
    let last = simulation.observe()
    let moved = (last.positiveStoichiometry - first.positiveStoichiometry) * p.hostCapacity.positive
    let stripped =
      (first.negativeStoichiometry - last.negativeStoichiometry)
      * p.hostCapacity.negative
    #expect(abs(moved * Self.faraday / 100 - 1) < 1e-10)
    #expect(abs(stripped * Self.faraday / 100 - 1) < 1e-10)
  }

  @Test("With fast reactions and a good cathode the loss is the separator's and the film's")
  func ohmicLimit() throws {
    var p = Self.plain
    p.positive.conductivity = 1e6
    p.positive.bruggemanElectrolyte = 0
    p.positive.thickness = 1e-7
    p.positive.reactionRate = 1e2
    p.solidState?.exchangeCurrentDensity = 1e8
    p.solidState?.interphaseThickness = 5e-8
    let rest = try Self.firstVoltage(p, 0)
    let loss = rest - (try Self.firstVoltage(p, 0.1))
    let separator = 3e-5 / 0.133 / 0.01
    let film = 1e4 * 5e-8 / 0.01
    // The fast reaction sits in the first volume, half of which conducts ions.
    let cathode = 1e-7 / 8 / 2 / 0.133 / 0.01
    #expect(abs(loss / (0.1 * (separator + film + cathode)) - 1) < 1e-4)
  }

  @Test("A cathode without kinetics has a third of the resistance of its electrolyte")
  func cathodeOhmicLimit() throws {
    var p = Self.plain
    p.positive.conductivity = 1e6
    p.solidState?.exchangeCurrentDensity = 1e8
    p.solidState?.interphaseResistivity = 0
    // Kinetics so slow that the reaction is uniform; its own loss is known.
    p.positive.reactionRate = 1e-9
    let current = 1e-4
    let start = try p.stoichiometries(stateOfCharge: 0.5)
    let fine = CellSimulation(
      try SolidStateModel(
        p, resolution: CellResolution(negative: 2, separator: 2, positive: 80, particleModes: 5)),
      negative: start.negative, positive: start.positive, temperature: 298.15)
    var simulation = fine
    let rest = simulation.observe().voltage
    #expect(simulation.run(.current(current), duration: 1e-6) == .duration)
    let loss = rest - simulation.observe().voltage
    let surface = 3 * 0.5 / 2.5e-6 * 4e-5 * 0.01
    let exchange =
      1e-9 * 1_000.0.squareRoot() * 63_104
      * (start.positive * (1 - start.positive)).squareRoot()
    let kinetic =
      2 * 8.314_462_618 * 298.15 / Self.faraday * asinh(current / surface / (2 * exchange))
    let ohmic =
      current * (3e-5 / 0.133 + 4e-5 / 3 / (0.133 * pow(0.4, 2.2))) / 0.01
    #expect(abs(loss / (kinetic + ohmic) - 1) < 1e-3)
  }

  @Test("Resistance follows the electrolyte's Arrhenius law")
  func temperature() throws {
    var p = Self.plain
    p.positive.conductivity = 1e6
    p.positive.bruggemanElectrolyte = 0
    p.positive.thickness = 1e-7
    p.positive.reactionRate = 1e2
    p.solidState?.exchangeCurrentDensity = 1e8
    p.solidState?.interphaseResistivity = 0
    func resistance(_ kelvin: Double) throws -> Double {
      let rest = try Self.firstVoltage(p, 0, temperature: kelvin)
      return (rest - (try Self.firstVoltage(p, 0.1, temperature: kelvin))) / 0.1
    }
    let ratio = try resistance(273.15) / resistance(323.15)
    let expected = exp(33_800 / 8.314_462_618 * (1 / 273.15 - 1 / 323.15))
    #expect(abs(ratio / expected - 1) < 1e-3)
  }

  @Test("The interphase grows with the root of time and binds lithium")
  func interphase() throws {
    let p = CellParameters.argyroditeNMC811
    var simulation = try Self.simulation(p)
    let start = simulation.observe()
    var thicknesses: [Double] = []
    for _ in 0..<4 {
      #expect(simulation.run(.current(0), duration: 5e5) == .duration)
      thicknesses.append(simulation.observe().filmThickness)
    }
    for (n, thickness) in thicknesses.enumerated() {
      let exact = (1e-16 + 5e-20 * 5e5 * Double(n + 1)).squareRoot()
      #expect(abs(thickness / exact - 1) < 1e-4)
    }
    let last = simulation.observe()
    let grown = 8 / 1.95e-4 * 0.01 * (last.filmThickness - 1e-8)
    #expect(abs(last.lostLithium / grown - 1) < 1e-10)
    #expect(abs((start.electrodeLithium - last.electrodeLithium) / grown - 1) < 1e-6)
    let interface = try #require(last.solidState)
    #expect(interface.interphaseResistance > 1e4 * last.filmThickness)
  }

  @Test("More pressure never costs voltage", arguments: [0.02, 0.12])
  func pressure(_ current: Double) throws {
    let voltages = try [1e6, 3e6, 7e6, 2e7, 5e7].map { pressure in
      var p = CellParameters.argyroditeNMC811
      p.solidState?.stackPressure = pressure
      var simulation = try Self.simulation(p, charge: 0.9)
      #expect(simulation.run(.current(current), duration: 600) == .duration)
      return simulation.observe().voltage
    }
    #expect(zip(voltages, voltages.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test(
    "Stripping leaves lasting voids above the published limits alone",
    arguments: zip([3e6, 7e6], [2.0, 10.0]))
  func strippingLimit(_ pressure: Double, _ limit: Double) throws {
    var p = CellParameters.argyroditeNMC811
    p.solidState?.stackPressure = pressure
    // Enough of both to strip for hours.
    p.positive.thickness = 2e-4
    p.negative.thickness = 6e-4
    func voids(_ factor: Double, hours: Double) throws -> Double {
      var simulation = try Self.simulation(p, charge: 0.9)
      _ = simulation.run(.current(factor * limit * 0.01), duration: 3_600 * hours)
      let interface = try #require(simulation.observe().solidState)
      #expect(abs(interface.strippingLimit / limit - 1) < 1e-3)
      return interface.voidThickness
    }
    // Below the limit voids come to rest at v₀·ln(1/(1 − i/i_c)).
    let quiet = try voids(0.9, hours: 4)
    #expect(abs(quiet / (1e-7 * log(10)) - 1) < 0.02)
    // Above it they grow by what creep does not refill.
    let early = try voids(1.5, hours: 0.5)
    let late = try voids(1.5, hours: 1)
    let rate = 1.3e-5 / Self.faraday * 0.5 * limit
    #expect(abs((late - early) / (rate * 1_800) - 1) < 0.05)
  }

  @Test("Plating over voids starts a dendrite, told with time, place and value")
  func dendrite() throws {
    var p = CellParameters.argyroditeNMC811
    p.solidState?.stackPressure = 3e6
    var experiment = Experiment(
      steps: try ["Discharge at 1C for 30 minutes", "Charge at C/2 until 4.2 V"].map {
        try ExperimentStep($0)
      }, parameters: p)
    experiment.model = .solidState
    func run(_ experiment: Experiment) throws -> [Experiment.StepResult] {
      var results: [Experiment.StepResult] = []
      try experiment.run { if case .step(let result) = $0 { results.append(result) } }
      return results
    }
    let failed = try run(experiment)
    #expect(failed.map(\.end) == [.duration, .alreadyPast(.criticalPlating)])
    let interface = try #require(failed.last?.last.solidState)
    #expect(-interface.localCurrentDensity >= interface.platingLimit * (1 - 1e-6))
    #expect(interface.voidThickness > 2e-6)
    // The same cell warm, where lithium creeps, or pressed, or charged slowly, comes through.
    var warm = experiment
    warm.ambientTemperature = 333.15
    #expect(try run(warm).map(\.end).last == .event(.upperVoltage))
    var pressed = experiment
    pressed.parameters.solidState?.stackPressure = 1.2e7
    #expect(try run(pressed).map(\.end).last == .event(.upperVoltage))
    var plain = experiment
    plain.parameters = Self.plain
    #expect(try run(plain).map(\.end).last == .event(.upperVoltage))
  }

  @Test("A current above the plating limit is refused at once")
  func plating() throws {
    var simulation = try Self.simulation(.argyroditeNMC811)
    // 2 mA/cm² on 100 cm².
    #expect(simulation.run(.current(-0.21), duration: 10) == .alreadyPast(.criticalPlating))
    #expect(simulation.run(.current(-0.19), duration: 10) == .duration)
  }

  @Test("Heat generated is what the voltage loses, and is stored or lost")
  func heat() throws {
    let p = Self.plain
    var simulation = try Self.simulation(p, charge: 0.9, tolerance: 1e-6, thermal: .lumped)
    var generated = 0.0
    var lost = 0.0
    var last: (time: Double, heat: Double, excess: Double)?
    let end = simulation.run(.current(0.24), duration: 1_500, interval: 1) { time, state, model in
      var rates = [Double](repeating: 0, count: model.unknownCount)
      #expect(model.evaluate(time: 0, state: state, into: &rates))
      let now = model.observe(state)
      if let last {
        generated += 0.5 * (time - last.time) * (last.heat + now.heat)
        lost += 0.5 * (time - last.time) * (last.excess + now.temperature - 298.15)
      }
      last = (time, now.heat, now.temperature - 298.15)
      return true
    }
    #expect(end == .duration)
    lost *= 10 * 0.02
    let stored = p.heatCapacity * (simulation.observe().temperature - 298.15)
    #expect(generated > 5)
    #expect(abs(generated - lost - stored) < 1e-3 * generated)
  }

  @Test("At a small current the voltage is the open-circuit voltage")
  func equilibrium() throws {
    let p = Self.plain
    var simulation = try Self.simulation(p, charge: 0.8)
    #expect(simulation.run(.current(1e-6), duration: 100) == .duration)
    let now = simulation.observe()
    let expected = p.openCircuitVoltage(
      negative: now.negativeStoichiometry, positive: now.positiveStoichiometry)
    #expect(abs(now.voltage - expected) < 2e-5)
  }

  @Test("Contact laws never fall with pressure and stay between 0 and 1")
  func contactLaws() {
    let laws: [any ContactLaw] = [
      FullContact(), PowerLawContact(fullPressure: 2e7), PerssonContact(stiffness: 5e7),
    ]
    for law in laws {
      let values = (0...50).map { law.fraction(at: Double($0) * 1e6) }
      #expect(values.allSatisfy { $0 > 0 && $0 <= 1 })
      #expect(zip(values, values.dropFirst()).allSatisfy { $0 <= $1 })
    }
    // At small pressures Persson's law is the straight line √(8/π)·p/(E*·h′).
    let line = (8 / Double.pi).squareRoot() * 1e5 / 5e7
    #expect(abs(laws[2].fraction(at: 1e5) / line - 1) < 1e-4)
  }

  @Test("Sets and models of different electrolytes refuse each other by name")
  func refusal() throws {
    var experiment = Experiment(
      steps: [try ExperimentStep("Rest for 1 s")], parameters: .argyroditeNMC811)
    experiment.model = .dfn
    #expect(throws: ParameterError.self) { try experiment.run { _ in } }
    experiment.parameters = .chen2020
    experiment.model = .solidState
    #expect(throws: ParameterError.missing(key: "Solid electrolyte conductivity [S.m-1]")) {
      try experiment.run { _ in }
    }
    var p = CellParameters.argyroditeNMC811
    p.solidState?.interphaseThickness = 0
    #expect(throws: ParameterError.self) { _ = try SolidStateModel(p) }
  }
}
