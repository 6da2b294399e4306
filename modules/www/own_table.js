// A visitor's own table: files dropped anywhere open the dialog, the preview follows the answers, and the tab remembers the table.
(() => {
  const KEPT = "moraine-own-table"; // in this tab only
  const TYPES = () => document.querySelector(".m-own-open")?.dataset.ownTypes.split(" ") ?? [];

  // A frame of another site may be forbidden to keep anything: its tab forgets then, and all else goes on.
  function memory(use) {
    try {
      return use(sessionStorage);
    } catch {
      return null;
    }
  }
  const keep = (name, title) => memory((held) => held.setItem(KEPT, JSON.stringify({ name, title })));
  const forget = () => memory((held) => held.removeItem(KEPT));

  // Told by the server: a table to go to, or none any more.
  function go({ name, title }) {
    if (name) keep(name, title);
    else forget();
    if (name) moraine.open(name);
    else location.assign(location.pathname);
  }

  // While the table is there, the picker of this tab leads back to it.
  function remember() {
    const banner = document.querySelector(".m-own-banner"), picker = document.querySelector(".m-picker");
    if (banner) {
      keep(banner.dataset.ownName, banner.dataset.ownTitle);
      return;
    }
    const kept = memory((held) => JSON.parse(held.getItem(KEPT)));
    if (!kept || !picker) return;
    if (new URLSearchParams(location.search).get("data") === kept.name) forget(); // it is gone
    else picker.append(moraine.element("option", { value: kept.name, textContent: `${kept.title} (your own)` }));
  }

  // What the answers make of the columns is written over them.
  function mark(asked) {
    const chosen = (name) => asked.querySelector(`select[id$="-${name}"]`)?.value ?? "";
    asked.querySelector(".m-own-given").hidden = chosen("date") !== "given";
    for (const whole of asked.querySelectorAll(".m-own-whole")) {
      whole.textContent = whole.parentElement.querySelector("select").selectedOptions[0]?.textContent ?? "";
    }
    for (const head of asked.querySelectorAll(".m-own-preview th")) {
      const named = (answer) => answer.slice(answer.indexOf(":") + 1) === head.dataset.column && answer.includes(":");
      const role = named(chosen("date")) ? "date" : named(chosen("id")) ? "id" : head.dataset.role;
      head.querySelector(".m-own-role").textContent = role;
      head.toggleAttribute("data-asked", role === "date" || role === "id");
    }
  }

  const carried = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const takenElsewhere = (event) => event.target.closest?.(".shiny-input-container, [data-upload-most]");

  // The dialog may take a moment to come: its control takes the files once Shiny knows it.
  function hand(files, tries = 50) {
    const place = document.querySelector(".m-own-open"), input = document.getElementById(place.dataset.ownFile);
    if (!input?.classList.contains("shiny-bound-input")) {
      if (tries) setTimeout(() => hand(files, tries - 1), 100);
      return;
    }
    input.files = files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  document.addEventListener("dragover", (event) => {
    if (!carried(event) || takenElsewhere(event) || !TYPES().length) return;
    event.preventDefault(); // or the browser would leave the page for the file
    document.body.classList.add("m-own-dragged");
  });
  for (const end of ["dragleave", "drop", "dragend"]) {
    document.addEventListener(end, (event) => {
      if (end !== "dragleave" || !event.relatedTarget) document.body.classList.remove("m-own-dragged");
    });
  }
  document.addEventListener("drop", (event) => {
    if (!carried(event) || takenElsewhere(event) || !TYPES().length) return;
    event.preventDefault();
    const held = new DataTransfer();
    for (const file of event.dataTransfer.files) held.items.add(file);
    if (!held.files.length || document.querySelector(".modal.show:not(:has(.m-own-drop))")) return;
    if (!document.querySelector(".m-own-drop")) document.querySelector(".m-own-button").click();
    hand(held.files);
  });
  document.addEventListener("change", ({ target }) => {
    const asked = target.matches("select") ? target.closest(".m-own-asked") : null;
    if (asked) mark(asked);
  });
  document.addEventListener("DOMContentLoaded", () => {
    remember();
    Shiny.addCustomMessageHandler("moraine-own-table", go);
  });
})();
