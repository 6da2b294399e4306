// Mouse, touch and keys on the pictures. `act` is told what to do: pan, zoom, to, home, step, each in CSS px or scene px.
(() => {
  const STEP = 0.12; // of what is seen, for an arrow key
  const FACTOR = 1.25;
  const DOUBLE = 2;

  const at = (canvas, point) => {
    const box = canvas.getBoundingClientRect();
    return [point.clientX - box.left, point.clientY - box.top];
  };

  // Dragging with mouse or pen; fingers are taken care of by `touch`, so that the page still scrolls.
  function drag(canvas, { start, move }) {
    canvas.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "touch" || event.button !== 0) return;
      canvas.focus({ preventScroll: true });
      start(...at(canvas, event));
      canvas.setPointerCapture(event.pointerId);
      let [x, y] = [event.clientX, event.clientY];
      const moved = (next) => { move(next.clientX - x, next.clientY - y); [x, y] = [next.clientX, next.clientY]; };
      canvas.addEventListener("pointermove", moved);
      const done = () => canvas.removeEventListener("pointermove", moved);
      canvas.addEventListener("pointerup", done, { once: true });
      canvas.addEventListener("pointercancel", done, { once: true });
    });
  }

  // Two fingers always move and zoom; one does where `armed`. Anything else stays with the page.
  function touch(canvas, { armed, start, move, zoom }) {
    let held = null;
    const read = (event) => {
      const points = [...event.touches].slice(0, 2).map((finger) => at(canvas, finger));
      const middle = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
      return { count: points.length, middle, apart: points.length > 1 ? Math.hypot(points[0][0] - points[1][0], points[0][1] - points[1][1]) : 0 };
    };
    const take = (event) => {
      if (!event.touches.length || (event.touches.length < 2 && !armed())) { held = null; return; }
      held = read(event);
      start(...held.middle);
      event.preventDefault();
    };
    canvas.addEventListener("touchstart", take, { passive: false });
    canvas.addEventListener("touchmove", (event) => {
      if (!held) return;
      event.preventDefault();
      const now = read(event);
      if (now.count === held.count) {
        move(now.middle[0] - held.middle[0], now.middle[1] - held.middle[1]);
        if (now.apart && held.apart) zoom(now.apart / held.apart, ...now.middle);
      }
      held = now;
    }, { passive: false });
    for (const name of ["touchend", "touchcancel"]) canvas.addEventListener(name, (event) => { held = event.touches.length ? read(event) : null; if (held && held.count < 2 && !armed()) held = null; });
  }

  // The wheel zooms with Ctrl (as a pinch on a trackpad sends it) or once the picture has been clicked; else the page scrolls.
  function wheel(canvas, { zoom, hint }) {
    canvas.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey && document.activeElement !== canvas) return hint();
      const factor = Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002) * (event.deltaMode ? 20 : 1));
      if (zoom(factor, ...at(canvas, event)) || event.ctrlKey) event.preventDefault();
    }, { passive: false });
  }

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  function keys(canvas, act) {
    canvas.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const arrow = ARROWS[event.key];
      if (arrow) act.share(arrow[0] * STEP, arrow[1] * STEP);
      else if (event.key === "+" || event.key === "=") act.zoom(FACTOR);
      else if (event.key === "-" || event.key === "_") act.zoom(1 / FACTOR);
      else if (event.key === "0") act.home();
      else if (event.key === "[" || event.key === ",") act.step(-1);
      else if (event.key === "]" || event.key === ".") act.step(1);
      else return;
      event.preventDefault();
    });
  }

  // The detail moves under the hand; in the context the hand moves the rectangle.
  function hold({ detail, context, act, armed }) {
    const zoom = (factor, x, y) => act.zoom(factor, x, y);
    drag(detail, { start() {}, move: (dx, dy) => act.pan(-dx, -dy) });
    touch(detail, { armed, start() {}, move: (dx, dy) => act.pan(-dx, -dy), zoom });
    wheel(detail, { zoom, hint: act.hint });
    detail.addEventListener("dblclick", (event) => act.zoom(DOUBLE, ...at(detail, event)));
    drag(context, { start: act.grab, move: act.drag });
    touch(context, { armed, start: act.grab, move: act.drag, zoom: (factor) => act.zoom(factor) });
    context.addEventListener("click", (event) => { if (event.pointerType === "touch") act.grab(...at(context, event)); });
    wheel(context, { zoom: (factor) => act.zoom(factor), hint: act.hint });
    for (const canvas of [detail, context]) keys(canvas, act);
  }

  // A handle that a slider's keys and any pointer move; `set` takes shares from 0 to 1.
  function handle(grip, { get, set, room }) {
    const to = (event) => set((event.clientX - room().left) / room().width);
    grip.addEventListener("pointerdown", (event) => {
      grip.setPointerCapture(event.pointerId);
      grip.addEventListener("pointermove", to);
      grip.addEventListener("lostpointercapture", () => grip.removeEventListener("pointermove", to), { once: true });
    });
    grip.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -0.05, ArrowDown: -0.05, ArrowRight: 0.05, ArrowUp: 0.05, PageDown: -0.2, PageUp: 0.2 }[event.key];
      if (by) set(get() + by);
      else if (event.key === "Home") set(0);
      else if (event.key === "End") set(1);
      else return;
      event.preventDefault();
    });
  }

  Object.assign(moraine.scene, { hands: { hold, handle } });
})();
