// An answer by voice, where the browser recognises speech.
export default function (component) {
  const { data, parentElement } = component;
  const button = parentElement.querySelector("button"), status = parentElement.querySelector("[role=status]");
  const Recognition = window.SpeechRecognition || window.webkitSpeechRecognition;
  button.hidden = !Recognition;
  button.textContent = data.label;
  const said = Recognition ? data.note : data.none;
  if (status.textContent !== said) status.textContent = said;
  if (!Recognition) return () => {};
  let heard = null;
  const listen = () => {
    if (heard) return;
    heard = new Recognition();
    heard.lang = data.tag;
    heard.maxAlternatives = 5;
    heard.onresult = (event) =>
      component.setTriggerValue("heard", Array.from(event.results[0], (guess) => guess.transcript));
    heard.onend = () => { heard = null; button.textContent = data.label; };
    heard.onerror = () => component.setTriggerValue("heard", []);
    button.textContent = data.listening;
    heard.start();
  };
  button.onclick = listen;
  const quiet = onKey({ v: listen }, () => component.data.shortcuts);
  return () => { quiet(); if (heard) heard.abort(); };
}
