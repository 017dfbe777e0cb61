// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// JSON answers, errors and the headers every answer carries.

import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

extension Response {
  /// An answer in JSON with keys in snake case.
  static func json(_ value: some Encodable, headers: HTTPFields = [:]) -> Response {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      let data = try encoder.encode(value)
      var headers = headers
      headers[.contentType] = "application/json; charset=utf-8"
      headers[.cacheControl] = "no-cache"
      return Response(
        status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: data)))
    } catch {
      return .failure(.internalServerError, "the answer holds a number that JSON cannot express")
    }
  }

  /// An error with a message that says what to do.
  static func failure(_ status: HTTPResponse.Status, _ message: String) -> Response {
    let data = (try? JSONEncoder().encode(["error": message])) ?? Data()
    return Response(
      status: status, headers: [.contentType: "application/json; charset=utf-8"],
      body: .init(byteBuffer: ByteBuffer(bytes: data)))
  }
}

/// Adds headers that keep foreign scripts, frames and guesses about types away.
struct SafeHeaders<Context: RequestContext>: RouterMiddleware {
  /// The chart library sets style attributes, hence `unsafe-inline` for styles alone.
  static var policy: String {
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
      + "img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
      + "frame-ancestors 'none'"
  }

  func handle(
    _ request: Request, context: Context,
    next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    var response: Response
    do {
      response = try await next(request, context)
    } catch let error as HTTPError {
      response = .failure(error.status, error.body ?? error.status.reasonPhrase)
    } catch {
      context.logger.error("request failed", metadata: ["reason": "\(error)"])
      response = .failure(.internalServerError, "\(error)")
    }
    response.headers[values: .contentSecurityPolicy] = [Self.policy]
    response.headers[values: .xContentTypeOptions] = ["nosniff"]
    if let referrer = HTTPField.Name("Referrer-Policy") {
      response.headers[referrer] = "no-referrer"
    }
    return response
  }
}
