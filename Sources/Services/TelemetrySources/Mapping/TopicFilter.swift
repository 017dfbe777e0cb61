// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Topic filters of MQTT with the words that their wildcards stand for.

/// A topic filter of MQTT, and the words that its wildcards stand for in a topic.
///
/// - Reference: MQTT 5 (OASIS 2019), section 4.7.
public struct TopicFilter: Hashable, Sendable {
  /// The filter as written.
  public let text: String
  private let levels: [Substring]

  /// Creates a filter; nil when a wildcard does not stand alone in its level or `#` is not last.
  public init?(_ text: String) {
    levels = text.split(separator: "/", omittingEmptySubsequences: false)
    self.text = text
    guard !text.isEmpty else { return nil }
    for (place, level) in levels.enumerated() {
      if level.contains("#"), level != "#" || place != levels.count - 1 { return nil }
      if level.contains("+"), level != "+" { return nil }
    }
  }

  /// The words for `+` in order and the rest for `#`; nil when the topic does not match.
  ///
  /// - Complexity: O(n) in the length of the topic.
  public func words(in topic: String) -> [String]? {
    let parts = topic.split(separator: "/", omittingEmptySubsequences: false)
    // Topics of the broker itself are not matched by a leading wildcard.
    if topic.hasPrefix("$"), levels[0] == "+" || levels[0] == "#" { return nil }
    var words: [String] = []
    for (place, level) in levels.enumerated() {
      if level == "#" {
        words.append(parts[min(place, parts.count)...].joined(separator: "/"))
        return words
      }
      guard place < parts.count else { return nil }
      if level == "+" {
        words.append(String(parts[place]))
      } else if level != parts[place] {
        return nil
      }
    }
    return parts.count == levels.count ? words : nil
  }
}
