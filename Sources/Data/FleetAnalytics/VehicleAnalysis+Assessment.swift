// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The assessment of what has come in so far.

extension VehicleAnalysis {
  /// What the rows so far say about the vehicle.
  ///
  /// Does not change the state; call it as often as a page asks.
  ///
  /// - Complexity: O(buckets × bands × cells + cells² × 12): some tens of milliseconds for a
  ///   hundred cells, whatever the number of rows.
  public func assessment() -> VehicleAssessment {
    var builder = AssessmentBuilder(self)
    return builder.build()
  }
}
