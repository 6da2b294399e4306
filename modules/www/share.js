// Copy a field's text; where the clipboard is out of reach (no HTTPS, no permission) select it for Ctrl+C.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-m-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.mCopy);
  const said = document.getElementById(`${field.id}-said`);
  try {
    await navigator.clipboard.writeText(field.value);
    said.textContent = "copied";
  } catch {
    field.select();
    said.textContent = "press Ctrl+C (⌘C) to copy";
  }
});
