/* One import for everything a component needs. */
import {h, render, Fragment, createRef} from "preact";
import {useCallback, useEffect, useId, useLayoutEffect, useMemo, useRef, useState} from "preact/hooks";
import {batch, computed, effect, signal, useComputed, useSignal, useSignalEffect} from "@preact/signals";
import htm from "htm";

export const html = htm.bind(h);
export {
  h, render, Fragment, createRef,
  useCallback, useEffect, useId, useLayoutEffect, useMemo, useRef, useState,
  batch, computed, effect, signal, useComputed, useSignal, useSignalEffect,
};
