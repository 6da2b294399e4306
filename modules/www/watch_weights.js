// The weights of the watch-list: one form, sent as a whole when a number or a column changes, filled anew when the server says so.
(() => {
  const numbers = (form) => [...form.querySelectorAll(".m-weight-number")];
  const roles = (form) => [...form.querySelectorAll(".m-role")];
  const valueOf = (field) => (field.value.trim() === "" ? 0 : Number(field.value));

  const shares = (form) => {
    const fields = numbers(form);
    const sum = fields.reduce((total, field) => total + Math.max(valueOf(field) || 0, 0), 0);
    for (const field of fields) {
      const share = sum > 0 ? Math.max(valueOf(field) || 0, 0) / sum : 0;
      field.parentElement.querySelector(".m-weight-share").textContent = share ? `${Math.round(share * 100)} %` : "";
    }
  };

  const send = (form) => {
    const weights = Object.fromEntries(numbers(form).map((field) => [field.dataset.component, valueOf(field)]));
    const columns = Object.fromEntries(roles(form).map((field) => [field.dataset.role, field.value]));
    const top = valueOf(form.querySelector(".m-weight-top"));
    form.dataset.turn = Number(form.dataset.turn ?? 0) + 1;
    Shiny.setInputValue(form.dataset.sends, { weights, columns, top, turn: Number(form.dataset.turn) }, { priority: "event" });
  };

  document.addEventListener("change", (event) => {
    const form = event.target.closest?.(".m-weights");
    if (!form || !event.target.matches(".m-weight-number, .m-role, .m-weight-top")) return;
    delete event.target.dataset.typed;
    shares(form);
    send(form);
  });
  document.addEventListener("input", (event) => {
    if (!event.target.matches?.(".m-weight-number")) return;
    event.target.dataset.typed = "";
    shares(event.target.closest(".m-weights"));
  });

  document.addEventListener("focusout", (event) => {
    if (event.target.matches?.(".m-weight-number")) delete event.target.dataset.typed;
  });

  document.addEventListener("DOMContentLoaded", () => {
    for (const form of document.querySelectorAll(".m-weights")) shares(form);
    Shiny.addCustomMessageHandler("moraine-wish", ({ id, weights, columns, top, turn }) => {
      const form = document.getElementById(id);
      // An answer to an older state of the form would undo what was filled in since, sent or still being typed.
      if (!form || turn < Number(form.dataset.turn ?? 0)) return;
      for (const field of numbers(form)) {
        if (!("typed" in field.dataset) && valueOf(field) !== weights[field.dataset.component]) field.value = weights[field.dataset.component];
      }
      for (const field of roles(form)) field.value = columns[field.dataset.role] ?? "";
      form.querySelector(".m-weight-top").value = top;
      shares(form);
    });
  });
})();
