// The Predictions page: a pressed scene is told to the server, which opens it on Explore; a picture that cannot be had says why.
(() => {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-judged-scene]");
    const page = button?.closest(".m-predictions");
    if (page) Shiny.setInputValue(page.dataset.pressed, Number(button.dataset.judgedScene), { priority: "event" });
  });

  document.addEventListener("error", async ({ target }) => {
    if (!target.matches?.("img.m-judged")) return;
    if (!target.alt) return target.remove(); // what lies over an image: the image below says why
    let why = "this image cannot be read; the server's log says why";
    try {
      const [said] = (await (await fetch(target.src)).text()).split("\n");
      if (said) why = said;
    } catch { /* the sentence above stays */ }
    target.replaceWith(Object.assign(document.createElement("span"), { className: "m-shot-none", title: why, textContent: why }));
  }, true);
})();
