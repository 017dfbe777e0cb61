// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The text format of Prometheus.

import TelemetryStore
import Testing

@Suite struct ServiceMetricTests {
  @Test func `equal names share a header and labels are escaped`() {
    let text = ServiceMetric.prometheusText([
      ServiceMetric("b", help: "B.", kind: .gauge, value: 1.5),
      ServiceMetric("a", help: "A.", kind: .counter, value: 1, labels: ["vin": "x\"y\\z\n"]),
      ServiceMetric("a", help: "A.", kind: .counter, value: 2, labels: ["vin": "w", "k": "v"]),
    ])
    #expect(
      text == """
        # HELP a A.
        # TYPE a counter
        a{vin="x\\"y\\\\z\\n"} 1.0
        a{k="v",vin="w"} 2.0
        # HELP b B.
        # TYPE b gauge
        b 1.5

        """)
  }
}
