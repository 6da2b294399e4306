// The Lens page: whatever names a scene focuses it when it is pressed. The epoch lives here, so that scrubbing waits for no server.
moraine.lens = { epoch: null };
(() => {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-lens-scene]");
    const page = button?.closest(".m-lens");
    if (page) Shiny.setInputValue(page.dataset.lensFocus, Number(button.dataset.lensScene), { priority: "event" });
  });
})();
