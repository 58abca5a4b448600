/* What callers are told when they ask: articles suggested while they speak, searched by hand, read out, kept with the answer. */
import {api} from "../lib/api.js";
import {computed, effect, signal} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {Button, EmptyState, Icon, Tag, html, useState} from "../lib/ui.js";
import {callerWords, subject, suggestion} from "./form-state.js";
import {canSpeak, say} from "./softphone.js";
import {isMine, overlay, subjectCall} from "./state.js";

const ASK_AFTER = 500;
const MOST = 3;
const found = signal([]);
/* null: by what the caller wants; true and false: what the agent chose for this call */
const chosen = signal(null);
const isQuestion = computed(() => ["consult", "suggestion"].includes(suggestion.value?.intent));
export const showsKnowledge = computed(() => Boolean(subject.value) && (chosen.value ?? isQuestion.value));
export const toggleKnowledge = () => { chosen.value = !showsKnowledge.value; };

const ask = async (q) => {
  try { found.value = (await api.post("/articles/search", {q, limit: MOST})).items; } catch { found.value = []; }
};

/* Asked anew when the caller has said more, not at every word; only while somebody looks. */
export function followKnowledge() {
  let timer = 0, asked = null, call = null;
  effect(() => {
    const id = subject.value ? `${subject.value.kind}:${subject.value.id}` : null;
    if (id !== call) { call = id; chosen.value = null; asked = null; found.value = []; }
    const words = callerWords.value.slice(-600);
    if (!showsKnowledge.value || words === asked) return;
    clearTimeout(timer);
    timer = setTimeout(() => { asked = words; ask(words); }, ASK_AFTER);
  });
}

const paragraphs = (text) => text.split(/\n\s*\n/).filter(Boolean);
const canAnswer = () => subject.value?.kind === "call" && subjectCall.value && isMine(subjectCall.value) && !subjectCall.value.disposition;
const answerWith = (article) => {
  overlay.value = {name: "dispose", kind: "answered", article: {id: article.id, title: article.title}, note: `${article.title}：${paragraphs(article.body)[0]}`.slice(0, 500)};
};

function Article({article, isOpen, onToggle}) {
  return html`<li><button type="button" class="plain row" aria-expanded=${isOpen ? "true" : "false"} onClick=${onToggle}>
      <${Icon} name="book-open" size="s" /><b class="s13 grow ell">${article.title}</b><span class="t3 s12 num">${article.uses > 0 ? t("agent.knowledge.used", {n: article.uses}) : article.code}</span></button>
    ${isOpen && html`<div class="read">${paragraphs(article.body).map((text) => html`<p>${text}</p>`)}
      <div class="row wrap s12">${article.unit && html`<${Tag} kind="line">${article.unit}</${Tag}>`}${article.valid_until && html`<${Tag} kind="yellow">${t("agent.knowledge.valid", {day: article.valid_until})}</${Tag}>`}<span class="grow"></span>
        ${canSpeak() && html`<${Button} size="sm" icon="volume-2" onClick=${() => say(paragraphs(article.body).join(""))}>${t("agent.knowledge.read")}</${Button}>`}
        ${canAnswer() && html`<${Button} size="sm" kind="primary" icon="check" onClick=${() => answerWith(article)}>${t("agent.knowledge.answer")}</${Button}>`}</div></div>`}</li>`;
}

export function Knowledge() {
  const [open, setOpen] = useState(null), [words, setWords] = useState("");
  const search = (e) => { e.preventDefault(); ask(words.trim() || callerWords.value.slice(-600)); };
  return html`<section class="card fixed knowledge" aria-label=${t("agent.knowledge")}><header><${Icon} name="book-open" /><h2>${t("agent.knowledge")}</h2><span class="grow"></span>
      <${Button} size="sm" kind="ghost" icon="git-merge" keyOf="knowledge" onClick=${toggleKnowledge}>${t("agent.knowledge.twins")}</${Button}></header>
    <form class="quick" role="search" onSubmit=${search}><input class="in" type="search" value=${words} maxlength="60" aria-label=${t("agent.knowledge.search")} placeholder=${t("agent.knowledge.search")} onInput=${(e) => setWords(e.target.value)} />
      <${Button} type="submit" icon="search" label=${t("agent.knowledge.search")} /></form>
    ${found.value.length ? html`<ul>${found.value.map((article) => html`<${Article} key=${article.id} article=${article} isOpen=${open === article.id} onToggle=${() => setOpen(open === article.id ? null : article.id)} />`)}</ul>`
      : html`<${EmptyState} icon="book-open" title=${t("agent.knowledge.none")} />`}</section>`;
}
