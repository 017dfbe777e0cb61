// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The two chains along which a small fault becomes a large one.

/// One step of a fault-propagation chain.
public struct ChainStep: Codable, Hashable, Sendable {
  /// What happens.
  public let event: String
  /// The node at which this step can be stopped; nil where the review names none for it.
  public let node: ControlNode?
}

/// A chain along which a small fault becomes a large one.
public struct PropagationChain: Codable, Hashable, Sendable {
  /// Which chain.
  public let kind: Kind
  /// Steps in order of cause and effect.
  public let steps: [ChainStep]
  /// Nodes at which the chain can be stopped, in order.
  public let nodes: [ControlNode]

  /// The two chains.
  public enum Kind: String, CaseIterable, Codable, Hashable, Sendable {
    /// Slow loss of capacity that ends in imbalance and swelling.
    case abnormalFade = "abnormal_fade"
    /// The way from plating to a pack fire.
    case thermalRunaway = "thermal_runaway"
  }

  /// Abnormal fade. Source: ``Source/batterySafetyReview``, section 2.2.
  public static let abnormalFade = PropagationChain(
    kind: .abnormalFade,
    steps: [
      .init(event: "volume change of particles", node: nil),
      .init(event: "cracking of particles", node: .particleIntegrity),
      .init(event: "rise of resistance and fresh interphase", node: .interfaceStability),
      .init(event: "loss of lithium", node: .interfaceStability),
      .init(event: "loss of capacity of the cell", node: .electrodeIntegrity),
      .init(event: "imbalance of the module, amplified by balancing", node: .cellInconsistency),
      .init(event: "swelling, internal short", node: .faultIsolation),
    ],
    nodes: [
      .particleIntegrity, .interfaceStability, .electrodeIntegrity, .cellInconsistency,
      .faultIsolation,
    ])

  /// Thermal runaway. Source: ``Source/batterySafetyReview``, section 2.2.
  public static let thermalRunaway = PropagationChain(
    kind: .thermalRunaway,
    steps: [
      .init(event: "plating and dendrites", node: .plating),
      .init(event: "separator puncture, micro short", node: .separator),
      .init(event: "hot spot", node: .hotSpot),
      .init(event: "gas and pressure", node: .gasPressure),
      .init(event: "venting, ejecta", node: .gasPressure),
      .init(event: "coupling to the neighbours", node: .thermalCoupling),
      .init(event: "pack fire", node: nil),
    ],
    nodes: [.plating, .separator, .hotSpot, .gasPressure, .thermalCoupling])

  /// Both chains.
  public static let all = [abnormalFade, thermalRunaway]
}

extension ControlNode {
  /// The chain the node belongs to; nil for ``sensing``, which both rely on.
  public var chain: PropagationChain? {
    PropagationChain.all.first { $0.nodes.contains(self) }
  }

  /// The node after this one in its chain; nil at the end and for ``sensing``.
  public var next: ControlNode? {
    guard let chain, let place = chain.nodes.firstIndex(of: self),
      place + 1 < chain.nodes.count
    else { return nil }
    return chain.nodes[place + 1]
  }

  /// Name for labels, for example `hot spot`.
  public var label: String {
    rawValue.split(separator: "_").joined(separator: " ")
  }
}
