// The settings in this browser's own storage, if the user wants them there.
const PLACE = "fair-fer-app-settings";
const ASKED = new WeakSet();

export default function (component) {
  const { data, parentElement } = component;
  document.documentElement.lang = data.tag;
  repair();
  try {
    if (data.save === null && !ASKED.has(parentElement)) {
      ASKED.add(parentElement);
      const stored = JSON.parse(window.localStorage.getItem(PLACE) || "null");
      component.setStateValue("stored", { settings: stored });
    } else if (data.save !== null && data.save.remember) {
      window.localStorage.setItem(PLACE, JSON.stringify(data.save));
    } else if (data.save !== null) {
      window.localStorage.removeItem(PLACE);
    }
  } catch (error) {
    // A browser without storage, or with damaged content: nothing is remembered.
    if (data.save === null) component.setStateValue("stored", { settings: null });
  }
}

// Streamlit gives the area of its file uploader a name and no role, which a screen reader then cannot tell.
let repairing = null;

function repair() {
  if (repairing) return;
  const set = () => document.querySelectorAll("[data-testid=stFileUploaderDropzone][role=presentation]").forEach(
    (area) => area.setAttribute("role", "group"));
  repairing = new MutationObserver(set);
  repairing.observe(document.body, { childList: true, subtree: true });
  set();
}
