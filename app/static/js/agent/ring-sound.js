/* The ring: two tones from the browser itself. A page may sound only after a click, so going online unlocks it. */
let audio = null;
let timer = 0;

export function unlockRing() {
  const Audio = window.AudioContext;
  if (!Audio) return;
  audio ??= new Audio();
  audio.resume().catch(() => { /* still locked: the pop-over and the title remain */ });
}

function tone(frequency, from, length) {
  const voice = audio.createOscillator(), volume = audio.createGain();
  voice.frequency.value = frequency;
  volume.gain.setValueAtTime(0, from);
  volume.gain.linearRampToValueAtTime(.12, from + .03);
  volume.gain.setValueAtTime(.12, from + length - .05);
  volume.gain.linearRampToValueAtTime(0, from + length);
  voice.connect(volume).connect(audio.destination);
  voice.start(from);
  voice.stop(from + length);
}

export function startRinging() {
  if (timer || audio?.state !== "running") return;
  const once = () => [0, .5].forEach((at) => { tone(440, audio.currentTime + at, .4); tone(480, audio.currentTime + at, .4); });
  once();
  timer = setInterval(once, 2500);
}
export function stopRinging() { clearInterval(timer); timer = 0; }
