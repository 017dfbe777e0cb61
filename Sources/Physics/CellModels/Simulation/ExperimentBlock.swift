// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Steps that are repeated, in words.

/// Steps of an experiment that are repeated together; each repetition is a cycle.
public struct ExperimentBlock: Hashable, Sendable {
  /// Steps of one repetition.
  public var steps: [ExperimentStep]
  /// How many times they are done.
  public var repetitions: Int

  /// Creates a block.
  public init(steps: [ExperimentStep], repetitions: Int = 1) {
    self.steps = steps
    self.repetitions = repetitions
  }

  /// Most steps of one experiment, all repetitions counted.
  public static let longestExperiment = 10_000_000

  /// Understands an experiment: steps and repetitions in order.
  ///
  /// A text is a step; or steps separated by `;`; or a repetition, `Repeat 10 times: step; step` or
  /// `(step; step) * 10`, which may stand inside another; parentheses after the colon say where it
  /// ends, otherwise it takes all that follows. Steps outside of repetitions form one
  /// cycle until the next repetition; each pass of a repetition is a cycle, and a repetition inside
  /// another is part of its cycle.
  ///
  /// - Parameters:
  ///   - texts: Steps and repetitions.
  ///   - profiles: Reads the file of a step that follows one.
  /// - Returns: The blocks in order; at least one.
  /// - Throws: ``ExperimentError`` naming the word that is not understood and what is allowed.
  public static func blocks(
    _ texts: [String],
    profiles: (String) throws(ExperimentError) -> DriveProfile = ExperimentStep.noProfiles
  ) throws(ExperimentError) -> [ExperimentBlock] {
    var blocks: [ExperimentBlock] = []
    var single: [ExperimentStep] = []
    for text in texts {
      for part in try parts(text) {
        guard let (count, body) = try repetition(part) else {
          single.append(try ExperimentStep(part, profiles: profiles))
          continue
        }
        if !single.isEmpty { blocks.append(ExperimentBlock(steps: single)) }
        single = []
        blocks.append(
          ExperimentBlock(steps: try steps(body, profiles, depth: 1), repetitions: count))
      }
    }
    if !single.isEmpty { blocks.append(ExperimentBlock(steps: single)) }
    guard !blocks.isEmpty else {
      throw ExperimentError(text: "", word: "", allowed: "at least one step")
    }
    let total = blocks.reduce(0.0) { $0 + Double($1.steps.count) * Double($1.repetitions) }
    guard total <= Double(longestExperiment) else {
      throw ExperimentError(
        text: texts.joined(separator: "; "), word: "\(total) steps",
        allowed: "at most \(longestExperiment) steps in all")
    }
    return blocks
  }

  /// The steps of a body with everything inside it written out.
  private static func steps(
    _ body: String, _ profiles: (String) throws(ExperimentError) -> DriveProfile, depth: Int
  ) throws(ExperimentError) -> [ExperimentStep] {
    guard depth <= 8 else {
      throw ExperimentError(
        text: body, word: "Repeat", allowed: "at most 8 repetitions in each other")
    }
    var result: [ExperimentStep] = []
    for part in try parts(body) {
      if let (count, inner) = try repetition(part) {
        let once = try steps(inner, profiles, depth: depth + 1)
        guard Double(once.count) * Double(count) + Double(result.count) <= 1e6 else {
          throw ExperimentError(
            text: part, word: "\(count)", allowed: "at most 1000000 steps in one cycle")
        }
        for _ in 0..<count { result += once }
      } else {
        result.append(try ExperimentStep(part, profiles: profiles))
      }
    }
    return result
  }

  /// The texts between semicolons that stand in no parentheses.
  private static func parts(_ text: String) throws(ExperimentError) -> [String] {
    // All that follows the colon of a repetition belongs to it, unless parentheses say where it ends.
    if text.lowercased().drop(while: \.isWhitespace).hasPrefix("repeat"),
      let colon = text.firstIndex(of: ":"),
      text[text.index(after: colon)...].first(where: { !$0.isWhitespace }) != "("
    {
      return [text]
    }
    var parts: [String] = [""]
    var depth = 0
    var isQuoted = false
    for character in text {
      switch character {
      case "\"": isQuoted.toggle()
      case "(" where !isQuoted: depth += 1
      case ")" where !isQuoted: depth -= 1
      default: break
      }
      if character == ";", depth == 0, !isQuoted {
        parts.append("")
      } else {
        parts[parts.count - 1].append(character)
      }
    }
    guard depth == 0 else {
      throw ExperimentError(
        text: text, word: depth > 0 ? "(" : ")", allowed: "as many \"(\" as \")\"")
    }
    let filled = parts.filter { !$0.allSatisfy(\.isWhitespace) }
    return filled.isEmpty ? [text] : filled
  }

  /// How many times, and what; nil where the text is no repetition.
  private static func repetition(
    _ text: String
  ) throws(ExperimentError) -> (count: Int, body: String)? {
    let tidy = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    if tidy.lowercased().hasPrefix("repeat") {
      guard let colon = tidy.firstIndex(of: ":") else {
        throw ExperimentError(
          text: tidy, word: "", allowed: "\"Repeat 10 times: step; step\", with a colon")
      }
      let words = tidy[..<colon].split(separator: " ").map(String.init)
      let isPlain =
        words.count == 2 || (words.count == 3 && words[2].lowercased().hasPrefix("time"))
      guard isPlain else {
        throw ExperimentError(
          text: tidy, word: words.count > 3 ? words[3] : words.last ?? "",
          allowed: "\"Repeat 10 times:\" before the steps")
      }
      return (try count(words[1], tidy), unwrapped(String(tidy[tidy.index(after: colon)...])))
    }
    guard tidy.hasPrefix("(") else { return nil }
    guard let close = tidy.lastIndex(of: ")") else { return nil }
    let body = String(tidy[tidy.index(after: tidy.startIndex)..<close])
    let tail = tidy[tidy.index(after: close)...].filter { !$0.isWhitespace }
    if tail.isEmpty { return (1, body) }
    guard let sign = tail.first, "*x×".contains(sign) else {
      throw ExperimentError(text: tidy, word: tail, allowed: "\"* 10\" after the parenthesis")
    }
    return (try count(String(tail.dropFirst()), tidy), body)
  }

  private static func count(_ word: String, _ text: String) throws(ExperimentError) -> Int {
    guard let count = Int(word), count >= 1, count <= longestExperiment else {
      throw ExperimentError(
        text: text, word: word, allowed: "a whole number of repetitions from 1")
    }
    return count
  }

  /// A body without the parentheses that enclose all of it.
  private static func unwrapped(_ text: String) -> String {
    let tidy = text.drop(while: \.isWhitespace)
    guard tidy.first == "(", tidy.last == ")" else { return String(tidy) }
    var depth = 0
    for (index, character) in zip(tidy.indices, tidy) {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if depth == 0, index != tidy.index(before: tidy.endIndex) { return String(tidy) }
    }
    return String(tidy.dropFirst().dropLast())
  }
}
