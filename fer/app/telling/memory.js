// The settings in this browser's own storage, if the user wants them there.
const PLACE = "fair-fer-app-settings";
const ASKED = new WeakSet();

export default function (component) {
  const { data, parentElement } = component;
  document.documentElement.lang = data.tag;
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
