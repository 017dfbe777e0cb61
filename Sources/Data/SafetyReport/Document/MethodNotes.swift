// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The methods behind the numbers of a report, with their sources.

extension ReportDocument.MethodNote {
  /// The methods behind the numbers of a report, in reading order.
  public static let all: [ReportDocument.MethodNote] = [
    .init(
      name: "Robust z",
      description: """
        (value − median) / (1.4826 × median absolute deviation). It marks outliers without letting \
        them move the baseline; above 3.5 is unusual. It is taken within a module and beside each \
        cell's own past, because against the whole pack it marks healthy cells.
        """,
      source: "Iglewicz & Hoaglin (1993), How to Detect and Handle Outliers, ASQC"),
    .init(
      name: "Deviation at like state of charge",
      description: """
        Cell minus median of its module at low, steady current, reduced to the pack's usual slope \
        of open-circuit voltage, so that a steep part of the curve does not look like a fault.
        """,
      source: "Jing et al. (2026), Battery Safety, section 4.2.2: cohorts under like conditions"),
    .init(
      name: "Control nodes",
      description: """
        Every finding names the point of the two propagation chains (abnormal fade, thermal \
        runaway) at which the fault can be stopped.
        """,
      source: "Jing et al. (2026), Battery Safety, section 2.2"),
    .init(
      name: "Capacity from partial charges",
      description: """
        Charge put in over the change of the reported state of charge. It inherits the error of \
        the reported state of charge; read the trend over many sessions.
        """,
      source: "Charge balance; state of charge as reported"),
    .init(
      name: "Incremental capacity and differential voltage",
      description: """
        dQ/dV and dV/dQ of slow charges or discharges, smoothed so that peaks keep their position. \
        Peaks shift with lost lithium and shrink with lost active material.
        """,
      source:
        "Dubarry, Truchot & Liaw (2012), J. Power Sources 219, doi:10.1016/j.jpowsour.2012.07.016"
    ),
    .init(
      name: "Differential thermal voltammetry",
      description: "dT/dt over dV/dt: the entropic and resistive heat at each phase change.",
      source: "Wu et al. (2015), J. Power Sources 273, doi:10.1016/j.jpowsour.2014.09.127"),
    .init(
      name: "Cleaning",
      description: """
        Sentinels, impossible values, duplicates and rows out of order are set aside and counted; \
        raw values are never changed. A channel lost for long is a finding, not noise.
        """,
      source: "GB/T 32960.3-2016 for sentinels; ranges of the quantity catalogue"),
  ]
}
