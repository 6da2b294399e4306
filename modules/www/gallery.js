// The gallery: draws the page of brushed observations that the server sends (texts and addresses only), rings the image in focus.
(() => {
  const root = () => document.querySelector(".m-gallery-body");
  const { element } = moraine;

  // What the server says in place of an image that it cannot draw.
  async function explain(image) {
    let why = "this image cannot be read; the server's log says why";
    try {
      const [said] = (await (await fetch(image.src)).text()).split("\n");
      if (said) why = said;
    } catch { /* the sentence above stays */ }
    image.replaceWith(element("span", { className: "m-shot-none", title: why }, why));
  }

  function shotOf(shot, lake) {
    const picture = shot.url
      ? element("img", { loading: "lazy", decoding: "async", width: 128, height: 128, alt: shot.alt, src: shot.url })
      : element("span", { className: "m-shot-none" }, shot.missing);
    if (shot.url) picture.addEventListener("error", () => explain(picture), { once: true });
    const lines = [element("span", { className: "m-shot-day" }, shot.day), element("span", { className: "m-shot-area" }, shot.area)];
    if (shot.reason) lines.push(element("span", { className: "m-shot-reason" }, shot.reason));
    const words = element("span", { className: "m-shot-words" }, ...lines);
    words.ariaHidden = shot.url ? "true" : null; // the image's text says all of it
    const button = element("button", { type: "button", className: "m-shot", title: `${shot.alt}: focus` }, picture, words);
    Object.assign(button.dataset, { lake, ...(shot.scene === null ? {} : { scene: shot.scene }) });
    return button;
  }

  function rowOf(lake, years) {
    const chip = element("span", { className: `m-chip m-${lake.meaning}`, ariaHidden: "true" });
    const name = element("button", { type: "button", className: "m-gallery-lake" }, lake.name);
    name.dataset.lake = lake.key;
    const head = element("th", { scope: "row" }, name, element("span", { className: "m-quiet" }, lake.beside), element("span", { className: "m-class" }, chip, lake.class));
    head.setAttribute("role", "rowheader");
    const cells = lake.years.map((shots) => {
      const cell = element("td", {}, ...shots.map((shot) => shotOf(shot, lake.key)));
      cell.setAttribute("role", "cell");
      cell.classList.toggle("m-gallery-blank", !shots.length);
      return cell;
    });
    const row = element("tr", {}, head, ...cells);
    row.setAttribute("role", "row");
    return row;
  }

  // Roles are named because the phone's layout takes the table's display away, and with it what a screen reader would know.
  function tableOf({ years, lakes }) {
    const heads = ["Lake", ...years].map((text) => {
      const head = element("th", { scope: "col" }, String(text));
      head.setAttribute("role", "columnheader");
      return head;
    });
    const first = element("tr", {}, ...heads);
    first.setAttribute("role", "row");
    const parts = [element("thead", {}, first), element("tbody", {}, ...lakes.map((lake) => rowOf(lake, years)))];
    for (const part of parts) part.setAttribute("role", "rowgroup");
    const table = element("table", { className: "m-gallery-table" }, ...parts);
    table.setAttribute("role", "table");
    table.style.setProperty("--years", years.length);
    return table;
  }

  function ring() {
    const at = moraine.evidence?.at;
    for (const shot of document.querySelectorAll(".m-shot")) {
      if (at !== null && at !== undefined && shot.dataset.scene === String(at)) shot.setAttribute("aria-current", "true");
      else shot.removeAttribute("aria-current");
    }
  }

  function draw(told) {
    const body = root();
    if (!body) return;
    const held = body.contains(document.activeElement) && document.activeElement.matches("[data-lake]") ? { ...document.activeElement.dataset } : null;
    body.dataset.any = body.closest(".m-explore").dataset.brushed = String(told.any);
    body.querySelector(".m-gallery-said").textContent = told.said;
    const hint = body.querySelector(".m-gallery-hint"), scroll = body.querySelector(".m-gallery-scroll");
    if (told.hint) hint.textContent = told.hint;
    hint.hidden = told.any;
    scroll.hidden = !told.lakes.length;
    scroll.replaceChildren(...(told.lakes.length ? [tableOf(told)] : []));
    const pages = body.querySelector(".m-gallery-pages");
    pages.hidden = told.pages < 2;
    pages.querySelector(".m-gallery-page").textContent = `page ${told.at + 1} of ${told.pages}`;
    const [back, on] = pages.querySelectorAll("button");
    back.disabled = told.at === 0;
    on.disabled = told.at === told.pages - 1;
    ring();
    if (held) scroll.querySelector(held.scene ? `.m-shot[data-scene="${held.scene}"]` : `[data-lake="${held.lake}"]`)?.focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".m-gallery-body [data-lake]");
    if (!button) return;
    const lake = Number(button.dataset.lake), scene = "scene" in button.dataset ? Number(button.dataset.scene) : null;
    // A date of the focus lake is shown at once; the server hears of it, too.
    if (scene !== null && moraine.evidence.scene(scene)) moraine.evidence.go(scene);
    else Shiny.setInputValue(root().dataset.pressed, { lake, scene }, { priority: "event" });
  });
  // A drag in the area series has begun: the images that it may end in are asked for meanwhile.
  let likely = [];
  const ahead = [];
  document.addEventListener("pointerdown", (event) => {
    const host = event.target.closest?.(".m-series .m-plot-host");
    if (!host || !["lasso", "select"].includes(host.morainePlot?.plot._fullLayout?.dragmode)) return;
    ahead.length = 0; // they are held until the next drag, or the browser might let them go
    for (const src of likely.splice(0)) ahead.push(Object.assign(new Image(), { fetchPriority: "low", src }));
  }, true);

  for (const name of ["moraine-at", "moraine-evidence"]) document.addEventListener(name, ring);
  document.addEventListener("DOMContentLoaded", () => {
    Shiny.addCustomMessageHandler("moraine-gallery", draw);
    Shiny.addCustomMessageHandler("moraine-gallery-likely", ({ urls }) => { likely = urls; });
  });
})();
