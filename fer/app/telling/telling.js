// What is told: as text in a live region, which screen readers speak, and by the browser's voice, sounds and vibration.
const STATES = new WeakMap();

export default function (component) {
  const root = component.parentElement;
  let state = STATES.get(root);
  if (!state) {
    state = { number: null, text: "", emotion: "", faces: null, channel: null, clean: [] };
    STATES.set(root, state);
    state.component = component;
    open(root, state);
  }
  state.component = component;
  show(root, state);
  return () => {
    state.clean.forEach((undo) => undo());
    STATES.delete(root);
  };
}

function open(root, state) {
  const { data } = state.component;
  const speech = () => state.component.setTriggerValue("speech", Date.now());
  const repeat = () => (state.channel ? state.channel.send("repeat") : tell(root, state));
  root.querySelector(".repeat").addEventListener("click", repeat);
  root.querySelector(".speech").addEventListener("click", speech);
  state.clean.push(onKey({ r: repeat, s: speech }, () => state.component.data.preferences.shortcuts));
  state.clean.push(whenVoicesChange(() => note(root, state)));
  if (!data.channel) return;
  state.faces = [];
  play(root, data);
  state.channel = openChannel(data.channel, (message) => receive(root, state, message));
  state.clean.push(() => state.channel.close(), stopCamera);
}

function receive(root, state, message) {
  draw(root, message.boxes);
  state.faces = message.faces;
  write(root.querySelector(".told-fault"), message.fault);
  list(root, state);
  if (message.told) take(root, state, message.told);
}

function show(root, state) {
  const { data } = state.component;
  root.lang = data.tag;
  write(root.querySelector(".repeat"), data.labels.repeat);
  write(root.querySelector(".speech"), data.preferences.speech ? data.labels.silence : data.labels.speak);
  if (!data.preferences.speech && state.spoke) window.speechSynthesis.cancel();
  state.spoke = data.preferences.speech && Boolean(window.speechSynthesis);
  write(root.querySelector(".keys"), data.preferences.shortcuts ? data.labels.keys : "");
  note(root, state);
  list(root, state);
  if (data.told) take(root, state, data.told);
  else if (!state.text) write(root.querySelector(".told-waiting"), data.labels.waiting);
}

function take(root, state, told) {
  if (told.number === state.number) return;
  Object.assign(state, { number: told.number, text: told.text, emotion: told.emotion });
  tell(root, state);
}

function tell(root, state) {
  if (!state.text) return;
  const region = root.querySelector("[role=status]"), { preferences, tag } = state.component.data;
  write(root.querySelector(".told-waiting"), "");
  // The same text again is no change, of which a screen reader would say nothing: it is emptied first.
  if (region.textContent === state.text) {
    region.textContent = "";
    setTimeout(() => { region.textContent = state.text; }, 60);
  } else {
    region.textContent = state.text;
  }
  if (state.emotion && preferences.sounds) sound(state.emotion, preferences.volume);
  if (state.emotion && preferences.vibration) vibrate(state.emotion);
  if (preferences.speech) say(state.text, preferences, tag);
}

function note(root, state) {
  const { data } = state.component;
  const lacking = data.preferences.speech && !voiceFor(data.tag, data.preferences.voice);
  write(root.querySelector(".told-note"), lacking ? data.labels.no_voice : "");
}

function list(root, state) {
  const part = root.querySelector(".told-faces"), { labels } = state.component.data;
  part.hidden = state.faces === null;
  if (state.faces === null) return;
  write(part.querySelector("h2"), labels.faces);
  const lines = state.faces.length ? state.faces : [labels.none_now];
  const rows = part.querySelector("ul");
  while (rows.children.length > lines.length) rows.lastElementChild.remove();
  while (rows.children.length < lines.length) rows.append(document.createElement("li"));
  lines.forEach((line, place) => write(rows.children[place], line));
}

// Only what differs is written, so that nothing flickers and no focus or selection is lost.
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
