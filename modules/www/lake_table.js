// The lake table: presses become inputs, the focus row moves without drawing the table again.
(() => {
  const rootOf = (node) => node.closest?.(".m-lake-table");
  const send = (root, name, value) =>
    Shiny.setInputValue(root.id.replace(/root$/, name), value, { priority: "event" });
  const keyOf = (node) => Number(node.closest("tr").dataset.key);

  document.addEventListener("click", (event) => {
    const root = rootOf(event.target);
    if (!root) return;
    const header = event.target.closest("button[data-sort]");
    if (header) return send(root, "sorted", header.dataset.sort);
    if (event.target.closest("tbody tr") && !event.target.matches(".m-tick")) send(root, "picked", keyOf(event.target));
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches?.(".m-lake-table .m-tick")) {
      send(rootOf(event.target), "ticked", { key: keyOf(event.target), on: event.target.checked });
    }
  });

  const scrollTo = (row) => {
    const box = row.closest(".m-table-scroll");
    const head = box.querySelector("thead").offsetHeight;
    const [top, bottom] = [row.offsetTop - head, row.offsetTop + row.offsetHeight];
    if (top < box.scrollTop) box.scrollTop = top;
    else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
  };

  const mark = (root) => {
    for (const row of root.querySelectorAll("tr[aria-current]")) row.removeAttribute("aria-current");
    const row = root.querySelector(`tr[data-key="${root.dataset.focus}"]`);
    row?.setAttribute("aria-current", "true");
    if (row) scrollTo(row);
  };

  // A redrawn table takes the keyboard's place with it: the same button in the new one gets it back.
  const place = (node) => {
    const row = node.closest("tr[data-key]");
    if (node.dataset.sort) return `button[data-sort="${CSS.escape(node.dataset.sort)}"]`;
    return row ? `tr[data-key="${row.dataset.key}"] .${node.classList[0]}` : null;
  };

  const watch = (root) => {
    let held = null;
    root.addEventListener("focusin", (event) => { held = place(event.target); });
    new MutationObserver(() => {
      if (held && document.activeElement === document.body) root.querySelector(held)?.focus({ preventScroll: true });
      mark(root);
    }).observe(root.querySelector(".shiny-html-output"), { childList: true });
  };

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll(".m-lake-table").forEach(watch);
    Shiny.addCustomMessageHandler("moraine-table-focus", ({ id, key }) => {
      const root = document.getElementById(id);
      root.dataset.focus = key ?? "";
      mark(root);
    });
  });
})();
