// The plot that was picked is drawn anew without its button: what is said of it takes the focus, so that the keyboard stays in the dialog.
$(document).on("shiny:connected", () => {
  Shiny.addCustomMessageHandler("moraine-lineup-told", ({ id }) => document.getElementById(id)?.focus());
});
