// The browser's own voice: reading aloud what the hotline says, and turning what the caller says into text.

const LANGUAGES = { 'cmn-CN': 'zh-CN', 'cmn-Hans-CN': 'zh-CN' };
const RATE = 1.25;

export class Reader {
  constructor() {
    this.on = localStorage.getItem('phone.sound') !== 'off';
    this.synthesis = window.speechSynthesis;
  }

  toggle() {
    this.on = !this.on;
    localStorage.setItem('phone.sound', this.on ? 'on' : 'off');
    if (!this.on) this.hush();
    return this.on;
  }

  read(text, language = 'zh-CN') {
    if (!this.on || !this.synthesis) return;
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.lang = LANGUAGES[language] ?? language;
    utterance.rate = RATE;
    this.synthesis.speak(utterance);
  }

  hush() {
    this.synthesis?.cancel();
  }
}

/** A recogniser for the microphone, or null where the browser has none. */
export function makeEar({ onText, onState }) {
  const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;
  if (!Recognition) return null;
  const recognition = new Recognition();
  recognition.lang = 'zh-CN';
  recognition.interimResults = true;
  recognition.continuous = true;
  recognition.onstart = () => onState(true);
  recognition.onend = () => onState(false);
  recognition.onerror = () => onState(false);
  recognition.onresult = (event) => {
    for (let i = event.resultIndex; i < event.results.length; i += 1) {
      onText(event.results[i][0].transcript, event.results[i].isFinal);
    }
  };
  return recognition;
}
