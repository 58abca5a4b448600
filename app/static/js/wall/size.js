/* The size of an element in pixels, and what a rem is: SVG drawn one to one keeps its text sharp and unstretched. */
import {useEffect, useRef, useState} from "../lib/html.js";

const remNow = () => parseFloat(getComputedStyle(document.documentElement).fontSize);

export function useSize() {
  const ref = useRef(null), [size, setSize] = useState({width: 0, height: 0, rem: 16});
  useEffect(() => {
    const watcher = new ResizeObserver(([entry]) => {
      const {width, height} = entry.contentRect;
      setSize({width: Math.round(width), height: Math.round(height), rem: remNow()});
    });
    watcher.observe(ref.current);
    return () => watcher.disconnect();
  }, []);
  return [ref, size];
}
