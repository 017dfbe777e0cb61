// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The pages' files, embedded in the program.

import HTTPTypes
import Hummingbird
import NIOCore

/// One of the pages' files, embedded in the program.
struct PageAsset: Sendable {
  let bytes: [UInt8]
  let type: String

  static let triage = PageAsset(
    bytes: PackageResources.triage_html, type: "text/html; charset=utf-8")
  static let vehicle = PageAsset(
    bytes: PackageResources.vehicle_html, type: "text/html; charset=utf-8")

  private static let script = "text/javascript; charset=utf-8"
  private static let files: [String: PageAsset] = [
    "fleet.css": .init(bytes: PackageResources.fleet_css, type: "text/css; charset=utf-8"),
    "common.js": .init(bytes: PackageResources.common_js, type: script),
    "triage.js": .init(bytes: PackageResources.triage_js, type: script),
    "vehicle.js": .init(bytes: PackageResources.vehicle_js, type: script),
    "charts.js": .init(bytes: PackageResources.charts_js, type: script),
    "icon.svg": .init(bytes: PackageResources.icon_svg, type: "image/svg+xml"),
  ]

  static func named(_ name: String) -> PageAsset? { files[name] }

  func response() -> Response {
    Response(
      status: .ok, headers: [.contentType: type, .cacheControl: "no-cache"],
      body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
