// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Where in a JSON text a value stands.

import FrameText

/// Where in a JSON text values stand: names with dots, `[2]` for one element, `[]` for all.
///
/// `rack.modules[].cells[].v` gives every cell of every module, in order.
struct ValuePath: Hashable, Sendable {
  private enum Step: Hashable {
    case member(String)
    case element(Int)
    case every
  }

  private var steps: [Step] = []

  /// Reads a path; nil when it is none.
  init?(_ text: String) {
    for part in text.split(separator: ".", omittingEmptySubsequences: false) {
      let name = part.prefix { $0 != "[" }
      var rest = part.dropFirst(name.count)
      if name.isEmpty, rest.isEmpty { return nil }
      if !name.isEmpty { steps.append(.member(String(name))) }
      while !rest.isEmpty {
        guard let end = rest.firstIndex(of: "]") else { return nil }
        let inside = rest[rest.index(after: rest.startIndex)..<end]
        if inside.isEmpty {
          steps.append(.every)
        } else if let number = Int(inside), number >= 0 {
          steps.append(.element(number))
        } else {
          return nil
        }
        rest = rest[rest.index(after: end)...]
        guard rest.isEmpty || rest.first == "[" else { return nil }
      }
    }
  }

  /// The values at the path, in order; a list at its end counts as its elements.
  ///
  /// - Complexity: O(n) in the number of values passed.
  func nodes(in root: JSONNode) -> [JSONNode] {
    var nodes = [root]
    for step in steps {
      nodes = nodes.flatMap { node -> [JSONNode] in
        switch (step, node) {
        case (.member(let name), _): node[name].map { [$0] } ?? []
        case (.element(let place), .array(let list)):
          place < list.count ? [list[place]] : []
        case (.every, .array(let list)): list
        default: []
        }
      }
    }
    return nodes.flatMap { node -> [JSONNode] in
      if case .array(let list) = node { list } else { [node] }
    }
  }

  /// The numbers at the path; what is there but no number is NaN.
  func numbers(in root: JSONNode) -> [Double] {
    nodes(in: root).map { node in
      switch node {
      case .number(let digits): Double(digits) ?? .nan
      case .string(let text): Double(text) ?? .nan
      case .bool(let flag): flag ? 1 : 0
      case .null, .array, .object: .nan
      }
    }
  }
}
