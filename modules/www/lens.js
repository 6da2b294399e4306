// The Lens page. The epoch and the scene in focus live here: what can follow them does so at once, without the server, which is told when
// they rest. Events on the document: "moraine-lens-epoch" ({epoch, index}), "moraine-lens-scene" (the scene in focus, or those selected).
moraine.lens = {
  run: "", // whose lens
  epochs: [], // its epochs, ascending
  index: 0, // which of them is shown
  scene: null, // key of the scene in focus
  selected: [], // keys of scenes that a brush chose
  words: [], // what there is to say of each epoch
  get epoch() {
    return this.epochs[this.index] ?? null;
  },
};
(() => {
  const { lens } = moraine;
  const REST = 250; // ms without another epoch after which the server is told
  const LONGEST = 1000; // ms for which it is left behind while epochs play
  const LATEST = 3000; // ms after which no answer to what was sent is awaited
  let page = null, timer = 0;
  let since = 0, last = 0; // since when the server is behind, and when it was last told
  let known = null; // the epoch as the server has it
  const sent = []; // epochs whose answer has not come

  const share = () => (lens.epochs.length > 1 ? lens.index / (lens.epochs.length - 1) : 0);

  function show() {
    follow();
    document.dispatchEvent(new CustomEvent("moraine-lens-epoch", { detail: { epoch: lens.epoch, index: lens.index } }));
  }

  lens.go = (index, { tell = true } = {}) => {
    const next = Math.min(Math.max(index, 0), lens.epochs.length - 1);
    if (!lens.epochs.length || next === lens.index) return;
    lens.index = next;
    show();
    if (tell) tellLater();
  };
  lens.step = (by) => lens.go(lens.index + by);
  lens.look = (scene) => {
    if (scene === lens.scene) return;
    lens.scene = scene;
    mark();
    document.dispatchEvent(new CustomEvent("moraine-lens-scene"));
  };

  function tellLater() {
    clearTimeout(timer);
    if (!timer) since = performance.now();
    timer = setTimeout(tellNow, performance.now() - since > LONGEST ? 0 : REST);
  }

  function tellNow() {
    timer = 0;
    if (lens.epoch === known) return;
    known = lens.epoch;
    sent.push(known);
    last = performance.now();
    Shiny.setInputValue(page.dataset.lensEpoch, known, { priority: "event" });
  }

  // Into the text node that is there: another one would have the browser look through the whole page for rules with :has.
  lens.write = (place, text) => {
    if (!place.firstChild) place.append(text);
    else if (place.firstChild.nodeValue !== text) place.firstChild.nodeValue = text;
  };

  // What the page holds of all epochs: pictures of which a part is seen (lens.css), texts (data-lens-values: one for each epoch), and strips.
  // Each element by itself: a property that all inherit would have the browser work out the style of thousands.
  const texts = new WeakMap();
  function follow() {
    const at = String(share());
    for (const picture of page.getElementsByClassName("m-follow")) picture.style.setProperty("--m-lens-at", at);
    for (const place of page.querySelectorAll("[data-lens-values]")) {
      if (!texts.has(place)) texts.set(place, JSON.parse(place.dataset.lensValues));
      lens.write(place, texts.get(place)[lens.index] ?? "");
    }
    for (const frame of page.querySelectorAll("[data-lens-go]")) {
      const now = Number(frame.dataset.lensGo) === lens.index;
      if (now !== frame.hasAttribute("aria-current")) frame.toggleAttribute("aria-current", now);
      if (now) reveal(frame);
    }
  }

  // A strip that is wider than its place scrolls along, and nothing else does.
  function reveal(frame) {
    const strip = frame.parentElement;
    if (strip.scrollWidth <= strip.clientWidth) return;
    const left = frame.offsetLeft - strip.offsetLeft;
    if (left < strip.scrollLeft) strip.scrollLeft = left;
    else if (left + frame.offsetWidth > strip.scrollLeft + strip.clientWidth) strip.scrollLeft = left + frame.offsetWidth - strip.clientWidth;
  }

  function mark() {
    for (const button of page.querySelectorAll("[data-lens-scene]")) button.setAttribute("aria-pressed", String(Number(button.dataset.lensScene) === lens.scene));
  }

  // What the server says: {run, epochs, epoch, scene, selected, words}. Its epoch is news only where it is not the one that it had before, nor
  // one that was sent from here, nor older than that: whoever scrubs on while an answer is under way is not thrown back.
  function hear(said) {
    const anew = said.run !== lens.run || said.epochs.join() !== lens.epochs.join();
    if (anew || performance.now() - last > LATEST) sent.length = 0;
    const waiting = sent.length > 0;
    sent.splice(0, sent.indexOf(said.epoch) + 1);
    const { run, epochs, selected, words } = said;
    Object.assign(lens, { run, epochs, selected, words });
    if (anew || (!waiting && said.epoch !== known)) {
      clearTimeout(timer);
      timer = 0;
      known = said.epoch;
      lens.index = Math.max(0, epochs.indexOf(said.epoch));
    }
    lens.scene = said.scene;
    document.dispatchEvent(new CustomEvent("moraine-lens-told", { detail: { anew } }));
    mark();
    show();
    document.dispatchEvent(new CustomEvent("moraine-lens-scene"));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-lens-scene], [data-lens-go]");
    if (!button || !page?.contains(button)) return;
    if ("lensGo" in button.dataset) return lens.go(Number(button.dataset.lensGo));
    lens.look(Number(button.dataset.lensScene));
    Shiny.setInputValue(page.dataset.lensFocus, Number(button.dataset.lensScene), { priority: "event" });
  });

  document.addEventListener("DOMContentLoaded", () => {
    page = document.querySelector(".m-lens");
    if (!page) return;
    Shiny.addCustomMessageHandler("moraine-lens", hear);
    // What the server brings is drawn at the epoch in force before it is painted; what plots draw is theirs.
    new MutationObserver((changes) => {
      if (changes.every(({ target }) => target.closest?.(".m-plot-host"))) return;
      follow();
      mark();
    }).observe(page, { childList: true, subtree: true });
  });
})();
