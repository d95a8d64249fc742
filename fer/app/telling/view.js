// The camera as the browser has it, with the faces' boxes over it.
async function play(root, data) {
  const video = root.querySelector("video");
  video.setAttribute("aria-label", data.labels.video);
  try {
    if (!window.ferCamera || !window.ferCamera.active) {
      window.ferCamera = await navigator.mediaDevices.getUserMedia(data.wanted);
    }
    video.srcObject = window.ferCamera;
    await video.play();
  } catch (error) {
    // The app says that no picture comes, and what to do.
    console.warn("the camera cannot be shown:", error.name);
  }
}

// The page was left, or the camera switched off: its light goes out.
function stopCamera() {
  (window.ferCamera ? window.ferCamera.getTracks() : []).forEach((track) => track.stop());
  window.ferCamera = null;
}

function draw(root, faces) {
  const boxes = root.querySelector(".boxes");
  const known = new Map(Array.from(boxes.children, (box) => [box.dataset.number, box]));
  for (const face of faces) {
    const number = String(face.number);
    let box = known.get(number);
    known.delete(number);
    if (!box) {
      box = document.createElement("div");
      box.dataset.number = number;
      box.append(document.createElement("span"));
      boxes.append(box);
    }
    for (const side of ["left", "top", "width", "height"]) box.style[side] = `${100 * face[side]}%`;
    // The label within the frame: under the upper edge of a box that touches the top.
    box.classList.toggle("inside", face.top < 0.1);
    if (box.firstChild.textContent !== face.label) box.firstChild.textContent = face.label;
  }
  known.forEach((box) => box.remove());
}
