"use strict";
// The list of findings: by severity and by words.
(function () {
  const findings = Array.from(document.querySelectorAll(".finding"));
  const buttons = Array.from(document.querySelectorAll(".filters button"));
  const words = document.querySelector(".filters input");
  const count = document.querySelector("#finding-count");
  function filter() {
    const pressed = buttons.find((each) => each.getAttribute("aria-pressed") === "true");
    const wanted = pressed ? pressed.dataset.severity : "";
    const text = words ? words.value.trim().toLowerCase() : "";
    let shown = 0;
    for (const finding of findings) {
      const fits = (!wanted || finding.dataset.severity === wanted)
        && (!text || finding.textContent.toLowerCase().includes(text));
      finding.hidden = !fits;
      if (fits) shown += 1;
    }
    if (count) count.textContent = shown === findings.length ? "" : shown + " of " + findings.length + " shown";
  }
  for (const button of buttons) {
    button.addEventListener("click", () => {
      for (const each of buttons) each.setAttribute("aria-pressed", String(each === button));
      filter();
    });
  }
  if (words) words.addEventListener("input", filter);
})();
