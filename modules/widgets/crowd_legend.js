// What the shades of a crowd mean, and how many lakes are in view.
class CrowdLegend {
  constructor(plot) {
    this.plot = plot;
    const made = (name, kind) => Object.assign(document.createElement(kind), { className: name });
    this.el = plot.el.appendChild(made("m-crowd-legend", "div"));
    this.el.classList.toggle("m-crowd-legend-map", Boolean(plot.isMap));
    this.seen = this.el.appendChild(made("m-crowd-seen", "div"));
    this.bars = this.el.appendChild(made("m-crowd-bars", "canvas"));
    this.ticks = this.el.appendChild(made("m-crowd-ticks", "div"));
    this.words = this.el.appendChild(made("m-crowd-words", "div"));
  }

  show({ said, mean }, picture) {
    const { lit, seen } = said, all = lit.toLocaleString("en");
    this.seen.textContent = seen === lit ? `${all} in view` : `${seen.toLocaleString("en")} of ${all} in view`;
    this.words.textContent = "lakes at one spot";
    for (const part of [this.bars, this.ticks, this.words]) part.hidden = Boolean(mean);
    this.el.setAttribute("aria-label", `${this.seen.textContent}. Shades from 1 to ${picture.most.toLocaleString("en")} lakes at one spot.`);
    if (!mean) this.scale(picture);
    this.place();
  }

  // In the lower left corner of the axes; of a map above what it says of its grid.
  place() {
    const { isMap, crowd, el } = this.plot;
    if (isMap) return;
    const { left, top, high } = crowd.scale();
    this.el.style.cssText = `left:${left + 4}px;bottom:${el.clientHeight - top - high + 3}px`;
  }

  // A strip for each class that is drawn, from one lake to the most, and the tens between.
  scale({ shades, spread, most }) {
    const drawn = [3, 2, 4, 1].filter((layer) => spread[layer]), strips = drawn.length ? drawn : [2];
    const { bars } = this, wide = SHADES;
    Object.assign(bars, { width: wide, height: strips.length });
    const pen = bars.getContext("2d");
    strips.forEach((layer, row) => shades[layer].forEach((colour, x) => {
      pen.fillStyle = cssOf(colour);
      pen.fillRect(x, row, 1, 1);
    }));
    bars.style.height = `${Math.max(8, 4 * strips.length)}px`;
    const tens = [];
    for (let count = 1; count <= most; count *= 10) tens.push(count);
    this.ticks.replaceChildren(...tens.map((count) => {
      const tick = Object.assign(document.createElement("span"), { textContent: count >= 1000 ? `${count / 1000}k` : String(count) });
      tick.style.left = `${(100 * Math.log(count)) / Math.log(most)}%`;
      return tick;
    }));
  }
}
