// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne bms: the onboard core's configuration, and the core over recorded data.

import ArgumentParser
import BMSCore
import Foundation
import OnboardConfiguration
import StructuredInput

/// The onboard core: configurations, replays, probe places.
struct BMSCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bms",
    abstract: "Configure the onboard core and run it over recorded data.",
    discussion: """
      Examples:
        anodyne bms config check Examples/bms/car-ncm811-96s.yaml
        anodyne bms config image Examples/bms/car-ncm811-96s.yaml --output car.bin
        anodyne bms replay car2.csv --config Examples/bms/telemetry-88s.yaml --report replay.html
        anodyne bms capacity B0025.mat
        anodyne bms place-sensors Examples/packs/module-12.yaml --config module.yaml --output m.bin

      Docs/bms.md describes the files. The core is not a certified safety function.

      Exit codes: 0 done, 64 the command line is wrong, 65 a file is wrong, 66 it cannot be read, \
      73 output cannot be created.
      """,
    subcommands: [
      BMSConfig.self, BMSReplay.self, BMSCapacity.self, BMSEvaluate.self, BMSPlaceSensors.self,
    ])
}

/// A configuration in a file of keys or in an image.
enum BMSInput {
  /// Reads a configuration; what is wrong is told and ends the command with its code.
  static func image(
    _ path: String, overrides: [(path: String, value: String)] = []
  ) throws -> PackImage {
    let data: Data
    do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
      StandardError.write("anodyne: \(path): cannot be read: \(error.localizedDescription)\n")
      throw ExitStatus.unreadableInput.exitCode
    }
    let bytes = Array(data)
    return try telling(path) {
      if PackImage.hasMark(bytes) {
        guard overrides.isEmpty else {
          StandardError.write(
            "anodyne: \(path): is an image, whose values --set cannot replace; set them in the file "
              + "of keys and write the image again\n")
          throw ExitStatus.badData.exitCode
        }
        return try PackImage(bytes: bytes, name: path)
      }
      guard let text = String(data: data, encoding: .utf8) else {
        throw ConfigurationError.notAnImage
      }
      return try ConfigurationFile.read(text, file: path, overrides: overrides)
    }
  }

  /// Does something with a configuration; what is wrong is told.
  static func telling<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    try PackInput.telling {
      do { return try body() } catch let error as ConfigurationError {
        StandardError.write("anodyne: \(path): \(error.sentence)\n")
        throw ExitStatus.badData.exitCode
      } catch let error as ImageFault {
        StandardError.write("anodyne: \(path): \(error)\n")
        throw ExitStatus.badData.exitCode
      }
    }
  }
}

/// Configurations: check, show, write as image.
struct BMSConfig: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Check, show and write configurations of the core.",
    discussion: """
      Examples:
        anodyne bms config check pack.yaml
        anodyne bms config show pack.yaml --set pack.cells=108
        anodyne bms config image pack.yaml --output pack.bin --signed-part part.bin
        anodyne bms config image pack.bin --output signed.bin --key 7 --signature part.sig
      """, subcommands: [BMSConfigCheck.self, BMSConfigShow.self, BMSConfigImage.self])
}

/// The file of a configuration and the values that replace its own.
struct BMSConfigInput: ParsableArguments {
  @Argument(help: "Configuration in YAML or JSON, or an image.", completion: .file())
  var file: String

  @OptionGroup var overrides: OverrideArguments

  /// The image.
  func image() throws -> PackImage { try BMSInput.image(file, overrides: overrides.pairs) }
}

/// Checks a configuration.
struct BMSConfigCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check a configuration; all faults are told at once.")

  @OptionGroup var input: BMSConfigInput

  @Flag(help: "Print the result as JSON.")
  var json = false

  func run() throws {
    let image = try input.image()
    if json {
      let document: [String: Any] = [
        "valid": true, "name": image.name, "cells": image.size.cells, "probes": image.size.probes,
        "image_bytes": image.bytes.count, "signature_key": image.signatureKey,
      ]
      let data = try JSONSerialization.data(
        withJSONObject: document, options: [.prettyPrinted, .sortedKeys])
      return try StandardOutput.write(data + Data("\n".utf8))
    }
    try StandardOutput.write(
      "\(image.name): \(image.size.cells) cells, \(image.size.probes) probes; image of "
        + "\(image.bytes.count) bytes, "
        + (image.signatureKey == 0 ? "not signed" : "signed with key \(image.signatureKey)")
        + "; no faults\n")
  }
}

/// Prints a whole configuration.
struct BMSConfigShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print every value of a configuration, as a file that gives the same image.")

  @OptionGroup var input: BMSConfigInput

  @Flag(help: "Print JSON instead of YAML.")
  var json = false

  @Flag(help: "Leave out units and meanings.")
  var bare = false

  func run() throws {
    let image = try input.image()
    try StandardOutput.write(json ? image.json() : image.yaml(withMeanings: !bare))
  }
}

/// Writes an image.
struct BMSConfigImage: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "image",
    abstract: "Write the image that the core reads from flash: version, checksum, signature slot.")

  @OptionGroup var input: BMSConfigInput

  @Option(help: "Image to write; - for the standard output.", completion: .file())
  var output: String

  @Option(help: "File to write the bytes to that a signature covers.", completion: .file())
  var signedPart: String?

  @Option(help: "File of 64 bytes, the signature over those bytes.", completion: .file())
  var signature: String?

  @Option(help: "Number of the key that signed.")
  var key: UInt32?

  func validate() throws {
    guard (signature == nil) == (key == nil) else {
      throw ValidationError("--signature and --key belong together.")
    }
    guard key != 0 else {
      throw ValidationError("--key 0 means 'not signed'; take another number.")
    }
  }

  func run() throws {
    try checkOutputs([output, signedPart])
    var image = try input.image()
    if let signature, let key {
      let data: Data
      do { data = try Data(contentsOf: URL(fileURLWithPath: signature)) } catch {
        StandardError.write(
          "anodyne: \(signature): cannot be read: \(error.localizedDescription)\n")
        throw ExitStatus.unreadableInput.exitCode
      }
      try BMSInput.telling(signature) { try image.sign(Array(data), key: key) }
    }
    if let signedPart { try writeOutput(Data(image.signedPart), to: signedPart) }
    try writeOutput(Data(image.bytes), to: output)
  }
}
