// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Runs one kernel with numbers, with quantities or not at all, and prints a checksum.

import Quantities

/// Runs `KERNEL VARIANT`, where the variant is `numbers`, `quantities` or `nothing`.
///
/// Problem: 1,000 cells, 1,000 repetitions. The checksum is the bit pattern of the result: the two
/// variants must print the same one. `nothing` prepares the inputs of both and runs no kernel; its
/// instruction count is the baseline to subtract.
@main
struct QuantitiesBenchmarks {
  static let cells = 1_000
  static let repetitions = 1_000

  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let run = kernels[arguments[1]],
      let variant = Variant(rawValue: arguments[2])
    else {
      print("usage: QuantitiesBenchmarks heat|count|throughput numbers|quantities|nothing")
      return
    }
    // Both sets of inputs are always made, so that every variant starts from the same work.
    var inputs = Inputs(cells: cells)
    print(run(variant, &inputs))
  }

  static let kernels: [String: @Sendable (Variant, inout Inputs) -> UInt64] = [
    "heat": { variant, inputs in
      for _ in 0..<repetitions {
        switch variant {
        case .numbers:
          heatWithNumbers(
            &inputs.temperatureNumbers, currents: inputs.currentNumbers,
            resistances: inputs.resistanceNumbers, ambient: 298.15, conductance: 0.05,
            capacity: 45, step: 0.1)
        case .quantities:
          heatWithQuantities(
            &inputs.temperatures, currents: inputs.currents, resistances: inputs.resistances,
            ambient: Temperature(298.15), conductance: ThermalConductance(0.05),
            capacity: HeatCapacity(45), step: Duration(0.1))
        case .nothing: break
        }
      }
      let sum =
        variant == .numbers
        ? inputs.temperatureNumbers.reduce(0, +)
        : inputs.temperatures.reduce(0) { $0 + $1.value }
      return sum.bitPattern
    },
    "count": { variant, inputs in
      var count = 0
      for repetition in 0..<repetitions {
        let mark = 298.15 + Double(repetition % 20)
        switch variant {
        case .numbers:
          count += countWithNumbers(inputs.temperatureNumbers, limit: 305, mark: mark)
        case .quantities:
          count += countWithQuantities(
            inputs.temperatures, limit: Temperature(305), mark: Temperature(mark))
        case .nothing: break
        }
      }
      return UInt64(count)
    },
    "throughput": { variant, inputs in
      var total = 0.0
      for repetition in 0..<repetitions {
        let volts = 3.5 + Double(repetition) * 1e-4
        switch variant {
        case .numbers:
          let moved = throughputWithNumbers(inputs.currentNumbers, voltage: volts, step: 0.1)
          total += moved.charge + moved.energy
        case .quantities:
          let moved = throughputWithQuantities(
            inputs.currents, voltage: Voltage(volts), step: Duration(0.1))
          total += moved.charge.value + moved.energy.value
        case .nothing: break
        }
      }
      return total.bitPattern
    },
  ]
}

/// Which of the two twins of a kernel runs.
enum Variant: String {
  case numbers
  case quantities
  case nothing
}

/// The same inputs as numbers and as quantities.
struct Inputs {
  var temperatureNumbers: [Double]
  var currentNumbers: [Double]
  var resistanceNumbers: [Double]
  var temperatures: [Temperature]
  var currents: [Current]
  var resistances: [Resistance]

  init(cells: Int) {
    temperatureNumbers = (0..<cells).map { 290 + Double($0 % 37) * 0.5 }
    currentNumbers = (0..<cells).map { Double($0 % 23) - 9 }
    resistanceNumbers = (0..<cells).map { 0.02 + Double($0 % 11) * 1e-4 }
    temperatures = temperatureNumbers.map { Temperature($0) }
    currents = currentNumbers.map { Current($0) }
    resistances = resistanceNumbers.map { Resistance($0) }
  }
}
