// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Alarms over HTTP: list, acknowledge, shelve, close; and the record of who did what.

import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import TelemetryStore

extension FleetRoutes {
  /// Longest request that an action on an alarm may have, in bytes.
  private static let longestAction = 4_096

  func addAlarms(to router: Router<BasicRequestContext>) {
    guard let book = watch.alarms else { return }
    router.get("/api/alarms") { request, _ -> Response in
      let query = request.uri.queryParameters
      guard let after = query.get("after").map({ Int64($0) }) ?? 0,
        let limit = query.get("limit").map({ Int($0) }) ?? 1_000, (1...10_000).contains(limit)
      else { return .failure(.badRequest, "after is a number, limit is 1 to 10000") }
      let alarms = try await store.alarms(
        AlarmChoice(
          identity: query.get("vehicle"), onlyOpen: query.get("open") == "true", after: after,
          limit: limit))
      return .json(AlarmList(alarms: alarms))
    }
    router.post("/api/alarms/{id}/{action}") { request, context -> Response in
      // A page of another origin cannot send this type without asking first.
      guard request.headers[.contentType]?.hasPrefix("application/json") ?? false else {
        return .failure(.unsupportedMediaType, "send JSON as application/json")
      }
      let body = try await request.body.collect(upTo: Self.longestAction)
      guard let id = context.parameters.get("id").flatMap({ Int64($0) }),
        let asked = try? JSONDecoder().decode(
          ActionRequest.self, from: Data(body.readableBytesView)),
        let action = asked.action(context.parameters.get("action") ?? "")
      else {
        return .failure(
          .badRequest,
          "post {\"by\": NAME} to acknowledge, with \"until\" to shelve, with \"cause\" to close")
      }
      do throws(AlarmRefusal) {
        let alarm = try await book.act(
          action, on: id, by: asked.by, at: Date().timeIntervalSince1970)
        return .json(alarm)
      } catch {
        switch error {
        case .unknown: return .failure(.notFound, "\(error)")
        case .store: return .failure(.serviceUnavailable, "\(error)")
        default: return .failure(.conflict, "\(error)")
        }
      }
    }
  }

  private struct AlarmList: Encodable {
    var alarms: [StoredAlarm]
  }

  private struct ActionRequest: Decodable {
    var by: String
    var until: Double?
    var cause: String?

    func action(_ name: String) -> AlarmAction? {
      switch name {
      case "acknowledge": .acknowledge
      case "shelve": until.map { .shelve(until: $0) }
      case "close": cause.map { .close(cause: $0) }
      default: nil
      }
    }
  }
}
