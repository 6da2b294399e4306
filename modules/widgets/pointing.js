// What a pointer means: the lake nearest to it, and the polygon that a box or a lasso drew.
const DIMMED = 60; // square pixels: among near lakes, a lit one comes before one that is dimmed

function nearestRow(plot, left, top, reach) {
  let best = null, least = Infinity;
  const near = plot.isMap ? degreesNear(plot, left, top, reach) : () => true;
  for (let row = 0; row < plot.bits.length; row++) {
    if (!near(row)) continue;
    const [x, y] = plot.pixel(row);
    const square = (x - left) ** 2 + (y - top) ** 2;
    const cost = square + (plot.bits[row] & LIT ? 0 : DIMMED);
    if (square <= reach * reach && cost < least) [best, least] = [row, cost];
  }
  return best;
}

// Projecting 10,000 points takes a map 100 ms; comparing degrees takes none.
function degreesNear(plot, left, top, reach) {
  const { lon, lat } = plot.columns;
  const low = plot.map().unproject([left - reach, top + reach]), high = plot.map().unproject([left + reach, top - reach]);
  return (row) => lon[row] >= low.lng && lon[row] <= high.lng && lat[row] >= low.lat && lat[row] <= high.lat;
}

const corners = ([x0, x1], [y0, y1]) => [[x0, y0], [x1, y0], [x1, y1], [x0, y1]];

// [[x, y], ..] in the coordinates of the axes, null where nothing was drawn.
function polygonOf({ range, lassoPoints }, isMap) {
  if (isMap) {
    if (lassoPoints?.map) return lassoPoints.map;
    return range?.map ? corners([range.map[0][0], range.map[1][0]], [range.map[0][1], range.map[1][1]]) : null;
  }
  if (lassoPoints) return lassoPoints.x.map((x, i) => [x, lassoPoints.y[i]]);
  return range ? corners(range.x, range.y) : null;
}
