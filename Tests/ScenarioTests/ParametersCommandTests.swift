// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of `anodyne parameters` as a person sees it: outputs, exit codes, bad input.

import Foundation
import TestSupport
import Testing

@Suite("anodyne parameters")
struct ParametersCommandTests {
  @Test("list names sets with chemistry and source; show gives values with units")
  func listAndShow() throws {
    let list = try Program.run(["parameters", "list"])
    #expect(list.status == 0, "\(list.errors)")
    #expect(list.output.contains("prada2013") && list.output.contains("LiFePO4"))
    #expect(list.output.contains("doi:10.1149/1945-7111/ab9050"))
    let show = try Program.run(["parameters", "show", "chen2020"])
    #expect(show.status == 0, "\(show.errors)")
    #expect(show.output.contains("5.86e-06 m\n") && show.output.contains("nominal capacity"))
    #expect(try Program.run(["parameters", "show", "nothing"]).status == 64)
    #expect(try Program.run(["parameters", "show", "no/such/file.json"]).status == 66)
  }

  @Test("convert writes BPX that check, show and a second convert read")
  func convert() throws {
    try Program.withTemporaryFolder { folder in
      let file = folder.appending(path: "cell.json").path
      let made = try Program.run(["parameters", "convert", "marquis2019", file])
      #expect(made.status == 0, "\(made.errors)")
      let check = try Program.run(["parameters", "check", file])
      #expect(check.status == 0 && check.output.contains("usable for spm, spme, dfn"))
      let again = try Program.run(["parameters", "convert", file, "-", "--format", "bpx"])
      let document = try #require(
        try JSONSerialization.jsonObject(with: Data(again.output.utf8)) as? [String: Any])
      #expect((document["Header"] as? [String: Any])?["Title"] as? String == "Marquis2019")
      #expect(
        try Program.run(["parameters", "convert", "chen2020", "\(folder.path)/none/x.json"]).status
          == 73)
      let refused = try Program.run(["parameters", "convert", "argyrodite-nmc811", file])
      #expect(refused.status == 65 && refused.errors.contains("solid electrolyte"))
    }
  }

  @Test("check tells all faults of a file and ends with 65")
  func check() throws {
    try Program.withTemporaryFolder { folder in
      let file = folder.appending(path: "cell.json")
      let good = try Program.run(["parameters", "convert", "prada2013", "-"]).output
      let bad = good.replacing("\"Lower voltage cut-off [V]\"", with: "\"Lower cut\"")
        .replacing("\"Cation transference number\"", with: "\"Cation transfer\"")
      try Data(bad.utf8).write(to: file)
      let outcome = try Program.run(["parameters", "check", file.path])
      #expect(outcome.status == 65)
      for word in ["Lower cut", "Cation transfer", "faults"] {
        #expect(outcome.output.contains(word), "\(outcome.output)")
      }
      #expect(try Program.run(["parameters", "check", "\(folder.path)/none.json"]).status == 66)
    }
  }
}
