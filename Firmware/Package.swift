// swift-tools-version: 6.2
// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The onboard core as a Cortex-M7 image, a WebAssembly module and a program of this machine.

import PackageDescription

let checks: [SwiftSetting] = [
  .treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "Firmware",
  platforms: [.macOS(.v26)],
  products: [
    .executable(name: "Firmware", targets: ["Firmware"]),
    .executable(name: "FirmwareDouble", targets: ["FirmwareDouble"]),
    .executable(name: "Web", targets: ["Web"]),
  ],
  dependencies: [.package(name: "Anodyne", path: "..")],
  targets: [
    .target(name: "CBoard"),
    .target(
      name: "ClosedLoop", dependencies: [.product(name: "BMSCore", package: "Anodyne")],
      swiftSettings: checks),
    .target(
      name: "BoardLoop",
      dependencies: ["CBoard", "ClosedLoop", .product(name: "BMSCore", package: "Anodyne")],
      swiftSettings: checks),
    .executableTarget(name: "Firmware", dependencies: ["BoardLoop"], swiftSettings: checks),
    .executableTarget(name: "FirmwareDouble", dependencies: ["BoardLoop"], swiftSettings: checks),
    .executableTarget(
      name: "Web",
      dependencies: ["CBoard", "ClosedLoop", .product(name: "BMSCore", package: "Anodyne")],
      swiftSettings: checks),
  ],
  swiftLanguageModes: [.v6]
)
