// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Expressions of parameter files, such as 1.9793 * exp(-39.3631 * x).

import Foundation

/// An expression in named variables, as parameter files write properties.
///
/// Numbers, `+ - * / **`, parentheses, and the functions exp, log, log10, sqrt, tanh, sinh, cosh,
/// sin, cos, tan, arctan and abs, with Python's precedence: `**` binds tighter than a sign to its
/// left and groups to the right. A prefix such as `np.` or `pybamm.` of a function is passed over.
struct PropertyExpression: Sendable {
  private indirect enum Node: Sendable {
    case number(Double)
    case variable(Int)
    case negated(Node)
    case sum(Node, Node)
    case difference(Node, Node)
    case product(Node, Node)
    case quotient(Node, Node)
    case power(Node, Node)
    case function(String, @Sendable (Double) -> Double, Node)
  }

  private let root: Node

  /// Reads an expression.
  ///
  /// - Parameters:
  ///   - text: At most 20,000 characters.
  ///   - variables: Names of the variables, in the order of their values; several names may share a
  ///     value.
  /// - Throws: ``PropertyExpressionError`` naming the word that is not understood.
  init(_ text: String, variables: [[String]]) throws(PropertyExpressionError) {
    guard text.utf8.count <= 20_000 else {
      throw PropertyExpressionError(word: "the text", allowed: "at most 20000 characters")
    }
    var parser = Parser(text, variables: variables)
    root = try parser.sum(depth: 0)
    try parser.expectEnd()
  }

  /// The expression with its first variable written as `x` and every operation in parentheses;
  /// reading it gives the same values to the last bit.
  var text: String { Self.text(root) }

  /// Whether it uses no function but exp, tanh and cosh, which are all that BPX allows.
  var isExchangeable: Bool { Self.isExchangeable(root) }

  private static func text(_ node: Node) -> String {
    switch node {
    case .number(let value): "\(value)"
    case .variable: "x"
    case .negated(let a): "(-\(text(a)))"
    case .sum(let a, let b): "(\(text(a)) + \(text(b)))"
    case .difference(let a, let b): "(\(text(a)) - \(text(b)))"
    case .product(let a, let b): "(\(text(a)) * \(text(b)))"
    case .quotient(let a, let b): "(\(text(a)) / \(text(b)))"
    case .power(let a, let b): "(\(text(a)) ** \(text(b)))"
    case .function(let name, _, let a): "\(name)(\(text(a)))"
    }
  }

  private static func isExchangeable(_ node: Node) -> Bool {
    switch node {
    case .number, .variable: true
    case .negated(let a): isExchangeable(a)
    case .sum(let a, let b), .difference(let a, let b), .product(let a, let b),
      .quotient(let a, let b), .power(let a, let b):
      isExchangeable(a) && isExchangeable(b)
    case .function(let name, _, let a):
      ["exp", "tanh", "cosh"].contains(name) && isExchangeable(a)
    }
  }

  /// The value for values of the variables.
  func value(_ values: [Double]) -> Double { Self.value(root, values) }

  private static func value(_ node: Node, _ x: [Double]) -> Double {
    switch node {
    case .number(let value): value
    case .variable(let index): x[index]
    case .negated(let a): -value(a, x)
    case .sum(let a, let b): value(a, x) + value(b, x)
    case .difference(let a, let b): value(a, x) - value(b, x)
    case .product(let a, let b): value(a, x) * value(b, x)
    case .quotient(let a, let b): value(a, x) / value(b, x)
    case .power(let a, let b): pow(value(a, x), value(b, x))
    case .function(_, let f, let a): f(value(a, x))
    }
  }

  private static let functions: [String: @Sendable (Double) -> Double] = [
    "exp": { Foundation.exp($0) }, "log": { Foundation.log($0) },
    "log10": { Foundation.log10($0) }, "sqrt": { $0.squareRoot() },
    "tanh": { Foundation.tanh($0) }, "sinh": { Foundation.sinh($0) },
    "cosh": { Foundation.cosh($0) }, "sin": { Foundation.sin($0) },
    "cos": { Foundation.cos($0) }, "tan": { Foundation.tan($0) },
    "arctan": { Foundation.atan($0) }, "atan": { Foundation.atan($0) }, "abs": { Swift.abs($0) },
  ]

  private struct Parser {
    private var words: [String] = []
    private var position = 0
    private let variables: [[String]]

    init(_ text: String, variables: [[String]]) {
      self.variables = variables
      words = Self.words(text)
    }

    private static func words(_ text: String) -> [String] {
      var words: [String] = []
      var rest = Substring(text)
      while let first = rest.first {
        if first.isWhitespace {
          rest = rest.dropFirst()
        } else if rest.hasPrefix("**") {
          words.append("**")
          rest = rest.dropFirst(2)
        } else if first.isNumber || first == "." {
          let word = number(rest)
          words.append(String(word))
          rest = rest[word.endIndex...]
        } else if first.isLetter || first == "_" {
          let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
          words.append(String(word))
          rest = rest[word.endIndex...]
        } else {
          words.append(String(first))
          rest = rest.dropFirst()
        }
      }
      return words
    }

    private static func number(_ text: Substring) -> Substring {
      let plain = text.prefix { $0.isNumber || $0 == "." }
      var rest = text[plain.endIndex...]
      guard let mark = rest.first, mark == "e" || mark == "E" else { return plain }
      rest = rest.dropFirst()
      let sign = rest.prefix { $0 == "+" || $0 == "-" }
      let digits = rest[sign.endIndex...].prefix(while: \.isNumber)
      return digits.isEmpty || sign.count > 1 ? plain : text[..<digits.endIndex]
    }

    private var next: String? { position < words.count ? words[position] : nil }

    private mutating func take(_ word: String) -> Bool {
      guard next == word else { return false }
      position += 1
      return true
    }

    private func failure(_ allowed: String) -> PropertyExpressionError {
      PropertyExpressionError(word: next ?? "the end", allowed: allowed)
    }

    func expectEnd() throws(PropertyExpressionError) {
      guard next == nil else { throw failure("an operator + - * / ** or the end") }
    }

    mutating func sum(depth: Int) throws(PropertyExpressionError) -> Node {
      guard depth < 60 else { throw failure("at most 60 parentheses in each other") }
      var node = try product(depth)
      while true {
        if take("+") {
          node = .sum(node, try product(depth))
        } else if take("-") {
          node = .difference(node, try product(depth))
        } else {
          return node
        }
      }
    }

    private mutating func product(_ depth: Int) throws(PropertyExpressionError) -> Node {
      var node = try signed(depth)
      while true {
        if take("*") {
          node = .product(node, try signed(depth))
        } else if take("/") {
          node = .quotient(node, try signed(depth))
        } else {
          return node
        }
      }
    }

    private mutating func signed(_ depth: Int) throws(PropertyExpressionError) -> Node {
      var isNegative = false
      while true {
        if take("-") {
          isNegative.toggle()
        } else if !take("+") {
          break
        }
      }
      let node = try power(depth)
      return isNegative ? .negated(node) : node
    }

    private mutating func power(_ depth: Int) throws(PropertyExpressionError) -> Node {
      let base = try atom(depth)
      guard take("**") else { return base }
      guard depth < 60 else { throw failure("at most 60 powers in each other") }
      var isNegative = false
      while take("-") { isNegative.toggle() }
      let exponent = try power(depth + 1)
      return .power(base, isNegative ? .negated(exponent) : exponent)
    }

    private mutating func atom(_ depth: Int) throws(PropertyExpressionError) -> Node {
      guard let word = next else { throw failure("a number, a variable or a function") }
      if take("(") {
        let node = try sum(depth: depth + 1)
        guard take(")") else { throw failure("\")\"") }
        return node
      }
      if let value = Double(word), word.first?.isNumber == true || word.first == "." {
        position += 1
        return .number(value)
      }
      if let index = variables.firstIndex(where: { $0.contains(word) }) {
        position += 1
        return .variable(index)
      }
      let name = word.split(separator: ".").last.map(String.init) ?? word
      if let function = PropertyExpression.functions[name] {
        position += 1
        guard take("(") else { throw failure("\"(\" after \(name)") }
        let argument = try sum(depth: depth + 1)
        guard take(")") else { throw failure("\")\"") }
        return .function(name, function, argument)
      }
      throw failure(
        "numbers, \(variables.compactMap(\.first).joined(separator: ", ")), + - * / ** and "
          + PropertyExpression.functions.keys.sorted().joined(separator: ", "))
    }
  }
}

/// An expression that is not understood.
struct PropertyExpressionError: Error, Hashable, Sendable {
  /// The word.
  var word: String
  /// What is allowed there.
  var allowed: String
}
