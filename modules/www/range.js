// A range with two handles and two number fields (see input_range in controls.py). Value: [low, high], or null for everything.
(() => {
  const STEPS = 1000;

  class Range {
    constructor(root) {
      this.root = root;
      const data = root.dataset;
      this.bounds = JSON.parse(data.bounds);
      this.step = JSON.parse(data.step);
      this.log = data.scale === "log";
      this.unit = data.unit;
      this.handles = [...root.querySelectorAll("input[type=range]")];
      this.fields = [...root.querySelectorAll("input[type=number]")];
      this.fields.forEach((field, end) => { [field.min, field.max] = this.bounds; field.onchange = () => this.typed(end); });
      this.handles.forEach((handle, end) => { handle.oninput = () => this.slid(end); });
      this.show(JSON.parse(data.value));
    }

    scale(value) { return this.log ? Math.log(value) : value; }

    position(value) {
      const [low, high] = this.bounds.map((bound) => this.scale(bound));
      return high > low ? Math.round(((this.scale(value) - low) / (high - low)) * STEPS) : 0;
    }

    at(position) {
      const [low, high] = this.bounds;
      if (position <= 0) return low;
      if (position >= STEPS) return high;
      const share = position / STEPS;
      if (this.log) return Number((low * (high / low) ** share).toPrecision(2));
      return Number((Math.round((low + share * (high - low)) / this.step) * this.step).toFixed(6));
    }

    get ends() { return this.value ?? this.bounds; }

    slid(end) {
      const ends = [...this.ends];
      ends[end] = this.at(Number(this.handles[end].value));
      this.take(ends, end);
    }

    typed(end) {
      const ends = [...this.ends];
      const given = this.fields[end].valueAsNumber;
      ends[end] = Number.isFinite(given) && !(this.log && given <= 0) ? given : this.bounds[end];
      this.take(ends, end);
    }

    // Where one end passes the other, the other gives way.
    take(ends, end) {
      if (ends[0] > ends[1]) ends[1 - end] = ends[end];
      const all = ends[0] <= this.bounds[0] && ends[1] >= this.bounds[1];
      this.show(all ? null : ends);
      this.root.dispatchEvent(new Event("m-range"));
    }

    show(value) {
      this.value = value;
      this.root.classList.toggle("m-active", value !== null);
      this.ends.forEach((bound, end) => {
        const text = String(Number(bound.toPrecision(6)));
        this.fields[end].value = text;
        this.handles[end].value = this.position(bound);
        this.handles[end].setAttribute("aria-valuetext", `${text} ${this.unit}`.trim());
      });
      const [low, high] = this.handles.map((handle) => Number(handle.value) / STEPS);
      this.root.style.setProperty("--low", low);
      this.root.style.setProperty("--high", high);
    }
  }

  class RangeBinding extends Shiny.InputBinding {
    find(scope) { return $(scope).find(".m-range"); }
    initialize(el) { el.range = new Range(el); }
    getValue(el) { return el.range.value; }
    subscribe(el, callback) { el.heard = () => callback(true); el.addEventListener("m-range", el.heard); }
    unsubscribe(el) { el.removeEventListener("m-range", el.heard); }
    receiveMessage(el, message) { el.range.show(message.value); el.dispatchEvent(new Event("m-range")); }
    getRatePolicy() { return { policy: "debounce", delay: 200 }; }
  }

  Shiny.inputBindings.register(new RangeBinding(), "moraine.range");
})();
