// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The curves of a few cycles spread over the whole life, in bounded memory.

/// The curves of one half-cycle that are kept.
struct ArchivedCurve: Sendable {
  var cycle: Int
  var isDischarge: Bool
  var isSteady: Bool
  var curve: CurveBuffer
  var incrementalCapacity: (voltage: [Double], capacity: [Double], peaks: [CurvePeak])?
}

/// Keeps the curves of the first, the last and a few cycles between, spread evenly.
struct CurveArchive: Sendable {
  /// Most curves kept of charges and of discharges.
  static let limit = 8
  private(set) var discharges: [ArchivedCurve] = []
  private(set) var charges: [ArchivedCurve] = []
  private(set) var lastDischarge: ArchivedCurve?
  private(set) var lastCharge: ArchivedCurve?
  private var dischargeStride = 1
  private var chargeStride = 1
  private var dischargeCount = 0
  private var chargeCount = 0

  mutating func add(_ curve: ArchivedCurve) {
    if curve.isDischarge {
      lastDischarge = curve
      Self.add(curve, to: &discharges, stride: &dischargeStride, count: &dischargeCount)
    } else {
      lastCharge = curve
      Self.add(curve, to: &charges, stride: &chargeStride, count: &chargeCount)
    }
  }

  private static func add(
    _ curve: ArchivedCurve, to kept: inout [ArchivedCurve], stride: inout Int, count: inout Int
  ) {
    defer { count += 1 }
    guard count % stride == 0 else { return }
    kept.append(curve)
    guard kept.count > limit else { return }
    stride *= 2
    kept = Swift.stride(from: 0, to: kept.count, by: 2).map { kept[$0] }
  }

  /// All kept curves, the last ones included, in order of cycles.
  var all: [ArchivedCurve] {
    var result = discharges + charges
    for last in [lastDischarge, lastCharge].compactMap({ $0 })
    where !result.contains(where: { $0.cycle == last.cycle && $0.isDischarge == last.isDischarge })
    {
      result.append(last)
    }
    return result.sorted { ($0.cycle, $0.isDischarge ? 1 : 0) < ($1.cycle, $1.isDischarge ? 1 : 0) }
  }
}
