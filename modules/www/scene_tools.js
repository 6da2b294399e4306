// The scene's controls: dates, look, layers. What is chosen is drawn at once and told to the server a little later.
(() => {
  const LATER = 300; // ms without another change before the server is told
  const AT_ONCE = new Set(["fill", "opacity", "outlines", "relief"]); // drawn before the server has answered
  const COMPOSITES = { true: ["red", "green", "blue"], false: ["nir", "red", "green"] };
  const NEEDS = { false: COMPOSITES.false, ndwi: ["green", "nir"], mndwi: ["green", "swir1"] };
  const { words } = moraine.scene;

  class Tools {
    // `heard` is told which field of the look changed.
    constructor(card, heard) {
      const body = card.querySelector(".m-scene-body");
      this.input = body.dataset.input;
      this.known = JSON.parse(body.dataset.bands);
      this.card = card;
      this.heard = heard;
      this.local = {};
      this.out = {};
      this.layers = this.all("layer");
      this.one("look").onchange = ({ target }) => this.looked(target.value);
      for (const select of this.all("band")) select.onchange = () => this.change("bands", this.three().join("."));
      for (const box of this.layers) box.onchange = () => this.chosen(box);
      this.one("fill").onchange = ({ target }) => this.change("fill", target.checked);
      this.one("relief").onchange = ({ target }) => this.change("relief", target.checked);
      this.one("opacity").oninput = ({ target }) => this.change("opacity", Number(target.value) / 100);
      for (const radio of this.all("outlines")) radio.onchange = () => this.change("outlines", radio.value);
      for (const [name, before] of [["at", false], ["before", true]]) this.one(name).onchange = ({ target }) => moraine.evidence.go(Number(target.value), { before });
      for (const step of this.all("step")) step.onclick = () => moraine.evidence.go(moraine.evidence.beside(Number(step.value)));
      for (const name of ["segment", "edit"]) this.one(name).onclick = () => this.segment(name);
      this.popover();
    }

    segment(name) {
      this.presses = (this.presses ?? 0) + 1;
      Shiny.setInputValue(this.input.replace(/look$/, "segment"), [name, this.presses], { priority: "event" });
    }

    one(name) { return this.card.querySelector(`[data-scene="${name}"]`); }

    all(name) { return [...this.card.querySelectorAll(`[data-scene="${name}"]`)]; }

    get look() { return { ...moraine.evidence.look, ...this.local }; }

    three() { return this.all("band").map((select) => select.value); }

    looked(value) {
      const three = value === "bands";
      this.one("bands").hidden = !three;
      if (!three) return this.change("bands", value);
      // They begin as those of the look before.
      const from = COMPOSITES[this.asked ?? this.look.bands];
      if (from?.every((band) => this.known.includes(band))) this.all("band").forEach((select, place) => { select.value = from[place]; });
      this.panel.showPopover();
      this.all("band")[0].focus();
      return this.change("bands", this.three().join("."));
    }

    // Two masks at most: a third takes the place of the one chosen first.
    chosen(box) {
      const rest = this.shown.filter((source) => source !== box.value);
      this.shown = box.checked ? [...rest, box.value].slice(-2) : rest;
      this.change("layers", this.shown);
    }

    change(name, value) {
      this.out[name] = value;
      if (name === "bands") this.asked = value;
      if (AT_ONCE.has(name)) this.local[name] = value;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => {
        Shiny.setInputValue(this.input, this.out, { priority: "event" });
        this.out = {};
      }, AT_ONCE.has(name) ? LATER : 0);
      this.heard(name);
    }

    // The controls show what holds now; what the person has just changed stays until the server says the same.
    sync() {
      const { evidence } = moraine;
      for (const [name, value] of Object.entries(this.local)) if (evidence.look[name] === value) delete this.local[name];
      const { look } = this;
      if (this.asked === look.bands) this.asked = null;
      const three = look.bands?.includes(".");
      if (!this.asked) this.one("look").value = three ? "bands" : (look.bands ?? "true");
      if (!this.asked) this.one("bands").hidden = !three;
      if (three && !this.asked) look.bands.split(".").forEach((band, place) => { this.all("band")[place].value = band; });
      if (!("layers" in this.out)) this.shown = [...evidence.layers];
      for (const box of this.layers) box.checked = this.shown.includes(box.value);
      this.one("fill").checked = Boolean(look.fill);
      this.one("relief").checked = Boolean(look.relief);
      this.one("opacity").value = Math.round((look.opacity ?? 0) * 100);
      this.one("opacity").disabled = !look.fill;
      this.one("opacity-said").textContent = `${this.one("opacity").value} %`;
      for (const radio of this.all("outlines")) radio.checked = radio.value === look.outlines;
      this.dates();
    }

    dates() {
      const { scenes, at, before, lost } = moraine.evidence;
      const made = JSON.stringify([lost, ...scenes.map(({ key, ready }) => [key, ready])]);
      for (const [name, key] of [["at", at], ["before", before]]) {
        const select = this.one(name);
        if (select.made !== made) select.replaceChildren(...words.options(scenes, key));
        select.made = made;
        select.value = String(key);
        select.disabled = !scenes.length;
      }
      for (const step of this.all("step")) step.disabled = scenes.length < 2;
      for (const name of ["segment", "edit"]) this.one(name).disabled = !scenes.length;
    }

    // What this date has no bands for cannot be chosen.
    offer(scene, bands) {
      for (const option of this.one("look").options) {
        const needs = NEEDS[option.value] ?? [];
        option.disabled = option.value === "relief" ? !scene.relief : option.value === "bands" ? bands.filter((band) => this.known.includes(band)).length < 2
          : !needs.every((band) => bands.includes(band)) && !bands.includes(option.value);
        if (option.value === "true") option.disabled = false;
      }
      for (const option of this.all("band").flatMap((select) => [...select.options])) option.disabled = bands.length > 0 && !bands.includes(option.value);
      this.one("relief").disabled = !scene.relief;
    }

    popover() {
      const button = this.one("layers");
      this.panel = document.getElementById(button.getAttribute("popovertarget"));
      this.panel.addEventListener("toggle", ({ newState }) => {
        button.setAttribute("aria-expanded", String(newState === "open"));
        if (newState !== "open") return;
        const place = button.getBoundingClientRect(), { offsetWidth: width, offsetHeight: height } = this.panel;
        const below = place.bottom + 4 + height <= innerHeight;
        this.panel.style.left = `${Math.max(8, Math.min(place.left, innerWidth - width - 8))}px`;
        this.panel.style.top = `${Math.max(8, below ? place.bottom + 4 : place.top - height - 4)}px`;
      });
      addEventListener("scroll", () => { if (this.panel.matches(":popover-open")) this.panel.hidePopover(); }, { passive: true });
    }
  }

  moraine.scene.Tools = Tools;
})();
