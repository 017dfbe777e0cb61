// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A chart as a figure of a page.

extension Chart {
  /// The chart as a figure with its words, its drawing data and, if it has frames, its slider.
  ///
  /// - Parameter id: Identifier within the page.
  /// - Returns: The figure as HTML.
  /// - Throws: `EncodingError` if a number of the layout is not finite.
  package func figure(id: String) throws -> Markup {
    let data = Markup(trusted: try json())
    return """
      <figure class="\(isWide ? "wide" : "half")" aria-labelledby="\(id)-caption">
      <figcaption id="\(id)-caption"><h3>\(title)</h3><p>\(caption)</p></figcaption>
      <div class="plot pending" id="\(id)" style="height:\(height)px" role="img" aria-label="\(title): \(caption)"></div>
      \(slider(id: id))<script type="application/json" id="\(id)-data">\(data)</script>
      </figure>

      """
  }

  /// The slider; hidden until the script that moves it has drawn the figure.
  private func slider(id: String) -> Markup {
    guard !frames.isEmpty else { return "" }
    let first = max(0, min(initialFrame, frames.count - 1))
    return """
      <div class="slider" id="\(id)-slider" hidden><button type="button">Play</button>\
      <input type="range" min="0" max="\(frames.count - 1)" value="\(first)" \
      aria-label="\(title): \(sliderTitle)"><output>\(frames[first].label)</output></div>

      """
  }
}
