// swift-tools-version: 6.2
// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Benchmarks of the package above: one executable a module, run by the scripts of that package.

import PackageDescription

let package = Package(
  name: "Benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "Anodyne", path: "..")],
  targets: [
    .executableTarget(
      name: "QuantitiesBenchmarks",
      dependencies: [.product(name: "Quantities", package: "Anodyne")],
      swiftSettings: [.treatAllWarnings(as: .error)]),
    .executableTarget(
      name: "CodecBenchmarks",
      dependencies: [.product(name: "TelemetryCodec", package: "Anodyne")],
      swiftSettings: [.treatAllWarnings(as: .error)]),
    .executableTarget(
      name: "ReadingBenchmarks",
      dependencies: [
        .product(name: "BatteryFiles", package: "Anodyne"),
        .product(name: "BatteryDomain", package: "Anodyne"),
      ],
      swiftSettings: [.treatAllWarnings(as: .error)]),
  ],
  swiftLanguageModes: [.v6]
)
