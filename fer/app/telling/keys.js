// Single keys, unless the user types somewhere or holds a modifier (a screen reader's or the browser's own shortcut).
const TYPED = "input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [role=combobox], [role=listbox]";

function takesText(element) {
  return Boolean(element && element.closest) && (element.isContentEditable || element.closest(TYPED) !== null);
}

function onKey(handlers, enabled) {
  const listen = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || takesText(event.target) || !enabled()) return;
    const handler = handlers[event.key.toLowerCase()];
    if (!handler) return;
    // Streamlit has a shortcut of its own on R.
    event.preventDefault();
    event.stopImmediatePropagation();
    handler();
  };
  window.addEventListener("keydown", listen, true);
  return () => window.removeEventListener("keydown", listen, true);
}
