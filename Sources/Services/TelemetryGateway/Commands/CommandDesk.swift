// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Who may ask for remote commands, and what waits for a second person.

public import Foundation
import FrameCryptography
import TelemetryCodec

/// Someone who may ask for remote commands.
public struct CommandUser: Hashable, Sendable {
  /// Name for the audit log.
  public var name: String
  /// SHA-256 of the token in lower-case hexadecimal; tokens are random, so a plain hash keeps them.
  public var tokenHash: String

  /// Names a user.
  public init(name: String, tokenHash: String) {
    self.name = name
    self.tokenHash = tokenHash.lowercased()
  }

  /// A new token: 32 random bytes in hexadecimal digits.
  public static func token() -> String {
    var random = SystemRandomNumberGenerator()
    return Digest.hexadecimal((0..<32).map { _ in UInt8.random(in: 0...255, using: &random) })
  }

  /// The hash under which a token stands in the configuration.
  public static func hash(of token: String) -> String {
    Digest.hexadecimal(Digest.sha256(Array(token.utf8)))
  }
}

/// Takes requests for remote commands from people who prove who they are, holds what needs a second
/// person until that person approves it with a token of his own, and tells what came of it.
///
/// The body of every reply is JSON; statuses are those of HTTP.
public actor CommandDesk {
  /// A reply.
  public struct Reply: Hashable, Sendable {
    /// HTTP status.
    public var status: Int
    /// JSON.
    public var body: Data
  }

  private struct Proposal {
    var request: CommandRequest
    var author: String
    var expires: Double
  }

  private struct Outcome: Encodable {
    var error: String?
    var result: String?
    var flag: Int?
    var accepted: Bool?
    var parameters: [String: String]?
    var proposal: Int?
    var expiresS: Int?
  }

  /// Proposals that may wait at one time, and for how many seconds.
  private static let proposalLimit = 100
  private static let proposalLife = 900.0

  private let commands: RemoteCommands
  private let users: [CommandUser]
  private let now: @Sendable () -> Double
  private var proposals: [Int: Proposal] = [:]
  private var failures: TokenBucket

  /// Creates a desk.
  ///
  /// - Parameters:
  ///   - commands: Carries out what is allowed, and keeps the audit log.
  ///   - users: Who may ask and approve.
  ///   - now: Gives seconds that never step back.
  public init(
    commands: RemoteCommands, users: [CommandUser],
    now: @escaping @Sendable () -> Double = { ProcessInfo.processInfo.systemUptime }
  ) {
    self.commands = commands
    self.users = users
    self.now = now
    failures = TokenBucket(rate: 1, burst: 20, at: now())
  }

  /// Carries a command out, or keeps it until a second person approves it.
  ///
  /// - Parameters:
  ///   - body: The request, see ``CommandRequest``.
  ///   - token: What the asker proves himself with; nil for nothing.
  /// - Returns: 200 with the answer, 202 with the number of a proposal, 400 for a faulty request, 401
  ///   without a known token, 403 against the policy, 404 for a vehicle that is not connected, 429 for
  ///   too many guesses or proposals, 503 where the audit log fails, 504 without an answer.
  public func submit(_ body: Data, token: String?) async -> Reply {
    let user: String
    let request: CommandRequest
    switch identify(token) {
    case .failure(let refusal): return refusal.reply
    case .success(let name): user = name
    }
    do throws(CommandFault) { request = try CommandRequest(json: body) } catch {
      return Self.reply(400, error: error.problem)
    }
    let author = CommandAuthor(name: user, reason: request.reason)
    guard commands.needsApproval(request.action) else { return await carryOut(request, author) }
    let time = now()
    proposals = proposals.filter { $0.value.expires > time }
    guard proposals.count < Self.proposalLimit else {
      return Self.reply(429, error: "\(Self.proposalLimit) commands wait for approval already")
    }
    do throws(GatewayError) {
      let number = try await commands.propose(request, by: author)
      proposals[number] = Proposal(
        request: request, author: user, expires: time + Self.proposalLife)
      return Self.reply(
        202,
        Outcome(
          result: "waits for a second person", proposal: number,
          expiresS: Int(Self.proposalLife)))
    } catch { return Self.reply(of: error) }
  }

  /// Carries out a command that waits, for a second person.
  ///
  /// - Parameters:
  ///   - number: Number of the proposal.
  ///   - token: What the second person proves himself with.
  /// - Returns: As ``submit(_:token:)``; 403 for the person who asked, 404 for a proposal that is not
  ///   there any more.
  public func approve(_ number: Int, token: String?) async -> Reply {
    let user: String
    switch identify(token) {
    case .failure(let refusal): return refusal.reply
    case .success(let name): user = name
    }
    guard let proposal = proposals[number], proposal.expires > now() else {
      return Self.reply(404, error: "no command of this number waits; it may have expired")
    }
    guard proposal.author != user else {
      return Self.reply(403, error: "the second person must be another one")
    }
    // Taken out before it is sent: approved twice, it is sent once.
    proposals[number] = nil
    return await carryOut(
      proposal.request,
      CommandAuthor(
        name: proposal.author, approvedBy: user,
        reason: "\(proposal.request.reason) (proposal \(number))"))
  }

  // MARK: - Inside

  private struct Refusal: Error { var reply: Reply }

  private func identify(_ token: String?) -> Result<String, Refusal> {
    let hash = Array(CommandUser.hash(of: token ?? "").utf8)
    var found: String?
    // Every user is compared, in the same time whoever it is.
    for user in users {
      let known = Array(user.tokenHash.utf8)
      var difference: UInt8 = known.count == hash.count ? 0 : 1
      for (left, right) in zip(known, hash) { difference |= left ^ right }
      if difference == 0 { found = user.name }
    }
    if let found, token?.isEmpty == false { return .success(found) }
    // Guesses are slowed down for all together; who has a token is not held up by them.
    guard failures.take(1, at: now()) == 0 else {
      failures.giveBack(1)
      return .failure(Refusal(reply: Self.reply(429, error: "too many unknown tokens")))
    }
    return .failure(Refusal(reply: Self.reply(401, error: "the token is unknown")))
  }

  private func carryOut(_ request: CommandRequest, _ author: CommandAuthor) async -> Reply {
    do {
      switch request.action {
      case .query(let identifiers):
        let list = try await commands.query(
          request.vehicle, parameters: identifiers, by: author)
        let edition = try commands.edition(of: request.vehicle)
        var values: [String: String] = [:]
        for parameter in list.parameters {
          let name = ParameterDefinition.of(parameter.identifier, in: edition)?.name
          values[name ?? "\(parameter.identifier)"] = RemoteCommands.text(parameter)
        }
        return Self.reply(200, Outcome(result: "answered", parameters: values))
      case .set(let settings):
        let edition = try commands.edition(of: request.vehicle)
        let parameters = try settings.map { try $0.parameter(in: edition) }
        return Self.reply(try await commands.set(request.vehicle, parameters, by: author))
      case .control(let number, let content):
        return Self.reply(
          try await commands.control(request.vehicle, number, content, by: author))
      }
    } catch let fault as CommandFault {
      return Self.reply(400, error: fault.problem)
    } catch let error as GatewayError {
      return Self.reply(of: error)
    } catch {
      return Self.reply(500, error: "the command failed")
    }
  }

  private static func reply(_ answer: CommandAnswer) -> Reply {
    reply(
      200,
      Outcome(
        result: "answered", flag: Int(answer.acknowledgement.rawValue),
        accepted: answer.acknowledgement == .success))
  }

  private static func reply(of error: GatewayError) -> Reply {
    switch error {
    case .notConnected: reply(404, error: error.description)
    case .noAnswer: reply(504, error: error.description)
    case .commandForbidden: reply(403, error: error.description)
    case .auditFailed: reply(503, error: error.description)
    case .protocolViolation: reply(502, error: error.description)
    default: reply(500, error: error.description)
    }
  }

  private static func reply(_ status: Int, error: String) -> Reply {
    reply(status, Outcome(error: error))
  }

  private static func reply(_ status: Int, _ outcome: Outcome) -> Reply {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let body = (try? encoder.encode(outcome)) ?? Data("{}".utf8)
    return Reply(status: status, body: body + Data("\n".utf8))
  }
}
