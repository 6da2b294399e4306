// Labels beside points, placed in pixels: the first ones first, each where it covers no earlier one, or not at all.
const LABEL_SIZE = 10;
const letters = document.createElement("canvas").getContext("2d");
const SIDES = [["center", "bottom"], ["left", "middle"], ["right", "middle"], ["center", "top"]];
const SHARE = { left: 0, center: -0.5, right: -1, top: 0, middle: -0.5, bottom: -1 };
const plainText = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"); // annotations read tags

const apart = (a, b) => a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top;
const within = (a, area) => a.left >= area.left && a.right <= area.right && a.top >= area.top && a.bottom <= area.bottom;

// labels: [{text, at: [x, y] on the axes, pixel: [x, y], gap, strong}]; area: {left, right, top, bottom} in pixels. Returns annotations.
function placedLabels(labels, area, font) {
  const taken = [], notes = [];
  for (const { text, at, pixel, gap, strong } of labels) {
    letters.font = `${strong ? "bold" : ""} ${LABEL_SIZE}px ${font.family}`;
    const wide = letters.measureText(text).width, high = LABEL_SIZE * 1.2;
    for (const [xanchor, yanchor] of SIDES) {
      const xshift = gap * (2 * SHARE[xanchor] + 1), yshift = -gap * (2 * SHARE[yanchor] + 1); // up is positive for plotly
      const left = pixel[0] + xshift + wide * SHARE[xanchor], top = pixel[1] - yshift + high * SHARE[yanchor];
      const box = { left, top, right: left + wide, bottom: top + high };
      if (!within(box, area) || !taken.every((other) => apart(box, other))) continue;
      taken.push(box);
      notes.push({ x: at[0], y: at[1], text: strong ? `<b>${plainText(text)}</b>` : plainText(text), xanchor, yanchor, xshift, yshift, showarrow: false, captureevents: false, font: { ...font, size: LABEL_SIZE } });
      break;
    }
  }
  return notes;
}
