// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne bms place-sensors: where few probes tell most, and the gains of the core.

import ArgumentParser
import BMSCore
import Foundation
import NumericalMethods
import OnboardConfiguration
import PackModels

/// Chooses the cells that carry probes.
struct BMSPlaceSensors: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "place-sensors",
    abstract: "Choose the cells that carry temperature probes, and compute the core's gains.",
    discussion: """
      Example:
        anodyne bms place-sensors Examples/packs/module-12.yaml --config module.yaml \
      --current 50 --output module-with-gains.yaml

      The pack file gives cells, gaps, barriers and cooling; its heat network says how temperatures \
      of cells go together. Places are chosen one by one, each where it lowers the mean square error \
      of all cells most. The gains, the weight of the coolant and the warming by the current go into \
      the configuration.
      """)

  @OptionGroup var input: PackInput

  @Option(help: "Configuration in YAML or JSON, or an image.", completion: .file())
  var config: String

  @Option(help: "Design current in amperes; the operating limit of discharge where left out.")
  var current: Double?

  @Option(help: "Cells that carry the probes, for example 2,7,11: gains only, no choice.")
  var at: String?

  @Option(help: "Standard deviation of a probe in kelvin.")
  var noise = 0.5

  @Option(
    help: "Configuration to write with the gains: an image where the name ends in .bin, else YAML.",
    completion: .file())
  var output: String?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    _ = try BMSReplay.numbers(at, "--at")
    guard noise > 0, current.map({ $0 > 0 }) ?? true else {
      throw ValidationError("--noise and --current are above 0.")
    }
  }

  func run() throws {
    try checkOutputs([output])
    let image = try BMSInput.image(config)
    let model = PackHeatModel(try input.pack())
    guard model.count == image.size.cells else {
      StandardError.write(
        "anodyne: \(input.file) has \(model.count) cells, \(config) has \(image.size.cells) in "
          + "series: a probe place is a cell of the string\n")
      throw ExitStatus.badData.exitCode
    }
    let given = try BMSReplay.numbers(at, "--at")
    guard given.allSatisfy({ $0 < model.count }), given.isEmpty || given.count == image.size.probes
    else {
      StandardError.write(
        "anodyne: --at names \(given.count) cells; \(image.size.probes) of 1 to \(model.count) are "
          + "expected\n")
      throw ExitStatus.usage.exitCode
    }
    var facts = FactsWork()
    let (resistance, limit) = try image.open(&facts)
    let doubt = { () -> HeatUncertainty in
      var doubt = HeatUncertainty(current: current ?? limit, resistance: resistance)
      doubt.probe = noise
      return doubt
    }()
    let placement: SensorPlacement
    do {
      placement = try SensorPlacement(
        model, probes: image.size.probes, uncertainty: doubt, at: given.isEmpty ? nil : given)
    } catch {
      StandardError.write(
        "anodyne: \(input.file): no heat leaves the pack, so its temperatures have no steady state; "
          + "give it cooling\n")
      throw ExitStatus.badData.exitCode
    }
    if let output {
      let changed = try BMSInput.telling(config) { try image.changed(by: placement) }
      let bytes = output.hasSuffix(".bin") ? Data(changed.bytes) : Data(try changed.yaml().utf8)
      try writeOutput(bytes, to: output)
    }
    try StandardOutput.write(json ? try Self.document(placement) : Self.text(placement))
  }

  private static func text(_ placement: SensorPlacement) -> String {
    var text = String(
      format: "without probes: %.2f K (root mean square over the cells, predicted)\n",
      placement.prior)
    for (number, place) in placement.places.enumerated() {
      text += String(
        format: "probe %d on cell %d: %.2f K\n", number + 1, place + 1, placement.progress[number])
    }
    if let worst = placement.deviations.enumerated().max(by: { $0.element < $1.element }) {
      text += String(
        format: "least known: cell %d, %.2f K; heat settles in %.0f min\n", worst.offset + 1,
        worst.element, placement.heatSeconds / 60)
    }
    return text
  }

  private static func document(_ placement: SensorPlacement) throws -> String {
    let object: [String: Any] = [
      "cells": placement.places.map { $0 + 1 }, "gains": placement.gains,
      "coolant_weights": placement.coolantWeights, "heat_kelvin_per_square_ampere": placement.heat,
      "heat_seconds": placement.heatSeconds, "deviations_kelvin": placement.deviations,
      "predicted_kelvin": placement.progress, "prior_kelvin": placement.prior,
    ]
    let data = try JSONSerialization.data(
      withJSONObject: object, options: [.prettyPrinted, .sortedKeys])
    return String(decoding: data, as: UTF8.self) + "\n"
  }
}

/// Reads the resistance of a cell and the operating limit of its discharge.
private struct FactsWork: ConfiguredWork {
  func run<let cells: Int, let probes: Int>(
    _ configuration: PackConfiguration<cells, probes, Double>
  ) -> (Double, Double) {
    (configuration.diagnosis.facts.cellResistance, configuration.limits.dischargeCurrent.operating)
  }
}
