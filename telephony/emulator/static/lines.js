// Speech bubbles of a call and of a text thread.

const LINK = /https?:\/\/[^\s，。；！？、）》]+/g;

/** Text with its links made clickable; everything else stays text. */
export function linked(text) {
  const parts = document.createDocumentFragment();
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    parts.append(text.slice(end, match.index));
    const link = document.createElement('a');
    link.href = match[0];
    link.target = '_blank';
    link.rel = 'noopener';
    link.textContent = match[0];
    parts.append(link);
    end = match.index + match[0].length;
  }
  parts.append(text.slice(end));
  return parts;
}

export function clockTime(iso) {
  return new Date(iso).toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit' });
}

export class Lines {
  constructor(box) {
    this.box = box;
    this.open = {};
  }

  clear() {
    this.box.replaceChildren();
    this.open = {};
  }

  note(text) {
    const note = document.createElement('p');
    note.className = 'note';
    note.textContent = text;
    this.#append(note);
  }

  /** One utterance; an unfinished one (`final` false) is replaced by what follows from the same speaker. */
  say(who, text, { mine = false, final = true } = {}) {
    const bubble = this.open[who] ?? this.#bubble(who, mine);
    bubble.lastChild.textContent = text;
    bubble.classList.toggle('saying', !final);
    if (final) delete this.open[who];
    else this.open[who] = bubble;
    this.#scroll();
  }

  message({ text, at, mine, status }) {
    const label = `${clockTime(at)}${status ? ` · ${status}` : ''}`;
    this.#bubble(label, mine).lastChild.append(linked(text));
    this.#scroll();
  }

  #bubble(label, mine) {
    const bubble = document.createElement('div');
    bubble.className = mine ? 'bubble mine' : 'bubble';
    const small = document.createElement('small');
    small.textContent = label;
    bubble.append(small, document.createElement('span'));
    this.#append(bubble);
    return bubble;
  }

  #append(node) {
    this.box.querySelector('.empty')?.remove();
    this.box.append(node);
    this.#scroll();
  }

  #scroll() {
    this.box.scrollTop = this.box.scrollHeight;
  }
}
