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
  .enabled(if: Browser.executable != nil, Comment(rawValue: Browser.skipMessage)),
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

  private func picture(of page: URL, dark: Bool) throws -> Data {
    try Program.withTemporaryFolder { folder in
      let file = folder.appending(path: "page.png")
      try Browser.picture(of: page, to: file, width: 1400, height: 1600, isDark: dark)
      return try Data(contentsOf: file)
    }
  }

  @Test func `the triage page ranks the vehicles`() async throws {
    try await walk { root in
      let page = try Browser.open(root).document
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
      let page = try Browser.open(
        root.appending(path: "vehicles/SINKS000000000002")
      ).document
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
      let page = try Browser.open(
        try #require(URL(string: root.absoluteString + "vehicles/" + name))
      ).document
      #expect(page.contains("&lt;b onclick=x()&gt;&amp;"))
      #expect(!page.contains("<b onclick"))
    }
  }

  @Test(arguments: [false, true])
  func `both pages are drawn, not blank`(dark: Bool) async throws {
    try await walk { root in
      let blank = try picture(of: try #require(URL(string: "about:blank")), dark: dark)
      for path in ["", "vehicles/SINKS000000000002"] {
        let drawn = try picture(of: root.appending(path: path), dark: dark)
        #expect(drawn.count > 5 * blank.count, "\(path): \(drawn.count) bytes")
      }
    }
  }
}
