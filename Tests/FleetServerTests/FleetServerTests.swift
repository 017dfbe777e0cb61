// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the interface and the pages answer, also to hostile names and questions.

import BatteryDomain
import FleetServer
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import TelemetryStore
import Testing

@Suite struct FleetServerTests {
  private func ask(
    chartLibrary: URL? = nil,
    _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void
  ) async throws {
    let folder = try TemporaryFolder()
    let (store, watch) = try await filledStore(folder.url)
    let server = FleetServer(
      settings: FleetSettings(
        chartLibrary: chartLibrary, connected: { ["SINKS000000000002"] },
        metrics: {
          [ServiceMetric("anodyne_test", help: "Test.", kind: .gauge, value: 3)]
        }), store: store, watch: watch, logger: quiet)
    try await server.application.test(.router) { client in try await body(client) }
    try await store.close()
  }

  private static func decode<Value: Decodable>(
    _ type: Value.Type, _ response: TestResponse
  ) throws -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: Data(response.body.readableBytesView))
  }

  private static func object(_ response: TestResponse) throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView))
        as? [String: Any])
  }

  @Test func `vehicles are ranked by severity and risk with what a person needs`() async throws {
    try await ask { client in
      try await client.execute(uri: "/api/vehicles", method: .get) { response in
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "application/json; charset=utf-8")
        let list = try Self.object(response)
        let vehicles = try #require(list["vehicles"] as? [[String: Any]])
        #expect(vehicles.map { $0["rank"] as? Int } == [1, 2, 3])
        let first = try #require(vehicles.first)
        #expect(first["identity"] as? String == "SINKS000000000002")
        #expect(first["is_connected"] as? Bool == true)
        let finding = try #require(first["finding"] as? [String: Any])
        for key in ["kind", "title", "subject", "severity", "confidence", "recommended_action"] {
          #expect(finding[key] != nil, "\(key)")
        }
        let ranks = vehicles.compactMap { ($0["severity"] as? String).flatMap(Severity.init) }
        #expect(ranks.count == 3)
        #expect(ranks == ranks.sorted(by: >))
        let totals = try #require(list["totals"] as? [String: Any])
        #expect(totals["vehicles"] as? Int == 3)
        #expect(totals["reports"] as? Int == 720 * 2 + 120)
        #expect(totals["connected"] as? Int == 1)
      }
    }
  }

  @Test func `a vehicle comes with its assessment, labels and entity tag`() async throws {
    try await ask { client in
      let tag = try await client.execute(
        uri: "/api/vehicles/SINKS000000000002", method: .get
      ) { response in
        let vehicle = try Self.object(response)
        let assessment = try #require(vehicle["assessment"] as? [String: Any])
        for key in ["findings", "cells", "modules", "series", "alarms", "charge_sessions"] {
          #expect(assessment[key] != nil, "\(key)")
        }
        #expect((assessment["cells"] as? [Any])?.count == 12)
        let labels = try #require(vehicle["labels"] as? [[String: Any]])
        let voltage = try #require(
          labels.first { $0["quantity"] as? String == "cell_voltage" })
        #expect(voltage["name"] as? String == "cell voltage")
        return try #require(response.headers[.eTag])
      }
      try await client.execute(
        uri: "/api/vehicles/SINKS000000000002", method: .get, headers: [.ifNoneMatch: tag]
      ) { response in
        #expect(response.status == .notModified)
        #expect(response.body.readableBytes == 0)
      }
      try await client.execute(uri: "/api/vehicles/NOBODY", method: .get) { response in
        #expect(response.status == .notFound)
        let answer = try Self.object(response)
        #expect(answer["error"] != nil)
      }
    }
  }

  @Test func `a span is read again from the frames`() async throws {
    try await ask { client in
      let span = "from=\(start)&to=\(start + 3_600)&points=60"
      try await client.execute(
        uri: "/api/vehicles/CLEAR000000000001/series?\(span)", method: .get
      ) { response in
        let series = try Self.decode(SeriesDocument.self, response)
        #expect(series.interval == 60)
        #expect(series.time.count == 30)
        #expect(!series.isThinned)
        let first = try #require(series.cellMinimum[0])
        // Two reports: the cells rest at 4.040 V and then at 0.6 V × 0.5 / 60 less.
        #expect((first - 4.034).magnitude < 0.002)
        #expect(series.temperatureMinimum[0] == 298.15)
      }
      for query in [
        "from=5&to=5", "from=x", "from=nan&to=7", "points=0", "points=99999999", "to=1e300",
      ] {
        try await client.execute(
          uri: "/api/vehicles/CLEAR000000000001/series?\(query)", method: .get
        ) { response in
          #expect(response.status == .badRequest, "\(query)")
        }
      }
    }
  }

  @Test func `a name full of markup stays text`() async throws {
    try await ask { client in
      let encoded = try #require(
        hostileName.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
      try await client.execute(uri: "/api/vehicles/\(encoded)", method: .get) { response in
        #expect(response.status == .ok)
        #expect(response.headers[.contentType]?.hasPrefix("application/json") == true)
        let vehicle = try Self.object(response)
        let assessment = try #require(vehicle["assessment"] as? [String: Any])
        #expect(assessment["identity"] as? String == hostileName)
      }
      try await client.execute(uri: "/vehicles/\(encoded)", method: .get) { response in
        #expect(!String(buffer: response.body).contains("onclick"))
      }
      for script in ["common.js", "triage.js", "vehicle.js", "charts.js"] {
        try await client.execute(uri: "/assets/\(script)", method: .get) { response in
          let text = String(buffer: response.body)
          for way in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
            #expect(!text.contains(way), "\(script) uses \(way)")
          }
        }
      }
    }
  }

  @Test(arguments: ["/", "/vehicles/X", "/api/vehicles", "/assets/fleet.css", "/nowhere"])
  func `every answer forbids foreign scripts and guessing types`(path: String) async throws {
    try await ask { client in
      try await client.execute(uri: path, method: .get) { response in
        let policy = try #require(response.headers[.contentSecurityPolicy])
        #expect(policy.contains("default-src 'none'"))
        #expect(policy.contains("script-src 'self';"))
        #expect(response.headers[.xContentTypeOptions] == "nosniff")
      }
    }
  }

  @Test func `pages refer to nothing outside this server`() async throws {
    try await ask { client in
      for path in ["/", "/vehicles/X", "/assets/fleet.css", "/assets/vehicle.js"] {
        try await client.execute(uri: path, method: .get) { response in
          #expect(response.status == .ok)
          let text = String(buffer: response.body).replacingOccurrences(
            of: "http://www.w3.org/2000/svg", with: "")
          #expect(!text.contains("http://") && !text.contains("https://"), "\(path)")
        }
      }
    }
  }

  @Test func `without the chart library the answer says what to run`() async throws {
    try await ask { client in
      try await client.execute(uri: "/assets/plotly.min.js", method: .get) { response in
        #expect(response.status == .notFound)
        #expect(String(buffer: response.body).contains("make setup"))
      }
      try await client.execute(uri: "/assets/..%2FPackage.swift", method: .get) { response in
        #expect(response.status == .notFound)
      }
    }
  }

  @Test func `health and metrics`() async throws {
    try await ask { client in
      try await client.execute(uri: "/healthz", method: .get) { response in
        let health = try Self.object(response)
        #expect(health["status"] as? String == "ok")
        #expect(health["frames"] as? Int == 720 * 2 + 120)
      }
      try await client.execute(uri: "/metrics", method: .get) { response in
        let text = String(buffer: response.body)
        #expect(text.contains("anodyne_test 3.0"))
        #expect(text.contains("anodyne_watch_vehicles 3.0"))
        #expect(text.contains("# TYPE anodyne_store_frames_total counter"))
      }
    }
  }

  @Test func `a closed store is unhealthy`() async throws {
    let folder = try TemporaryFolder()
    let store = try TelemetryStore(folder: folder.url)
    let watch = FleetWatch(store: store, logger: quiet)
    let server = FleetServer(
      settings: FleetSettings(), store: store, watch: watch, logger: quiet)
    try await store.close()
    try await server.application.test(.router) { client in
      try await client.execute(uri: "/healthz", method: .get) { response in
        #expect(response.status == .serviceUnavailable)
      }
    }
  }
}
