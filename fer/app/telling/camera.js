// The button that switches the camera on. The page opens it itself, because it then knows why it cannot be had and says
// so in the user's language; the stream is shown by viewer.js, and streamlit-webrtc sends the same camera to the app.
export default function (component) {
  const button = component.parentElement.querySelector("button");
  button.textContent = component.data.label;
  button.disabled = false;
  button.onclick = async () => {
    if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) {
      component.setTriggerValue("camera", { fault: "insecure" });
      return;
    }
    button.disabled = true;
    button.textContent = component.data.starting;
    try {
      window.ferCamera = await navigator.mediaDevices.getUserMedia(component.data.wanted);
      component.setTriggerValue("camera", { fault: "" });
    } catch (error) {
      button.disabled = false;
      button.textContent = component.data.label;
      component.setTriggerValue("camera", { fault: error.name || "unknown" });
    }
  };
}
