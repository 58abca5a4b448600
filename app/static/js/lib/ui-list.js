/* A list that draws only what is seen: above 100 rows a plain list costs tens of milliseconds per change. */
import {html, useEffect, useRef, useState} from "./html.js";

const PLAIN_UP_TO = 100;
const SPARE = 6;

/* rows all `rowHeight` px high; render(row, index) → vnode with its own key */
export function VirtualList({rows, rowHeight, render, label, role = "list"}) {
  const box = useRef();
  const [seen, setSeen] = useState({top: 0, height: 800});
  const look = () => { if (box.current) setSeen({top: box.current.scrollTop, height: box.current.clientHeight || 800}); };
  useEffect(() => {
    const watcher = new ResizeObserver(look);
    watcher.observe(box.current);
    return () => watcher.disconnect();
  }, []);
  const isPlain = rows.length <= PLAIN_UP_TO;
  const first = isPlain ? 0 : Math.max(0, Math.floor(seen.top / rowHeight) - SPARE);
  const last = isPlain ? rows.length : Math.min(rows.length, Math.ceil((seen.top + seen.height) / rowHeight) + SPARE);
  const drawn = rows.slice(first, last).map((row, i) => render(row, first + i));
  return html`<div class="vlist fill" ref=${box} onScroll=${look} tabindex="0" role=${role} aria-label=${label}>
    ${isPlain ? drawn : html`<div class="pad" style=${{height: `${rows.length * rowHeight}px`}}>
      <div class="win" style=${{transform: `translateY(${first * rowHeight}px)`}}>${drawn}</div></div>`}</div>`;
}
