// The browser's end of the plots. shinywidgets' own client can show any widget of Jupyter: 3.9 MB of JavaScript, a third of a first visit, and
// evaluated from strings. Moraine has one kind, so this speaks shinywidgets' messages (0.8) for it and for nothing else.
const models = new Map();

// A plot's traits, as ./plot.js knows them: get, set, save_changes, and on and off of `change:<trait>`.
class Model {
  constructor(id, state) {
    this.id = id;
    this.state = state;
    this.unsaved = new Set();
    this.heard = new EventTarget();
  }

  get(name) {
    return this.state[name];
  }

  set(name, value) {
    if (this.state[name] === value) return;
    this.unsaved.add(name);
    this.take({ [name]: value });
  }

  // All of them before anyone is told of one.
  take(traits) {
    Object.assign(this.state, traits);
    for (const name of Object.keys(traits)) this.heard.dispatchEvent(new Event(`change:${name}`));
  }

  on(event, told) {
    this.heard.addEventListener(event, told);
  }

  off(event, told) {
    this.heard.removeEventListener(event, told);
  }

  save_changes() {
    const state = Object.fromEntries([...this.unsaved].map((name) => [name, this.state[name]]));
    this.unsaved.clear();
    const content = { comm_id: this.id, data: { method: "update", state, buffer_paths: [] } };
    Shiny.setInputValue("shinywidgets_comm_send", JSON.stringify({ content, metadata: {}, buffers: [], header: {} }), { priority: "event" });
  }
}

// A message's traits, the binary ones (sent apart, in base64) put where they belong.
function traitsOf(message) {
  const { state, buffer_paths } = message.content.data;
  (buffer_paths ?? []).forEach(([name], i) => {
    const letters = atob(message.buffers[i]), bytes = new Uint8Array(letters.length);
    for (let at = 0; at < letters.length; at++) bytes[at] = letters.charCodeAt(at);
    state[name] = new DataView(bytes.buffer);
  });
  return state;
}

Shiny.addCustomMessageHandler("shinywidgets_comm_open", (text) => {
  const message = JSON.parse(text);
  models.set(message.content.comm_id, new Model(message.content.comm_id, traitsOf(message)));
});

// An echo tells what this page has just said itself.
Shiny.addCustomMessageHandler("shinywidgets_comm_msg", (text) => {
  const message = JSON.parse(text);
  if (message.content.data.method === "update") models.get(message.content.comm_id)?.take(traitsOf(message));
});

Shiny.addCustomMessageHandler("shinywidgets_comm_close", (text) => {
  const { comm_id } = JSON.parse(text).content;
  models.delete(comm_id);
  for (const output of document.querySelectorAll(".shiny-ipywidget-output")) if (output.moraineShown?.id === comm_id) clear(output);
});

// What is drawn stays to be looked at; a session that follows opens models of its own.
$(document).on("shiny:disconnected", () => models.clear());

// Outputs that are shown along with a page of the header measure themselves again.
document.addEventListener("shown.bs.tab", () => dispatchEvent(new Event("resize")));

function clear(output) {
  output.moraineShown?.plot.close();
  output.moraineShown = null;
  output.replaceChildren();
}

class PlotOutput extends Shiny.OutputBinding {
  find(scope) {
    return $(scope).find(".shiny-ipywidget-output");
  }

  onValueError(output, error) {
    clear(output);
    this.renderError(output, error);
  }

  renderValue(output, value) {
    this.clearError(output);
    if (output.moraineShown?.id === value?.model_id) return;
    clear(output);
    const model = value && models.get(value.model_id);
    if (!model) return;
    const host = output.appendChild(document.createElement("div"));
    output.classList.toggle("m-plot-fills", value.fill && output.classList.contains("html-fill-container"));
    output.moraineShown = { id: model.id, plot: new Plot(model, host) };
    host.morainePlot = output.moraineShown.plot;
  }
}

Shiny.outputBindings.register(new PlotOutput(), "moraine.plot");
