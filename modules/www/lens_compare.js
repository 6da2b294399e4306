// The grid of pairs of layers: arrow keys walk it, Enter or a press chooses, and what lies under the pointer (or the walk) is told of.
(() => {
  const gridOf = (element) => element?.closest?.(".m-lens-compare");
  const squares = (root) => [...root.querySelectorAll(".m-alike-cell")];
  const cellOf = (button) => [button.dataset.first, button.dataset.second];
  let telling = null;

  function mark(root, first, second) {
    for (const button of squares(root)) {
      const on = button.dataset.first === first && button.dataset.second === second;
      button.setAttribute("aria-pressed", String(on));
      button.tabIndex = on ? 0 : -1;
    }
  }

  // The server works out an interval for what is told of: only once the pointer rests.
  function tell(root, cell) {
    clearTimeout(telling);
    telling = setTimeout(() => Shiny.setInputValue(root.dataset.pointed, cell ?? []), cell ? 120 : 300);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".m-alike-cell"), root = gridOf(button);
    if (!root) return;
    mark(root, ...cellOf(button));
    Shiny.setInputValue(root.dataset.chosen, cellOf(button), { priority: "event" });
  });
  for (const name of ["pointerover", "focusin"]) {
    document.addEventListener(name, (event) => {
      const button = event.target.closest?.(".m-alike-cell"), root = gridOf(button);
      if (root && event.pointerType !== "touch") tell(root, cellOf(button));
    });
  }
  for (const name of ["pointerout", "focusout"]) {
    document.addEventListener(name, (event) => {
      const root = gridOf(event.target.closest?.(".m-alike-cell"));
      if (root && !event.relatedTarget?.closest?.(".m-alike-cell")) tell(root, null);
    });
  }

  const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0], Home: [0, -Infinity], End: [0, Infinity] };
  document.addEventListener("keydown", (event) => {
    const button = event.target.closest?.(".m-alike-cell"), root = gridOf(button), step = STEPS[event.key];
    if (!root || !step) return;
    event.preventDefault();
    const rows = [...root.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll(".m-alike-cell")]);
    const row = rows.findIndex((cells) => cells.includes(button)), column = rows[row].indexOf(button);
    const within = (at, size) => Math.min(Math.max(at, 0), size - 1);
    const next = rows[within(row + step[0], rows.length)][within(column + step[1], rows[0].length)];
    for (const each of squares(root)) each.tabIndex = each === next ? 0 : -1;
    next.focus();
  });

  document.addEventListener("DOMContentLoaded", () => {
    Shiny.addCustomMessageHandler("moraine-differ", ({ id, key }) => {
      for (const tile of document.querySelectorAll(`#${id} [data-lens-scene]`)) tile.setAttribute("aria-pressed", String(tile.dataset.lensScene === key));
    });
    Shiny.addCustomMessageHandler("moraine-alike", ({ id, first, second }) => {
      const root = document.getElementById(id);
      if (root) mark(root, first, second);
    });
  });
})();
