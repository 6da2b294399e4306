// The lake table: draws the page that the server sends (texts only), turns presses into inputs, and moves the focus row.
(() => {
  const CAPTION = "Lakes shown, one a row. Press a lake to focus it, tick it to brush it.";
  const rootOf = (node) => node.closest?.(".m-lake-table");
  const keyOf = (node) => Number(node.closest("tr").dataset.key);
  const send = (root, name, value) => Shiny.setInputValue(root.id.replace(/root$/, name), value, { priority: "event" });

  const { element } = moraine;

  const header = (column, page) => {
    const sorted = column.name === page.sort;
    const mark = sorted ? (page.descending ? " ▼" : " ▲") : "";
    const button = element("button", { type: "button" }, column.title, element("span", { ariaHidden: "true" }, mark));
    button.dataset.sort = column.name;
    const cell = element("th", { scope: "col", className: column.number ? "m-number" : "" }, button);
    if (sorted) cell.ariaSort = page.descending ? "descending" : "ascending";
    return cell;
  };

  const cell = (column, text, meaning) => {
    if (column.name !== "class") return element("td", { className: column.number ? "m-number" : "" }, text);
    const chip = element("span", { className: `m-chip m-${meaning}`, ariaHidden: "true" });
    return element("td", { className: "m-class" }, chip, text);
  };

  const row = (record, columns) => {
    const [label, ...others] = record.cells;
    const tick = element("input", { type: "checkbox", className: "m-tick", checked: record.ticked, ariaLabel: `Brush ${label}` });
    const lake = element("th", { scope: "row" }, element("button", { type: "button", className: "m-lake" }, label));
    if (record.beside) lake.append(" ", element("span", { className: "m-quiet" }, record.beside));
    const cells = others.map((text, place) => cell(columns[place + 1], text, record.meaning));
    const made = element("tr", {}, element("td", {}, tick), lake, ...cells);
    made.dataset.key = record.key;
    return made;
  };

  const tableOf = (page) => {
    const brushed = element("th", { scope: "col" }, element("span", { className: "visually-hidden" }, "Brushed"));
    return element(
      "table",
      { className: "m-lakes" },
      element("caption", { className: "visually-hidden" }, CAPTION),
      element("thead", {}, element("tr", {}, brushed, ...page.columns.map((column) => header(column, page)))),
      element("tbody", {}, ...page.rows.map((record) => row(record, page.columns))),
    );
  };

  const mark = (root) => {
    const line = moraine.markRow(root);
    if (line) moraine.revealRow(line.closest(".m-table-page"), line);
  };

  // A redrawn table takes the keyboard's place with it: the same button in the new one gets it back.
  const place = (box) => {
    const held = document.activeElement;
    if (!box.contains(held) || held === box) return null;
    if (held.dataset.sort) return `button[data-sort="${CSS.escape(held.dataset.sort)}"]`;
    return `tr[data-key="${held.closest("tr").dataset.key}"] .${held.classList[0]}`;
  };

  class TableBinding extends Shiny.OutputBinding {
    find(scope) { return $(scope).find(".m-table-page"); }
    renderValue(el, page) {
      if (!page) return;
      const held = place(el);
      el.replaceChildren(tableOf(page));
      mark(rootOf(el));
      if (held) el.querySelector(held)?.focus({ preventScroll: true });
    }
  }
  Shiny.outputBindings.register(new TableBinding(), "moraine.table");

  document.addEventListener("click", (event) => {
    const root = rootOf(event.target);
    if (!root) return;
    const sorting = event.target.closest("button[data-sort]");
    if (sorting) send(root, "sorted", sorting.dataset.sort);
    else if (event.target.closest("tbody tr") && !event.target.matches(".m-tick")) send(root, "picked", keyOf(event.target));
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches?.(".m-lake-table .m-tick")) {
      send(rootOf(event.target), "ticked", { key: keyOf(event.target), on: event.target.checked });
    }
  });

  document.addEventListener("DOMContentLoaded", () => {
    Shiny.addCustomMessageHandler("moraine-table-focus", ({ id, key }) => {
      const root = document.getElementById(id);
      root.dataset.focus = key ?? "";
      mark(root);
    });
  });
})();
