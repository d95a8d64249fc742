// A short sound and a pattern of vibration for each emotion. Each differs from the others in rhythm, not only in pitch.
// A note: [start in s, length in s, frequency at the start in Hz, at the end, shape of the wave].
const SOUNDS = {
  angry: [[0, 0.12, 150, 140, "sawtooth"], [0.16, 0.12, 150, 140, "sawtooth"], [0.32, 0.2, 140, 110, "sawtooth"]],
  disgust: [[0, 0.35, 260, 160, "triangle"], [0.38, 0.12, 150, 150, "triangle"]],
  fear: [[0, 0.07, 700, 700, "sine"], [0.1, 0.07, 740, 740, "sine"], [0.2, 0.07, 700, 700, "sine"],
    [0.3, 0.07, 740, 740, "sine"], [0.4, 0.07, 700, 700, "sine"]],
  happy: [[0, 0.12, 523, 523, "sine"], [0.13, 0.12, 659, 659, "sine"], [0.26, 0.25, 784, 784, "sine"]],
  neutral: [[0, 0.18, 440, 440, "sine"]],
  sad: [[0, 0.3, 440, 392, "sine"], [0.32, 0.45, 349, 311, "sine"]],
  surprise: [[0, 0.3, 330, 990, "sine"]],
  contempt: [[0, 0.1, 300, 300, "square"], [0.25, 0.25, 250, 230, "square"]],
  unsure: [[0, 0.08, 392, 392, "triangle"], [0.3, 0.08, 392, 392, "triangle"]],
};
// Milliseconds on, off, on, ...
const PATTERNS = {
  angry: [90, 50, 90, 50, 250], disgust: [400, 60, 90], fear: [50, 40, 50, 40, 50, 40, 50], happy: [70, 60, 70, 60, 160],
  neutral: [130], sad: [300, 100, 450], surprise: [260], contempt: [80, 200, 260], unsure: [60, 250, 60],
};
let audio = null;

function sound(emotion, volume) {
  const notes = SOUNDS[emotion] || SOUNDS.unsure;
  const Context = window.AudioContext || window.webkitAudioContext;
  if (!Context || volume <= 0) return;
  audio = audio || new Context();
  if (audio.state === "suspended") audio.resume();
  for (const [start, length, from, to, shape] of notes) {
    const at = audio.currentTime + 0.02 + start;
    const source = audio.createOscillator(), loudness = audio.createGain();
    source.type = shape;
    source.frequency.setValueAtTime(from, at);
    source.frequency.linearRampToValueAtTime(to, at + length);
    // Soft ends, so that nothing clicks.
    loudness.gain.setValueAtTime(0, at);
    loudness.gain.linearRampToValueAtTime(0.25 * volume, at + 0.015);
    loudness.gain.setValueAtTime(0.25 * volume, at + length - 0.02);
    loudness.gain.linearRampToValueAtTime(0, at + length);
    source.connect(loudness).connect(audio.destination);
    source.start(at);
    source.stop(at + length);
  }
}

function vibrate(emotion) {
  if (navigator.vibrate) navigator.vibrate(PATTERNS[emotion] || PATTERNS.unsure);
}
