// swift-tools-version: 6.2
// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One package, laid out in storeys: a target depends only on the storeys below its own.

import PackageDescription

let checks: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]
let edgeClean: [SwiftSetting] = checks + [.strictMemorySafety()]

/// A source target at `Sources/<storey>/<name>` with the project's compiler checks.
func module(
  _ name: String, in storey: String, uses dependencies: [Target.Dependency] = [],
  resources: [Resource] = [], settings: [SwiftSetting] = checks
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/\(storey)/\(name)",
    resources: resources, swiftSettings: settings)
}

/// A test target that mirrors the module it is named after.
func tests(
  of name: String, uses dependencies: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.byName(name: name), "TestSupport"] + dependencies,
    path: "Tests/\(name)Tests", exclude: exclude, swiftSettings: checks)
}

func systemLibrary(_ name: String, pkgConfig: String, apt: String, brew: String) -> Target {
  .systemLibrary(
    name: name, path: "Sources/CLibs/\(name)", pkgConfig: pkgConfig,
    providers: [.apt([apt]), .brew([brew])])
}

let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
]
let tls = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let lifecycle = Target.Dependency.product(
  name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let foundations = [
  module("Quantities", in: "Foundations", settings: edgeClean),
  module("NumericalMethods", in: "Foundations"),
  module("BatteryDomain", in: "Foundations", uses: ["Quantities"]),
  module(
    "StructuredInput", in: "Foundations", uses: [.product(name: "Yams", package: "Yams")]),
]

let physics = [
  module("CellModels", in: "Physics", uses: ["Quantities", "NumericalMethods", "BatteryDomain"]),
  module(
    "RunawayModels", in: "Physics",
    uses: ["Quantities", "NumericalMethods", "BatteryDomain", "StructuredInput", "CellModels"]),
  module(
    "PackModels", in: "Physics",
    uses: [
      "Quantities", "NumericalMethods", "BatteryDomain", "StructuredInput", "CellModels",
      "RunawayModels",
    ]),
]

let onboard = [
  module("BMSCore", in: "Onboard", settings: edgeClean)
]

let data = [
  module("TelemetryCodec", in: "Data", settings: edgeClean),
  module("FrameText", in: "Data", uses: ["TelemetryCodec"]),
  module(
    "BatteryFiles", in: "Data",
    uses: ["Quantities", "BatteryDomain", "CMatio", "CArchive", "CExpat", "CZlib"]),
  module(
    "Cleaning", in: "Data", uses: ["NumericalMethods", "BatteryDomain", "BatteryFiles"]),
  module(
    "CellAnalytics", in: "Data",
    uses: ["NumericalMethods", "BatteryDomain", "BatteryFiles", "Cleaning"]),
  module(
    "CellIdentification", in: "Data",
    uses: [
      "Quantities", "NumericalMethods", "BatteryDomain", "CellModels", "BatteryFiles", "Cleaning",
      "ReportPages",
    ]),
  module(
    "OnboardConfiguration", in: "Data",
    uses: [
      "Quantities", "NumericalMethods", "BMSCore", "BatteryDomain", "CellModels", "PackModels",
      "StructuredInput",
    ]),
  module(
    "FleetAnalytics", in: "Data",
    uses: ["NumericalMethods", "BatteryDomain", "BatteryFiles", "Cleaning"]),
  module(
    "ReportPages", in: "Data", uses: ["BatteryDomain"], resources: [.embedInCode("Resources")]),
  module(
    "SimulationReport", in: "Data",
    uses: ["Quantities", "BatteryDomain", "CellModels", "ReportPages"]),
  module(
    "PackReports", in: "Data",
    uses: ["Quantities", "BatteryDomain", "RunawayModels", "PackModels", "ReportPages"]),
  module(
    "SafetyReport", in: "Data",
    uses: [
      "Quantities", "NumericalMethods", "BatteryDomain", "BatteryFiles", "Cleaning",
      "CellAnalytics",
      "FleetAnalytics", "ReportPages",
    ],
    resources: [.embedInCode("Resources")]),
]

let verification = [
  module(
    "Testbed", in: "Verification",
    uses: [
      "Quantities", "NumericalMethods", "BatteryDomain", "CellModels", "RunawayModels",
      "StructuredInput", "BMSCore", "OnboardConfiguration",
    ]),
  module(
    "OnboardReplay", in: "Verification",
    uses: [
      "NumericalMethods", "BMSCore", "BatteryDomain", "BatteryFiles", "CellModels",
      "CellIdentification", "OnboardConfiguration", "ReportPages",
    ]),
]

let services = [
  module("FrameCryptography", in: "Services", uses: ["TelemetryCodec", "CCrypto"]),
  module(
    "TelemetryStore", in: "Services",
    uses: [
      "BatteryDomain", "BatteryFiles", "FleetAnalytics", "TelemetryCodec", "CCrypto", "CZstd",
      .product(name: "GRDB", package: "GRDB.swift"),
    ]),
  module("PostgresStore", in: "Services", uses: ["TelemetryStore", "CPostgres"]),
  module(
    "TelemetryGateway", in: "Services",
    uses: [
      "BatteryDomain", "BatteryFiles", "StructuredInput", "TelemetryCodec", "FrameCryptography",
      "TelemetryStore", "FleetAnalytics", "Testbed", lifecycle, logging, tls,
      .product(name: "Hummingbird", package: "hummingbird"),
    ] + nio),
  module(
    "TelemetrySources", in: "Services",
    uses: [
      "Quantities", "BatteryDomain", "StructuredInput", "TelemetryCodec", "FrameText",
      "BatteryFiles", .product(name: "NIOSSL", package: "swift-nio-ssl"),
    ] + nio),
  module(
    "FleetSimulator", in: "Services",
    uses: [
      "NumericalMethods", "BatteryDomain", "StructuredInput", "TelemetryCodec", "Testbed",
      "FrameCryptography", "TelemetryStore", "TelemetryGateway",
    ] + nio),
  module(
    "FleetServer", in: "Services",
    uses: [
      "BatteryDomain", "FleetAnalytics", "TelemetryStore", "SafetyReport", lifecycle, logging,
      .product(name: "Hummingbird", package: "hummingbird"),
    ],
    resources: [.embedInCode("Resources")]),
]

let program: [Target] = [
  .executableTarget(
    name: "anodyne",
    dependencies: [
      "Quantities", "BatteryDomain", "BatteryFiles", "Cleaning", "CellAnalytics",
      "CellIdentification", "CellModels", "RunawayModels", "PackModels", "PackReports",
      "StructuredInput",
      "FleetAnalytics", "ReportPages",
      "SafetyReport", "SimulationReport", "Testbed", "TelemetryCodec", "FrameText",
      "NumericalMethods", "BMSCore", "OnboardConfiguration", "OnboardReplay",
      "FrameCryptography",
      "TelemetryStore", "PostgresStore",
      "TelemetryGateway", "TelemetrySources", "FleetSimulator", "FleetServer", lifecycle, logging,
      .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ],
    path: "Sources/anodyne", swiftSettings: checks)
]

let libraries = [
  systemLibrary("CMatio", pkgConfig: "matio", apt: "libmatio-dev", brew: "libmatio"),
  systemLibrary("CArchive", pkgConfig: "libarchive", apt: "libarchive-dev", brew: "libarchive"),
  systemLibrary("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev", brew: "openssl@3"),
  systemLibrary("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev", brew: "zlib"),
  systemLibrary("CZstd", pkgConfig: "libzstd", apt: "libzstd-dev", brew: "zstd"),
  systemLibrary("CPostgres", pkgConfig: "libpq", apt: "libpq-dev", brew: "libpq"),
  systemLibrary("CExpat", pkgConfig: "expat", apt: "libexpat1-dev", brew: "expat"),
]

// For tests alone: what no product is built with.
let testLibraries: [Target] = [
  .systemLibrary(
    name: "CSundials", path: "Tests/CLibs/CSundials",
    providers: [.apt(["libsundials-dev"]), .brew(["sundials"])]),
  .target(name: "AllocationCounter", path: "Tests/CLibs/AllocationCounter"),
  // Whole processes that are killed, and measurements: Scripts/torture.sh, Scripts/bench-store.sh.
  .executableTarget(
    name: "StoreWorkbench",
    dependencies: [
      "NumericalMethods", "BatteryDomain", "TelemetryCodec", "TelemetryStore", "PostgresStore",
      "Testbed", "TestSupport",
    ],
    path: "Tests/StoreWorkbench", swiftSettings: checks),
  // What every engine of the store must do; the tests of each engine run it.
  .target(
    name: "StoreContract", dependencies: ["TelemetryStore"], path: "Tests/StoreContract",
    swiftSettings: checks),
  // Also a target of Firmware/, so that tests, microcontroller and browser run the same loop.
  .target(
    name: "ClosedLoop", dependencies: ["BMSCore"], path: "Tests/ClosedLoop", swiftSettings: checks),
]

let testTargets = [
  Target.target(
    name: "TestSupport", dependencies: ["BatteryDomain"], path: "Tests/TestSupport",
    swiftSettings: checks),
  tests(of: "Quantities"),
  tests(of: "NumericalMethods", uses: ["CSundials", "AllocationCounter"]),
  tests(of: "BatteryDomain", uses: ["Quantities"]),
  tests(of: "StructuredInput"),
  tests(of: "CellModels", uses: ["Quantities", "BatteryDomain", "AllocationCounter"]),
  tests(
    of: "RunawayModels",
    uses: ["Quantities", "NumericalMethods", "BatteryDomain", "StructuredInput"]),
  tests(
    of: "PackModels",
    uses: ["Quantities", "NumericalMethods", "BatteryDomain", "StructuredInput", "RunawayModels"]),
  tests(
    of: "PackReports", uses: ["BatteryDomain", "PackModels", "ReportPages", "StructuredInput"]),
  tests(of: "BMSCore", uses: ["AllocationCounter", "ClosedLoop"]),
  tests(of: "TelemetryCodec", exclude: ["Resources"]),
  tests(of: "FrameText", uses: ["TelemetryCodec"], exclude: ["Resources"]),
  tests(of: "FrameCryptography", uses: ["TelemetryCodec"], exclude: ["Resources"]),
  tests(of: "BatteryFiles", uses: ["BatteryDomain"]),
  tests(of: "Cleaning", uses: ["BatteryDomain", "BatteryFiles"]),
  tests(of: "CellAnalytics", uses: ["BatteryDomain", "BatteryFiles", "Cleaning"]),
  tests(of: "CellIdentification", uses: ["Quantities", "CellModels", "BatteryFiles"]),
  tests(
    of: "FleetAnalytics",
    uses: ["NumericalMethods", "BatteryDomain", "BatteryFiles", "Cleaning"]),
  tests(of: "ReportPages", uses: ["BatteryDomain"]),
  tests(of: "SimulationReport", uses: ["BatteryDomain", "CellModels", "ReportPages"]),
  tests(
    of: "SafetyReport",
    uses: [
      "BatteryDomain", "BatteryFiles", "Cleaning", "CellAnalytics", "FleetAnalytics",
      "ReportPages",
    ]),
  tests(
    of: "OnboardConfiguration",
    uses: [
      "NumericalMethods", "BMSCore", "BatteryDomain", "CellModels", "PackModels",
      "StructuredInput",
    ]),
  tests(
    of: "OnboardReplay",
    uses: [
      "NumericalMethods", "BMSCore", "BatteryDomain", "BatteryFiles", "CellModels",
      "CellIdentification", "OnboardConfiguration",
    ]),
  tests(
    of: "Testbed",
    uses: [
      "Quantities", "NumericalMethods", "BatteryDomain", "CellModels", "StructuredInput",
      "OnboardConfiguration",
    ]),
  tests(
    of: "TelemetryStore",
    uses: [
      "BatteryDomain", "BatteryFiles", "FleetAnalytics", "TelemetryCodec", "StoreContract",
      "StoreWorkbench", "PostgresStore", .product(name: "GRDB", package: "GRDB.swift"),
    ]),
  tests(of: "PostgresStore", uses: ["TelemetryStore", "StoreContract", "StoreWorkbench"]),
  tests(
    of: "TelemetryGateway",
    uses: [
      "BatteryDomain", "BatteryFiles", "FleetAnalytics", "FrameCryptography", "StructuredInput",
      "TelemetryCodec", "TelemetryStore", "Testbed", lifecycle, logging,
      .product(name: "NIOEmbedded", package: "swift-nio"),
    ] + nio),
  tests(
    of: "TelemetrySources",
    uses: [
      "BatteryDomain", "TelemetryCodec", .product(name: "NIOSSL", package: "swift-nio-ssl"),
    ] + nio),
  tests(
    of: "FleetSimulator",
    uses: [
      "StructuredInput", "TelemetryCodec", "TelemetryStore", "TelemetryGateway", "Testbed",
      lifecycle, logging,
    ]),
  tests(
    of: "FleetServer",
    uses: [
      "BatteryDomain", "BatteryFiles", "FleetAnalytics", "FrameCryptography", "SafetyReport",
      "TelemetryCodec",
      "TelemetryGateway", "TelemetryStore", lifecycle, logging,
      .product(name: "Hummingbird", package: "hummingbird"),
      .product(name: "HummingbirdTesting", package: "hummingbird"),
    ]),
  .testTarget(
    name: "ScenarioTests", dependencies: ["TestSupport", "BatteryDomain", "anodyne"],
    path: "Tests/ScenarioTests", swiftSettings: checks),
]

let package = Package(
  name: "Anodyne",
  platforms: [.macOS(.v26)],
  products: [
    .executable(name: "anodyne", targets: ["anodyne"]),
    .library(name: "Quantities", targets: ["Quantities"]),
    .library(name: "BatteryDomain", targets: ["BatteryDomain"]),
    .library(name: "BMSCore", targets: ["BMSCore"]),
    .library(name: "BatteryFiles", targets: ["BatteryFiles"]),
    .library(name: "TelemetryCodec", targets: ["TelemetryCodec"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: libraries + foundations + physics + onboard + data + verification + services + program
    + testLibraries + testTargets,
  swiftLanguageModes: [.v6]
)
