// Speech by the browser. Only voices of this device are used unless the user has chosen another: an online voice sends
// the text to its maker.
function voicesFor(tag) {
  const language = tag.split("-")[0].toLowerCase();
  const all = window.speechSynthesis ? window.speechSynthesis.getVoices() : [];
  const fitting = all.filter((voice) => voice.lang.toLowerCase().replace("_", "-").split("-")[0] === language);
  // The country's own first.
  return fitting.sort((a, b) => (b.lang.replace("_", "-") === tag) - (a.lang.replace("_", "-") === tag));
}

function voiceFor(tag, chosen) {
  const fitting = voicesFor(tag);
  return fitting.find((voice) => voice.voiceURI === chosen) || fitting.find((voice) => voice.localService) || null;
}

function say(text, preferences, tag) {
  const voice = voiceFor(tag, preferences.voice);
  if (!voice) return false;
  // What is being said is old by now.
  window.speechSynthesis.cancel();
  const spoken = new SpeechSynthesisUtterance(text);
  spoken.voice = voice;
  spoken.lang = voice.lang;
  spoken.rate = preferences.rate;
  spoken.volume = preferences.volume;
  window.speechSynthesis.speak(spoken);
  return true;
}

// Calls `then` at once, and again when the browser has loaded its voices, which it does late.
function whenVoicesChange(then) {
  then();
  if (!window.speechSynthesis || !window.speechSynthesis.addEventListener) return () => {};
  window.speechSynthesis.addEventListener("voiceschanged", then);
  return () => window.speechSynthesis.removeEventListener("voiceschanged", then);
}
