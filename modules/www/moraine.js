// The page's own script: the address bar, tabs on a phone, saving and brushing plots, dimming while a fit runs.
const moraine = {
  open(name) {
    location.search = `?data=${encodeURIComponent(name)}`;
  },
  plotIn(element) {
    return element.closest(".card")?.querySelector(".m-plot");
  },
  async save(button) {
    const plot = moraine.plotIn(button);
    if (!plot?._fullLayout) return;
    const format = button.dataset.moraineSave;
    const title = button.closest(".card").querySelector(".m-card-title").textContent.toLowerCase().replaceAll(" ", "-");
    const ground = getComputedStyle(document.documentElement).getPropertyValue("--m-panel");
    const note = { text: document.querySelector(".m-provenance")?.textContent ?? "", xref: "paper", yref: "paper", x: 1, y: 0, yshift: -40, xanchor: "right", yanchor: "top", showarrow: false, font: { size: 9 } };
    const { morainePlot } = plot.parentElement;
    const figure = { data: [...plot.data, ...morainePlot.ringTraces()], layout: { ...plot.layout, paper_bgcolor: ground, annotations: [...(plot.layout.annotations ?? []), note] } };
    await Plotly.downloadImage(figure, { format, filename: `moraine-${title}`, width: plot.clientWidth, height: plot.clientHeight + 16, scale: format === "png" ? 2 : 1 });
  },
  tool(button) {
    const name = button.dataset.moraineTool;
    moraine.plotIn(button)?.dispatchEvent(new CustomEvent("moraine-tool", { detail: name }));
    if (name === "brush") button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    else if (name !== "reset") for (const other of button.parentElement.querySelectorAll("[data-moraine-tool][aria-pressed]")) other.setAttribute("aria-pressed", String(other === button));
  },
  tab(button) {
    const page = button.closest(".m-explore-page, body").querySelector(".m-explore");
    page.dataset.tab = button.dataset.moraineTab;
    for (const other of button.parentElement.children) other.setAttribute("aria-selected", String(other === button));
    dispatchEvent(new Event("resize"));
  },
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if ("moraineSave" in button.dataset) moraine.save(button);
  if ("moraineTab" in button.dataset) moraine.tab(button);
  if ("moraineTool" in button.dataset) moraine.tool(button);
});

// Handlers must stand before the first message arrives: shiny.js is loaded by now, but has not connected yet.
document.addEventListener("DOMContentLoaded", () => {
  Shiny.addCustomMessageHandler("moraine-url", ({ query }) => history.replaceState(null, "", `?${query}`));
  Shiny.addCustomMessageHandler("moraine-fitting", (fitting) => {
    const page = document.querySelector(".m-explore");
    if (page) page.dataset.fitting = String(fitting);
  });
});
