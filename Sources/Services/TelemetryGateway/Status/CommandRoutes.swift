// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Remote commands over HTTP: who asks proves himself with a token.

import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Remote commands over HTTP: `POST /commands`, `POST /commands/NUMBER/approval`, each with
/// `Authorization: Bearer TOKEN`.
struct CommandRoutes {
  /// Bytes that a request may have.
  private static let bodyLimit = 65_536

  let desk: CommandDesk

  /// Adds the routes.
  func add(to router: Router<BasicRequestContext>) {
    router.post("/commands") { request, _ -> Response in
      let body: ByteBuffer
      do {
        body = try await request.body.collect(upTo: Self.bodyLimit)
      } catch {
        return Self.response(
          CommandDesk.Reply(
            status: 413, body: Data("{\"error\":\"the body is too long\"}\n".utf8)))
      }
      return Self.response(
        await desk.submit(Data(body.readableBytesView), token: Self.token(of: request)))
    }
    router.post("/commands/:number/approval") { request, context -> Response in
      // Numbers alone name proposals; 0 names none.
      let number = context.parameters.get("number", as: Int.self) ?? 0
      return Self.response(await desk.approve(number, token: Self.token(of: request)))
    }
  }

  private static func token(of request: Request) -> String? {
    guard let value = request.headers[.authorization] else { return nil }
    let parts = value.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
    return parts[1].trimmingCharacters(in: .whitespaces)
  }

  private static func response(_ reply: CommandDesk.Reply) -> Response {
    Response(
      status: HTTPResponse.Status(code: reply.status),
      headers: [.contentType: "application/json", .cacheControl: "no-store"],
      body: .init(byteBuffer: ByteBuffer(bytes: reply.body)))
  }
}
