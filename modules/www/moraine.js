// The page's own script: the address bar, tabs on a phone, saving and brushing plots, dimming while a fit runs; and what other scripts share.
const moraine = {
  element(tag, properties = {}, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  },
  // Marks the row of the lake in focus, in a view whose data-focus names it; returns the row.
  markRow(root) {
    for (const line of root.querySelectorAll("tr[aria-current]")) line.removeAttribute("aria-current");
    const line = root.querySelector(`tr[data-key="${root.dataset.focus}"]`);
    line?.setAttribute("aria-current", "true");
    return line;
  },
  // Scrolls a box just so far that a row of its table stands below the head and above the foot.
  revealRow(box, line) {
    const top = line.offsetTop - box.querySelector("thead").offsetHeight;
    const bottom = line.offsetTop + line.offsetHeight;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
  },
  open(name) {
    location.search = `?data=${encodeURIComponent(name)}`;
  },
  // Resolves once plotly.js has come, for which the page does not wait. Heard from here on: its script is named below this one.
  drawing: new Promise((done, failed) => {
    const of = (settle) => ({ target }) => target.dataset?.maplibre && settle();
    document.addEventListener("load", of(done), true);
    document.addEventListener("error", of(() => failed(new Error("plotly.js did not come"))), true);
  }),
  plotIn(element) {
    return element.closest(".card")?.querySelector(".m-plot");
  },
  async save(button) {
    const plot = moraine.plotIn(button);
    if (!plot?._fullLayout) return;
    const format = button.dataset.moraineSave;
    const title = button.closest(".card").querySelector(".m-card-title").textContent.toLowerCase().replaceAll(" ", "-");
    const ground = getComputedStyle(document.documentElement).getPropertyValue("--m-panel");
    const lines = moraine.provenance(plot.clientWidth - 24);
    const below = lines.length * 13 + 8;
    const { margin, annotations = [] } = plot.layout;
    const foot = { xref: "paper", yref: "paper", x: 0, y: 0, yshift: -plot._fullLayout._size.b, xanchor: "left", yanchor: "top", align: "left", showarrow: false, font: { size: 10 } };
    const drawn = plot.parentElement.morainePlot, crowd = drawn.saved();
    const layout = { ...plot.layout, ...crowd.layout, paper_bgcolor: ground, margin: { ...margin, b: plot._fullLayout._size.b + below }, annotations: [...annotations, { ...foot, text: lines.join("<br>") }] };
    const figure = { data: [...plot.data, ...crowd.data, ...drawn.ringTraces()], layout };
    await Plotly.downloadImage(figure, { format, filename: `moraine-${title}`, width: plot.clientWidth, height: plot.clientHeight + below, scale: format === "png" ? 2 : 1 });
  },
  // Where the figures come from, in lines that fit a width in pixels.
  provenance(width) {
    const most = Math.floor(width / 5.4), lines = [""];
    for (const word of (document.querySelector(".m-provenance")?.textContent ?? "").trim().split(/\s+/)) {
      const longer = `${lines.at(-1)} ${word}`.trim();
      if (longer.length <= most || !lines.at(-1)) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    return lines.map((line) => line.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"));
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

moraine.drawing.catch(() => {}); // each plot says so in its place

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if ("moraineSave" in button.dataset) moraine.save(button);
  if ("moraineTab" in button.dataset) moraine.tab(button);
  if ("moraineTool" in button.dataset) moraine.tool(button);
});

document.addEventListener("change", ({ target }) => {
  if (target.matches(".m-picker")) moraine.open(target.value);
});

// On a phone the menu goes once a page is chosen. At once: what moves away is pressed by mistake.
document.addEventListener("shown.bs.tab", () => {
  const menu = document.querySelector(".navbar-collapse.show"), toggle = document.querySelector(".navbar-toggler");
  if (!menu || !toggle) return;
  menu.classList.remove("show");
  toggle.classList.add("collapsed");
  toggle.setAttribute("aria-expanded", "false");
});

// Handlers must stand before the first message arrives: shiny.js is loaded by now, but has not connected yet.
document.addEventListener("DOMContentLoaded", () => {
  // Several messages in one frame (modules/serving/frames.py). One that fails must not take the others with it.
  Shiny.addCustomMessageHandler("moraine-frames", async (messages) => {
    for (const message of messages) {
      try {
        await Shiny.shinyapp.dispatchMessage(JSON.stringify(message));
      } catch (error) {
        reportError(error);
      }
    }
  });
  Shiny.addCustomMessageHandler("moraine-url", ({ query, left_out }) => {
    history.replaceState(history.state, "", `?${query}`);
    const said = document.querySelector(".m-left-out");
    said.hidden = !left_out.length;
    said.textContent = left_out.length ? `The address of this page does not hold ${left_out.join(" and ")}: a link has no room for it. Reloading loses it; share an export instead.` : "";
  });
  // Why the server takes no upload: Shiny has a narrow bar for it.
  $(document).on("ajaxError", (_, answer, { url }) => {
    if (!/\/upload\//.test(url) || !answer.responseText) return;
    const html = moraine.element("span", { textContent: answer.responseText }).outerHTML;
    Shiny.notifications.show({ html, type: "warning", duration: 20_000, id: "moraine-no-upload" });
  });
  Shiny.addCustomMessageHandler("moraine-fitting", ({ fitting }) => {
    const page = document.querySelector(".m-explore");
    if (page) page.dataset.fitting = String(fitting);
  });
});
