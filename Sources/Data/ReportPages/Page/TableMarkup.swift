// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A table of a page.

/// A table of a page.
package struct TableMarkup: Sendable {
  /// A column heading.
  package struct Column: Sendable {
    package var title: String
    package var isNumber: Bool

    package static func text(_ title: String) -> Column { .init(title: title, isNumber: false) }
    package static func number(_ title: String) -> Column { .init(title: title, isNumber: true) }
  }

  package var caption: String
  package var columns: [Column]
  /// Cells, `[row][column]`; the first one heads its row.
  package var rows: [[Markup]]

  package init(caption: String, columns: [Column], rows: [[Markup]]) {
    self.caption = caption
    self.columns = columns
    self.rows = rows
  }

  /// The table as HTML; empty if it has no rows.
  package var markup: Markup {
    guard !rows.isEmpty else { return "" }
    let heads = Markup.joined(
      columns.map { column -> Markup in
        column.isNumber
          ? "<th scope=\"col\" class=\"num\">\(column.title)</th>"
          : "<th scope=\"col\">\(column.title)</th>"
      })
    let body = Markup.joined(
      rows.map { row -> Markup in
        let cells = Markup.joined(
          zip(row.indices, row).map { index, cell -> Markup in
            let isNumber = index < columns.count && columns[index].isNumber
            if index == 0 {
              return isNumber
                ? "<th scope=\"row\" class=\"num\">\(cell)</th>" : "<th scope=\"row\">\(cell)</th>"
            }
            return isNumber ? "<td class=\"num\">\(cell)</td>" : "<td>\(cell)</td>"
          })
        return "<tr>\(cells)</tr>"
      })
    return """
      <div class="scroll"><table><caption>\(caption)</caption>
      <thead><tr>\(heads)</tr></thead><tbody>\(body)</tbody></table></div>

      """
  }
}
