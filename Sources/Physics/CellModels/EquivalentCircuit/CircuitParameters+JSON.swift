// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reads an equivalent circuit from its JSON document and checks every value.

public import Foundation
import NumericalMethods
import Quantities

extension CircuitParameters {
  /// The value of `format` in the document.
  public static let formatName = "anodyne-circuit"
  /// The version of the document that this library reads and writes.
  public static let formatVersion = 1

  /// Whether a document says that it is an equivalent circuit.
  public static func isCircuit(json: Data) -> Bool {
    let object = (try? JSONSerialization.jsonObject(with: json)) as? [String: Any]
    return object?["format"] as? String == formatName
  }

  /// Reads a circuit; `Docs/circuit-format.md` describes the document.
  ///
  /// - Parameter json: The document.
  /// - Throws: ``ParameterError`` naming the key that is missing, unknown or impossible and what is
  ///   allowed.
  public init(json: Data) throws(ParameterError) {
    let parsed: Any
    do { parsed = try JSONSerialization.jsonObject(with: json) } catch {
      throw .malformed(reason: "it is not valid JSON")
    }
    guard let object = parsed as? [String: Any] else {
      throw .malformed(reason: "its outermost value is not an object")
    }
    let root = CircuitReader(object, path: "")
    guard object["format"] as? String == Self.formatName else {
      throw .unsupported(key: "format", reason: "is not \"\(Self.formatName)\"")
    }
    let version = try root.number("version", in: 1...1e6)
    guard version == Double(Self.formatVersion) else {
      throw .outOfRange(
        key: "version", value: version, allowed: "\(Self.formatVersion), the only one so far")
    }
    try root.allow([
      "format", "version", "name", "source", "capacity_ampere_hours",
      "nominal_capacity_ampere_hours", "lower_voltage_volts", "upper_voltage_volts",
      "ambient_temperature_kelvin", "open_circuit", "hysteresis", "series_resistance", "pairs",
      "heat", "identification",
    ])
    let lower = try root.number("lower_voltage_volts", in: 0...1_000)
    let upper = try root.number("upper_voltage_volts", in: 0...1_000)
    guard lower < upper else {
      throw .outOfRange(
        key: "lower_voltage_volts", value: lower, allowed: "below upper_voltage_volts, \(upper)")
    }
    let pairs = try root.objects("pairs", atMost: 3).map { reader throws(ParameterError) in
      try reader.pair()
    }
    self.init(
      name: object["name"] as? String ?? "circuit",
      source: object["source"] as? String ?? "parameter file",
      capacity: 3_600 * (try root.number("capacity_ampere_hours", in: 1e-6...1e6)),
      cutOff: lower...upper, openCircuit: try root.object("open_circuit").openCircuit(),
      seriesResistance: try root.object("series_resistance").map(), pairs: pairs)
    if object["nominal_capacity_ampere_hours"] != nil {
      nominalCapacity = 3_600 * (try root.number("nominal_capacity_ampere_hours", in: 1e-6...1e6))
    }
    if object["ambient_temperature_kelvin"] != nil {
      ambientTemperature = try root.number("ambient_temperature_kelvin", in: 200...400)
    }
    if object["hysteresis"] != nil {
      let loop = try root.object("hysteresis")
      try loop.allow(["amplitude_volts", "rate"])
      hysteresisAmplitude = try loop.number("amplitude_volts", in: 0...1)
      hysteresisRate = try loop.number("rate", in: 0...1e6)
    }
    if object["heat"] != nil {
      let heat = try root.object("heat")
      try heat.allow([
        "capacity_joules_per_kelvin", "conductance_watts_per_kelvin",
        "surface_capacity_joules_per_kelvin", "internal_conductance_watts_per_kelvin",
        "surface_heat_share",
      ])
      self.heat = LumpedHeat(
        capacityJoulesPerKelvin: try heat.number("capacity_joules_per_kelvin", in: 1e-3...1e9),
        conductanceWattsPerKelvin: try heat.number("conductance_watts_per_kelvin", in: 0...1e9))
      coreSurface = try heat.division(capacity: self.heat?.capacity ?? 1)
    }
  }
}

/// Takes values out of a JSON object and names their full path when they are wrong.
private struct CircuitReader {
  let values: [String: Any]
  let path: String

  init(_ values: [String: Any], path: String) {
    self.values = values
    self.path = path
  }

  private func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  func allow(_ keys: Set<String>) throws(ParameterError) {
    for key in values.keys.sorted() where !keys.contains(key) {
      let nearest = keys.sorted().first {
        $0.hasPrefix(key.prefix(6)) || key.hasPrefix($0.prefix(6))
      }
      throw .unknown(key: name(key), nearest: nearest)
    }
  }

  func number(_ key: String, in range: ClosedRange<Double>) throws(ParameterError) -> Double {
    guard let value = values[key] else { throw .missing(key: name(key)) }
    guard let number = value as? Double else {
      throw .unsupported(key: name(key), reason: "is not a number")
    }
    guard range.contains(number) else {
      throw .outOfRange(key: name(key), value: number, allowed: Self.words(range))
    }
    return number
  }

  func object(_ key: String) throws(ParameterError) -> CircuitReader {
    guard let value = values[key] else { throw .missing(key: name(key)) }
    guard let object = value as? [String: Any] else {
      throw .unsupported(key: name(key), reason: "is not an object")
    }
    return CircuitReader(object, path: name(key))
  }

  /// Core and surface; nil where none of their keys is there.
  func division(capacity: Double) throws(ParameterError) -> CoreSurfaceHeat? {
    let keys = [
      "surface_capacity_joules_per_kelvin", "internal_conductance_watts_per_kelvin",
      "surface_heat_share",
    ]
    guard keys.contains(where: { values[$0] != nil }) else { return nil }
    return CoreSurfaceHeat(
      surfaceShare: try number(keys[0], in: 1e-6 * capacity...(1 - 1e-6) * capacity) / capacity,
      surfaceHeatShare: values[keys[2]] == nil ? 0 : try number(keys[2], in: 0...0.999),
      internalConductance: try number(keys[1], in: 1e-9...1e9))
  }

  func objects(_ key: String, atMost limit: Int) throws(ParameterError) -> [CircuitReader] {
    guard let value = values[key] else { return [] }
    guard let list = value as? [[String: Any]] else {
      throw .unsupported(key: name(key), reason: "is not a list of objects")
    }
    guard list.count <= limit else {
      throw .outOfRange(
        key: name(key), value: Double(list.count), allowed: "at most \(limit) entries")
    }
    return list.enumerated().map { CircuitReader($1, path: "\(name(key))[\($0)]") }
  }

  func numbers(
    _ key: String, in range: ClosedRange<Double>, ascending: Bool = false
  ) throws(ParameterError) -> [Double] {
    guard let value = values[key] else { throw .missing(key: name(key)) }
    guard let list = value as? [Double], !list.isEmpty else {
      throw .unsupported(key: name(key), reason: "is not a list of numbers")
    }
    try check(list, name(key), range)
    if ascending, let place = list.indices.dropFirst().first(where: { list[$0] <= list[$0 - 1] }) {
      throw .outOfRange(
        key: "\(name(key))[\(place)]", value: list[place],
        allowed: "above the entry before it, \(list[place - 1])")
    }
    return list
  }

  private func check(
    _ list: [Double], _ name: String, _ range: ClosedRange<Double>
  ) throws(ParameterError) {
    for (place, value) in list.enumerated() where !range.contains(value) {
      throw .outOfRange(key: "\(name)[\(place)]", value: value, allowed: Self.words(range))
    }
  }

  private static func words(_ range: ClosedRange<Double>) -> String {
    "\(range.lowerBound) to \(range.upperBound)"
  }

  func openCircuit() throws(ParameterError) -> OpenCircuitVoltage {
    try allow([
      "state_of_charge", "voltage_volts", "entropy_volts_per_kelvin",
      "reference_temperature_kelvin",
    ])
    let places = try numbers("state_of_charge", in: 0...1, ascending: true)
    guard places.count >= 2, places[0] == 0, places[places.count - 1] == 1 else {
      throw .unsupported(key: name("state_of_charge"), reason: "must go from 0 to 1")
    }
    let volts = try numbers("voltage_volts", in: -10...1_000)
    for place in volts.indices.dropFirst() where volts[place] < volts[place - 1] {
      throw .outOfRange(
        key: "\(name("voltage_volts"))[\(place)]", value: volts[place],
        allowed: "not below the entry before it, \(volts[place - 1])")
    }
    var entropy: MonotoneCurve?
    if values["entropy_volts_per_kelvin"] != nil {
      entropy = try curve(
        places, try numbers("entropy_volts_per_kelvin", in: -0.1...0.1),
        "entropy_volts_per_kelvin")
    }
    var reference = 298.15
    if values["reference_temperature_kelvin"] != nil {
      reference = try number("reference_temperature_kelvin", in: 200...400)
    }
    return OpenCircuitVoltage(
      curve: try curve(places, volts, "voltage_volts"), entropyCoefficient: entropy,
      referenceTemperature: Temperature(reference))
  }

  /// Uniform nodes are taken as they are; others are resampled.
  private func curve(
    _ places: [Double], _ values: [Double], _ key: String
  ) throws(ParameterError) -> MonotoneCurve {
    guard places.count == values.count else {
      throw .unsupported(
        key: name(key), reason: "has \(values.count) numbers for \(places.count) states of charge")
    }
    let last = Double(places.count - 1)
    let isUniform = places.indices.allSatisfy { abs(places[$0] - Double($0) / last) < 1e-6 }
    if isUniform { return MonotoneCurve(values: values) }
    guard let cubic = try? MonotoneCubic(places, values) else {
      throw .unsupported(key: name(key), reason: "does not make a curve")
    }
    return MonotoneCurve(count: 401, sampling: cubic.value)
  }

  func pair() throws(ParameterError) -> CircuitPair {
    let resistance = try map(also: ["time_constant_seconds"])
    let constants = try numbers("time_constant_seconds", in: 1e-3...1e7)
    guard constants.count == resistance.temperatures.count else {
      throw .unsupported(
        key: name("time_constant_seconds"),
        reason: "needs one number for each of the \(resistance.temperatures.count) temperatures")
    }
    return CircuitPair(resistance: resistance, timeConstants: constants)
  }

  func map(also more: Set<String> = []) throws(ParameterError) -> CircuitMap {
    try allow(
      more.union([
        "temperature_kelvin", "state_of_charge", "discharge_ohms", "charge_ohms",
        "activation_energy_joules_per_mole",
      ]))
    let temperatures = try numbers("temperature_kelvin", in: 200...400, ascending: true)
    let nodes = try numbers("state_of_charge", in: 0...1, ascending: true)
    let discharge = try table("discharge_ohms", temperatures.count, nodes.count)
    var charge: [Double]?
    if values["charge_ohms"] != nil {
      charge = try table("charge_ohms", temperatures.count, nodes.count)
    }
    var energy = 0.0
    if values["activation_energy_joules_per_mole"] != nil {
      energy = try number("activation_energy_joules_per_mole", in: 0...200_000)
    }
    return CircuitMap(
      temperatures: temperatures, nodes: nodes, discharge: discharge, charge: charge,
      activationEnergy: energy)
  }

  private func table(
    _ key: String, _ rows: Int, _ columns: Int
  ) throws(ParameterError) -> [Double] {
    guard let value = values[key] else { throw .missing(key: name(key)) }
    guard let lists = value as? [[Double]], lists.count == rows,
      lists.allSatisfy({ $0.count == columns })
    else {
      throw .unsupported(
        key: name(key),
        reason: "needs \(rows) lists (temperatures) of \(columns) numbers (states of charge)")
    }
    for (place, list) in lists.enumerated() {
      try check(list, "\(name(key))[\(place)]", 0...1e3)
    }
    return lists.flatMap { $0 }
  }
}
