// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Which path answers what.

import FleetAnalytics
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import TelemetryStore

/// Which path answers what.
struct FleetRoutes: Sendable {
  let settings: FleetSettings
  let store: TelemetryStore
  let watch: FleetWatch

  func router() -> Router<BasicRequestContext> {
    let router = Router(context: BasicRequestContext.self)
    router.middlewares.add(SafeHeaders())
    router.get("/") { _, _ in PageAsset.triage.response() }
    router.get("/vehicles/{vin}") { _, _ in PageAsset.vehicle.response() }
    router.get("/assets/plotly.min.js") { _, _ in chartLibrary() }
    router.get("/assets/{name}") { _, context -> Response in
      guard let asset = PageAsset.named(context.parameters.get("name") ?? "") else {
        return .failure(.notFound, "no such file")
      }
      return asset.response()
    }
    router.get("/api/vehicles") { _, _ in Response.json(await triage()) }
    router.get("/api/vehicles/{vin}") { request, context -> Response in
      guard let identity = Self.identity(context),
        let document = await vehicle(identity)
      else { return .failure(.notFound, "no vehicle of this VIN has sent a frame") }
      let tag = "\"\(document.frameID)-\(document.isConnected ? 1 : 0)\""
      if request.headers[.ifNoneMatch] == tag {
        return Response(status: .notModified, headers: [.eTag: tag])
      }
      return .json(document, headers: [.eTag: tag])
    }
    router.get("/api/vehicles/{vin}/series") { request, context -> Response in
      guard let identity = Self.identity(context) else {
        return .failure(.notFound, "no vehicle of this VIN has sent a frame")
      }
      return try await series(identity, request.uri.queryParameters)
    }
    addAlarms(to: router)
    router.get("/healthz") { _, _ -> Response in
      do {
        let frames = try await store.frameCount()
        return .json(Health(status: "ok", frames: frames, backlog: await watch.backlogCount))
      } catch {
        return .failure(.serviceUnavailable, "\(error)")
      }
    }
    router.get("/metrics") { _, _ -> Response in
      var metrics = await settings.metrics()
      metrics += await store.metrics()
      metrics += await watch.metrics()
      return Response(
        status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
        body: .init(byteBuffer: ByteBuffer(string: ServiceMetric.prometheusText(metrics))))
    }
    return router
  }

  private struct Health: Encodable {
    var status: String
    var frames: Int
    var backlog: Int
  }

  private static func identity(_ context: BasicRequestContext) -> String? {
    context.parameters.get("vin")?.removingPercentEncoding
  }

  func triage() async -> TriageDocument {
    let connected = settings.connected()
    var entries: [TriageDocument.Entry] = []
    for identity in await watch.identities {
      guard let (assessment, _) = await watch.assessment(of: identity),
        let seen = await watch.lastSeen(of: identity)
      else { continue }
      entries.append(
        TriageDocument.Entry(
          assessment, isConnected: connected.contains(identity), seen: seen))
    }
    return TriageDocument(
      entries, backlog: await watch.backlogCount, at: Date().timeIntervalSince1970)
  }

  private func vehicle(_ identity: String) async -> VehicleDocument? {
    guard let (assessment, through) = await watch.assessment(of: identity),
      let seen = await watch.lastSeen(of: identity)
    else { return nil }
    return VehicleDocument(
      generatedAt: Date().timeIntervalSince1970, frameID: through,
      isConnected: settings.connected().contains(identity),
      lastReport: seen.collected.map { Double($0) }, lastReceived: seen.received,
      assessment: assessment, labels: VehicleDocument.labels)
  }

  private func series(_ identity: String, _ query: Parameters) async throws -> Response {
    guard let known = try await store.reportSpan(of: identity) else {
      return .failure(.notFound, "no vehicle of this VIN has sent a report")
    }
    let from = query.get("from").map { Double($0) } ?? Double(known.lowerBound)
    let to = query.get("to").map { Double($0) } ?? Double(known.upperBound)
    let points = query.get("points").map { Int($0) } ?? 800
    guard let from, let to, let points, from.isFinite, to.isFinite, from < to,
      from.magnitude < 1e12, to.magnitude < 1e12, (1...5_000).contains(points)
    else {
      return .failure(
        .badRequest, "from and to are Unix times in seconds, from before to; points is 1 to 5000")
    }
    let frames = try await store.reports(
      of: identity, in: Int64(from.rounded(.down))...Int64(to.rounded(.up)),
      limit: SeriesDocument.reportLimit)
    return .json(
      SeriesDocument(
        frames: frames.map(watch.open), identity: identity, span: from...to, points: points))
  }

  private func chartLibrary() -> Response {
    guard let file = settings.chartLibrary, let data = try? Data(contentsOf: file) else {
      return .failure(.notFound, "the chart library is not installed: run `make setup`")
    }
    return Response(
      status: .ok,
      headers: [
        .contentType: "text/javascript; charset=utf-8", .cacheControl: "max-age=3600",
      ],
      body: .init(byteBuffer: ByteBuffer(bytes: data)))
  }
}
