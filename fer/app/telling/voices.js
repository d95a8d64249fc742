// The voices of the browser for a language, for the page of settings.
export default function (component) {
  const report = () => {
    const voices = voicesFor(component.data.tag).map((voice) =>
      ({ uri: voice.voiceURI, name: voice.name, local: voice.localService }));
    const said = JSON.stringify([component.data.tag, voices]);
    if (component.parentElement.dataset.said === said) return;
    component.parentElement.dataset.said = said;
    component.setStateValue("voices", voices);
  };
  return whenVoicesChange(report);
}
