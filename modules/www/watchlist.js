// The watch-list: draws the list that the server sends (texts only), turns presses and arrow keys into inputs, moves the focus row.
(() => {
  const CAPTION = "Lakes to look at first, one a row. Press a lake to focus it; arrow keys move the focus.";
  const rootOf = (node) => node.closest?.(".m-watch-view");
  const send = (root, key) => Shiny.setInputValue(root.id.replace(/root$/, "picked"), key, { priority: "event" });

  const { element } = moraine;

  const swatch = (place, of) => {
    const made = element("span", { className: "m-watch-swatch", ariaHidden: "true" });
    made.style.setProperty("--part", of > 1 ? place / (of - 1) : 0);
    return made;
  };

  const bar = (record, titles) => {
    const made = element("span", { className: "m-watch-bar", role: "img" });
    made.ariaLabel = titles.map((title, n) => `${title} ${record.parts[n] ?? "missing"}`).join(", ");
    record.parts.forEach((part, n) => {
      if (!part) return;
      const piece = swatch(n, record.parts.length);
      piece.style.width = `${part * 100}%`;
      piece.title = `${titles[n]}: ${part}`;
      made.append(piece);
    });
    return made;
  };

  const heading = (column, parts) => {
    const unit = column.unit ? element("span", { className: "m-watch-unit" }, column.unit) : "";
    const mark = column.part >= 0 ? swatch(column.part, parts) : "";
    return element("th", { scope: "col", className: "m-number" }, mark, column.title, unit);
  };

  const row = (record, columns) => {
    const lake = element("th", { scope: "row" }, element("button", { type: "button", className: "m-lake" }, record.label));
    if (record.beside) lake.append(" ", element("span", { className: "m-quiet" }, record.beside));
    const titles = columns.filter((column) => column.part >= 0).map((column) => column.title);
    const score = element("td", { className: "m-watch-score" }, element("span", { className: "m-number" }, record.score), bar(record, titles));
    if (record.known) score.append(element("span", { className: "m-quiet" }, record.known));
    const chip = element("span", { className: `m-chip m-${record.meaning}`, ariaHidden: "true" });
    const cells = record.cells.map((text) => element("td", { className: "m-number" }, text));
    const made = element(
      "tr", {}, element("td", { className: "m-number" }, record.rank), lake, score, element("td", {}, record.likely), ...cells,
      element("td", { className: "m-number" }, record.seen), element("td", { className: "m-number" }, record.volume),
      element("td", { className: "m-watch-verdict" }, chip, record.verdict),
    );
    made.dataset.key = record.key;
    return made;
  };

  const plain = (title, unit = "", number = true) =>
    element("th", { scope: "col", className: number ? "m-number" : "" }, title, unit ? element("span", { className: "m-watch-unit" }, unit) : "");

  const tableOf = (list) => {
    const parts = list.rows[0]?.parts.length ?? 0;
    const heads = [
      plain("Place"), plain("Lake", "", false), plain("Score and what it is made of", "", false), plain("Most likely", "", false),
      ...list.columns.map((column) => heading(column, parts)),
      plain("Last clear date"), plain("Volume", "10⁶ m³, range"), plain("What the test says", "", false),
    ];
    return element(
      "table", { className: "m-lakes m-watch-table" },
      element("caption", { className: "visually-hidden" }, CAPTION),
      element("thead", {}, element("tr", {}, ...heads)),
      element("tbody", {}, ...list.rows.map((record) => row(record, list.columns))),
    );
  };

  const reveal = (line) => moraine.revealRow(line.closest(".m-watch-list"), line);

  class ListBinding extends Shiny.OutputBinding {
    find(scope) { return $(scope).find(".m-watch-list"); }
    renderValue(el, list) {
      if (!list) return;
      const held = el.contains(document.activeElement) && document.activeElement.closest("tr")?.dataset.key;
      el.replaceChildren(list.rows.length ? tableOf(list) : element("p", { className: "m-empty" }, "No lake can be ranked: give a component some weight."));
      moraine.markRow(rootOf(el));
      if (held) el.querySelector(`tr[data-key="${held}"] .m-lake`)?.focus({ preventScroll: true });
    }
  }
  Shiny.outputBindings.register(new ListBinding(), "moraine.watchlist");

  document.addEventListener("click", (event) => {
    const line = event.target.closest?.(".m-watch-table tbody tr");
    if (line) send(rootOf(line), Number(line.dataset.key));
    const named = event.target.closest?.("[data-picks] .m-lake"); // a lake in any other table of the page
    const input = named?.closest("[data-picks]").dataset.picks;
    if (input) Shiny.setInputValue(input, Number(named.closest("tr").dataset.key), { priority: "event" });
  });

  const STEPS = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  document.addEventListener("keydown", (event) => {
    const box = event.target.closest?.(".m-watch-list");
    if (!box || !(event.key in STEPS) || event.ctrlKey || event.altKey || event.metaKey) return;
    const lines = [...box.querySelectorAll("tbody tr")];
    if (!lines.length) return;
    event.preventDefault();
    const from = event.target.closest("tr") ?? box.querySelector("tr[aria-current]");
    const at = lines.indexOf(from) + STEPS[event.key];
    const line = lines[Math.max(0, Math.min(lines.length - 1, at))];
    line.querySelector(".m-lake").focus({ preventScroll: true });
    reveal(line);
    send(rootOf(box), Number(line.dataset.key));
  });

  document.addEventListener("DOMContentLoaded", () => {
    Shiny.addCustomMessageHandler("moraine-watch-focus", ({ id, key }) => {
      const root = document.getElementById(id);
      if (!root) return;
      root.dataset.focus = key ?? "";
      const line = moraine.markRow(root);
      if (line && root.offsetParent) reveal(line);
    });
  });
})();
