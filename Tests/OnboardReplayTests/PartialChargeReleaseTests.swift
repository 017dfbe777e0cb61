// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Capacity from partial charges of two NASA cells; the table of the validation page.

import Foundation
import OnboardReplay
import TestSupport
import Testing

@Suite(
  "Capacity from partial charges",
  .enabled(
    if: Datasets.has("nasa_pcoe/mat/B0025.mat")
      && ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1",
    Comment(rawValue: Datasets.skipMessage + ", and ANODYNE_RELEASE_TESTS=1")))
struct PartialChargeReleaseTests {
  @Test("Median error within 2 %, nine in ten within 4 %", arguments: ["B0025", "B0047"])
  func cells(_ name: String) throws {
    let study = try PartialChargeStudy(path: Datasets.file("nasa_pcoe/mat/\(name).mat").path)
    let errors = study.errors
    print(
      name, "points", errors.count, "median",
      String(format: "%.2f %%", 100 * study.quantile(0.5)), "90th percentile",
      String(format: "%.2f %%", 100 * study.quantile(0.9)), "largest",
      String(format: "%.2f %%", 100 * (errors.map(abs).max() ?? .nan)))
    for point in study.points where !point.reason.isEmpty { print(point.discharge, point.reason) }
    for point in study.points where abs(point.error ?? 0) > 0.03 {
      print(point.discharge, point.error ?? 0, point.hours, "h")
    }
    #expect(errors.count >= (name == "B0025" ? 6 : 40))
    #expect(study.quantile(0.5) <= 0.02)
    #expect(study.quantile(0.9) <= 0.04)
  }
}
