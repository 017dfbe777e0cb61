// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tables of cells: changes by name, steps with columns, and what is refused.

import CellModels
import Testing

@Suite("Tables of cells")
struct CellBatchTableTests {
  func table(_ csv: String, _ steps: [String]) throws(ParameterError) -> CellBatchTable {
    var experiment = Experiment(steps: [], parameters: .chen2020)
    experiment.model = .spm
    return try CellBatchTable(csv: csv, steps: steps, experiment: experiment)
  }

  @Test("Rows change parameters, steps, state of charge and ambient temperature")
  func rows() async throws {
    let read = try table(
      #"""
      name,rate,Negative electrode thickness [m],"Positive particle diffusivity [m2.s-1]",initial_soc,ambient_celsius
      "a, ""thick""",1,*1.1,,0.9,
      ,2,8e-5,5e-15,,10

      """#, ["Discharge at {rate}C until 3 V"])
    #expect(read.names == ["a, \"thick\"", "2"])
    let cells = read.batch.cells
    let set = CellParameters.chen2020
    #expect(cells[0].parameters.negative.thickness == set.negative.thickness * 1.1)
    #expect(cells[0].initialStateOfCharge == 0.9)
    #expect(cells[0].ambientTemperature == nil)
    #expect(cells[1].parameters.negative.thickness == 8e-5)
    #expect(cells[1].parameters.positive.diffusivity.value(0.5) == 5e-15)
    #expect(cells[1].ambientTemperature == 283.15)
    #expect(cells[1].blocks?.first?.steps.first?.drive == .rate(2))
    let outcomes = try await read.batch.run()
    let first = try outcomes[0].get()
    let second = try outcomes[1].get()
    #expect(first.end == .event(.lowerVoltage))
    #expect(second.time < first.time)
    #expect(second.lowestVoltage <= 3)
  }

  @Test(
    "What cannot be read is told with its row and column",
    arguments: [
      ("", "empty"),
      ("rate", "no row"),
      ("rate,rate\n1,2", "twice"),
      ("speed\n1", "no column \"rate\""),
      ("rate,Negative electrode thicknes [m]\n1,2", "did you mean \"Negative electrode thickness"),
      ("rate,Separator porosity\n1,lots", "row 1, \"Separator porosity\": \"lots\""),
      ("rate,initial_soc\n1,full", "row 1, \"initial_soc\": \"full\""),
      ("rate\n1\nfast", "row 2, experiment step"),
      ("rate,Separator porosity\n1", "row 1 has 1 fields; the header has 2"),
      ("rate\n\"\"", "row 1, \"rate\": a step needs a value"),
      (
        "rate,Negative electrode exchange-current density [A.m-2]\n1,2",
        "can be multiplied (*1.1) but not set"
      ),
    ])
  func refusals(csv: String, words: String) throws {
    let error = #expect(throws: ParameterError.self) {
      try table(csv, ["Discharge at {rate}C until 3 V"])
    }
    let text = try #require(error).description
    #expect(text.contains(words), "\(text)")
  }
}
