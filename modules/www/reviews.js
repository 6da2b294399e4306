// The card Reviews: which verdicts are pressed, its keys, and the name that was typed last.
(() => {
  const KEYS = { g: "good", b: "bad", u: "unsure" };
  const NAME = "moraine-reviewer";
  const body = () => document.querySelector(".m-reviews-body");
  const button = (verdict) => body()?.querySelector(`[data-verdict="${verdict}"]`);

  function remembered(value) {
    try {
      if (value === undefined) return localStorage.getItem(NAME) ?? "";
      localStorage.setItem(NAME, value);
    } catch { /* storage may be forbidden: the name is then typed at each visit */ }
    return "";
  }

  // Once a press, however long it lasts. Only where a picture of the lake, its dates or this card has the focus, and never while something is typed.
  document.addEventListener("keydown", (event) => {
    const verdict = KEYS[event.key];
    if (!verdict || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    if (!event.target.closest?.(".m-scene, .m-filmstrip-body, .m-reviews-body") || event.target.closest("input, textarea, select, [contenteditable]")) return;
    const pressed = button(verdict);
    if (!pressed || pressed.disabled || body().dataset.mode === "off") return;
    event.preventDefault();
    pressed.click();
  });

  document.addEventListener("change", (event) => {
    if (event.target.closest?.(".m-review-words") && event.target.type === "text") remembered(event.target.value);
  });

  $(document).on("shiny:value", (event) => {
    if (!event.name.endsWith("-signed")) return;
    setTimeout(() => {
      const field = body()?.querySelector(".m-review-words input[type=text]");
      if (!field || field.value || !remembered()) return;
      field.value = remembered();
      $(field).trigger("change");
    });
  });

  document.addEventListener("DOMContentLoaded", () => {
    Shiny.addCustomMessageHandler("moraine-reviews", ({ id, mode, pressed = [], focus = false, mask = false }) => {
      const root = document.getElementById(id);
      if (!root) return;
      root.dataset.mode = mode;
      for (const each of root.querySelectorAll("[data-verdict]")) each.setAttribute("aria-pressed", String(pressed.includes(each.dataset.verdict)));
      for (const set of root.querySelectorAll("[data-reviews]")) set.disabled = set.dataset.reviews === "mask" ? !mask : !focus;
    });
  });
})();
