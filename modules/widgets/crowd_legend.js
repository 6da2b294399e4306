// What the shades of a crowd mean, and how many lakes are in view: one line below the axes, or in the corner of a map.
class CrowdLegend {
  constructor(plot) {
    const made = (name, kind = "span") => Object.assign(document.createElement(kind), { className: name });
    this.el = plot.el.appendChild(made("m-crowd-legend", "div"));
    this.el.classList.toggle("m-crowd-legend-map", Boolean(plot.isMap));
    this.el.setAttribute("role", "img");
    this.parts = ["m-crowd-least", "m-crowd-bars", "m-crowd-most", "m-crowd-seen"].map((name) => this.el.appendChild(made(name, name === "m-crowd-bars" ? "canvas" : "span")));
    this.parts[0].textContent = "1";
  }

  show({ said: { lit, seen }, mean }, picture) {
    const [least, bars, most, inView] = this.parts, all = lit.toLocaleString("en"), many = picture.most.toLocaleString("en");
    inView.textContent = seen === lit ? `${all} in view` : `${seen.toLocaleString("en")} of ${all} in view`;
    most.textContent = `${many} lakes at one spot`;
    for (const part of [least, bars, most]) part.hidden = Boolean(mean);
    this.el.setAttribute("aria-label", `${inView.textContent}. Shades from 1 to ${many} lakes at one spot, on a logarithm.`);
    if (!mean) this.scale(bars, picture);
  }

  // A strip for each class that is drawn, from one lake to the most, notched at the tens.
  scale(bars, { shades, spread, most }) {
    const drawn = [3, 2, 4, 1].filter((layer) => spread[layer]), strips = drawn.length ? drawn : [2], high = 3;
    Object.assign(bars, { width: SHADES, height: strips.length * high });
    const pen = bars.getContext("2d");
    strips.forEach((layer, row) => shades[layer].forEach((colour, x) => {
      pen.fillStyle = cssOf(colour);
      pen.fillRect(x, row * high, 1, high);
    }));
    for (let count = 10; count < most; count *= 10) pen.clearRect(Math.round((SHADES * Math.log(count)) / Math.log(most)) - 1, 0, 3, 1);
  }
}
