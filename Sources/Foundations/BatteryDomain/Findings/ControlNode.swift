// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The control nodes of the two propagation chains: where a fault can be stopped.

/// A point of the two fault-propagation chains at which a fault can be stopped.
///
/// Source: Jing et al., "Battery Safety: Mechanisms, Monitoring, and Machine Intelligence" (2026),
/// section 2.2. Every finding names the node it concerns.
public enum ControlNode: String, CaseIterable, Codable, Hashable, Sendable {
  /// Cracking of active particles (abnormal fade).
  case particleIntegrity = "particle_integrity"
  /// Growth of interphases and their resistance (abnormal fade).
  case interfaceStability = "interface_stability"
  /// Loss of contact or active material in an electrode (abnormal fade).
  case electrodeIntegrity = "electrode_integrity"
  /// Spread between cells that balancing cannot hold (abnormal fade).
  case cellInconsistency = "cell_inconsistency"
  /// Isolation of a faulty branch or loss of insulation (abnormal fade).
  case faultIsolation = "fault_isolation"
  /// Lithium plating and dendrites (thermal runaway).
  case plating
  /// Separator puncture or shrinkage, and the internal short behind it (thermal runaway).
  case separator
  /// Local overheating (thermal runaway).
  case hotSpot = "hot_spot"
  /// Gas generation and pressure (thermal runaway).
  case gasPressure = "gas_pressure"
  /// Heat transfer from a failing cell to its neighbours (thermal runaway).
  case thermalCoupling = "thermal_coupling"
  /// The measurement chain itself; not a node of either chain, but what all of them rely on.
  case sensing
}
