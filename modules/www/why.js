// "Why this point?": the button in the focus line opens the panel below it. The server works nothing out before it hears of that.
(() => {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-moraine-why]");
    if (!button) return;
    const panel = document.getElementById(button.getAttribute("aria-controls"));
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
    Shiny.setInputValue(button.dataset.moraineWhy, !panel.hidden);
    if (panel.hidden) return;
    $(panel).trigger("shown"); // Shiny draws only what it knows to be visible
    // On a phone the line stands at the foot of the screen, and the panel may open far below it.
    panel.scrollIntoView({ block: matchMedia("(max-width: 767px)").matches ? "start" : "nearest" });
  });
})();
