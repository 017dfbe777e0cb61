// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Both pages in headless Chromium: what a person sees once the scripts have run.

import FleetServer
import Foundation
import Logging
import ServiceLifecycle
import TelemetryStore
import TestSupport
import Testing

@Suite(
  .enabled(if: Browser.isInstalled, "chromium is not installed: `make setup` brings it"),
  .serialized, .timeLimit(.minutes(3)))
struct PagesInBrowserTests {
  private func walk(_ body: @Sendable (URL) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    let (store, watch) = try await filledStore(folder.url)
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let server = FleetServer(
      settings: FleetSettings(port: 0, chartLibrary: Browser.chartLibrary), store: store,
      watch: watch, logger: quiet, onRunning: { port.yield($0) })
    let services = ServiceGroup(services: [server], logger: quiet)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await services.run() }
      var first = ports.makeAsyncIterator()
      let number = try #require(await first.next())
      do {
        try await body(try #require(URL(string: "http://127.0.0.1:\(number)/")))
      } catch {
        await services.triggerGracefulShutdown()
        throw error
      }
      await services.triggerGracefulShutdown()
      try await group.waitForAll()
    }
    try await store.close()
  }

  @Test func `the triage page ranks the vehicles`() async throws {
    try await walk { root in
      let page = try Browser.finalMarkup(of: root)
      let sinking = try #require(page.range(of: "data-vin=\"SINKS000000000002\""))
      let clear = try #require(page.range(of: "data-vin=\"CLEAR000000000001\""))
      #expect(sinking.lowerBound < clear.lowerBound)
      #expect(page.contains("href=\"/vehicles/SINKS000000000002\""))
      #expect(page.contains("Cell 7 "))
      #expect(page.contains("data-state=\"ok\""))
      // The hostile name is there as text, and made no element.
      #expect(page.contains("&lt;b onclick=x()&gt;&amp;"))
      #expect(!page.contains("<b onclick"))
    }
  }

  @Test func `the vehicle page shows findings, charts and every cell`() async throws {
    try await walk { root in
      let page = try Browser.finalMarkup(
        of: root.appending(path: "vehicles/SINKS000000000002"))
      #expect(page.contains("data-ready=\"true\""))
      #expect(page.contains("Cell 7 falls away"))
      #expect(page.contains("What to do"))
      if Browser.chartLibrary != nil {
        for chart in ["traces", "bars", "heat", "suspects"] {
          let place = try #require(page.range(of: "id=\"\(chart)\""))
          let element = page[place.upperBound...].prefix(400)
          let before = page[..<place.lowerBound].suffix(120)
          #expect((before + element).contains("js-plotly-plot"), "\(chart)")
        }
        #expect(page.contains("cell voltage"))
      } else {
        #expect(page.contains("make setup"))
      }
    }
  }

  @Test func `a hostile name makes no element on its own page`() async throws {
    try await walk { root in
      let name = try #require(
        hostileName.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
      let page = try Browser.finalMarkup(
        of: try #require(URL(string: root.absoluteString + "vehicles/" + name)))
      #expect(page.contains("&lt;b onclick=x()&gt;&amp;"))
      #expect(!page.contains("<b onclick"))
    }
  }

  @Test(arguments: [false, true])
  func `both pages are drawn, not blank`(dark: Bool) async throws {
    try await walk { root in
      let blank = try Browser.screenshot(
        of: try #require(URL(string: "about:blank")), dark: dark)
      for path in ["", "vehicles/SINKS000000000002"] {
        let picture = try Browser.screenshot(of: root.appending(path: path), dark: dark)
        #expect(picture.count > 5 * blank.count, "\(path): \(picture.count) bytes")
      }
    }
  }
}

/// Headless Chromium.
enum Browser {
  private static let program: String? = {
    let named = ProcessInfo.processInfo.environment["ANODYNE_CHROMIUM"].map { [$0] } ?? []
    let usual = ["chromium", "chromium-browser", "google-chrome"].flatMap { name in
      ["/usr/bin/", "/usr/local/bin/", "/opt/homebrew/bin/"].map { $0 + name }
    }
    return (named + usual).first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  static var isInstalled: Bool { program != nil }

  /// The chart library that the set-up has brought, if it has run.
  static var chartLibrary: URL? {
    let named = ProcessInfo.processInfo.environment["ANODYNE_PLOTLY"].map {
      URL(fileURLWithPath: $0)
    }
    let brought = Datasets.repositoryRoot.appending(path: ".tools/plotly/plotly.min.js")
    return [named, brought].compactMap { $0 }.first {
      FileManager.default.fileExists(atPath: $0.path)
    }
  }

  /// The page's markup after its scripts have run.
  static func finalMarkup(of page: URL) throws -> String {
    try run(["--dump-dom", page.absoluteString]).output
  }

  /// A picture of the page, as PNG.
  static func screenshot(of page: URL, dark: Bool) throws -> Data {
    try Program.withTemporaryFolder { folder in
      let file = folder.appending(path: "page.png")
      let scheme = dark ? ["--blink-settings=preferredColorScheme=0"] : []
      _ = try run(
        scheme + ["--window-size=1400,1600", "--screenshot=\(file.path)", page.absoluteString])
      return try Data(contentsOf: file)
    }
  }

  private static func run(_ arguments: [String]) throws -> Program.Outcome {
    try Program.withTemporaryFolder { profile in
      try Program.run(
        URL(fileURLWithPath: program ?? "chromium"),
        [
          "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
          "--user-data-dir=\(profile.path)", "--virtual-time-budget=10000",
        ] + arguments)
    }
  }
}
