// The web phone: dial, hear, speak, press keys, hang up; text messages with the hotline.

import { Lines } from './lines.js';
import { Wire } from './socket.js';
import { Reader, makeEar } from './voice.js';

const boot = JSON.parse(document.getElementById('boot').textContent);
const $ = (id) => document.getElementById(id);
const DEMO_NUMBERS = ['+8613800001234', '+8613957400001', '+8613857400002', '+8615888000003', '+8618758300004'];
const KEYS = [
  ['1', ''], ['2', 'ABC'], ['3', 'DEF'], ['4', 'GHI'], ['5', 'JKL'], ['6', 'MNO'],
  ['7', 'PQRS'], ['8', 'TUV'], ['9', 'WXYZ'], ['*', ''], ['0', '+'], ['#', ''],
];
const PARTIAL_EVERY = 700;
const NAMES = Object.fromEntries(boot.numbers.map((number) => [number, '城市管理热线']));
const ENDINGS = {
  completed: '通话结束', busy: '对方忙', failed: '您拨打的号码是空号', 'no-answer': '无人接听', canceled: '已取消',
};
const own = DEMO_NUMBERS.includes(boot.number) || /^\+?\d{3,15}$/.test(boot.number)
  ? boot.number : (sessionStorage.getItem('phone.number') ?? DEMO_NUMBERS[0]);
sessionStorage.setItem('phone.number', own);

const lines = new Lines($('lines'));
const thread = new Lines($('thread'));
const reader = new Reader();
let call = null; // {sid, peer, status, since}
let lastDialled = '';
let unread = 0;
let lastPartial = 0;

// --- the line to the carrier --------------------------------------------------------------------------------------

function address() {
  const url = new URL('/phones', location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  url.searchParams.set('number', own);
  if (call?.sid && call.status !== 'over') url.searchParams.set('resume', call.sid);
  return url.href;
}

const wire = new Wire(address, { onEvent: obey, onState: showSignal });
window.addEventListener('pagehide', () => wire.close());

function showSignal(connected) {
  $('signal').textContent = connected ? '信号良好' : '信号中断，正在重连…';
  $('signal').classList.toggle('lost', !connected);
  $('dial').disabled = !connected;
}

const ON_EVENT = {
  hello: (event) => {
    thread.clear();
    event.thread.forEach(showMessage);
    if (!event.thread.length) emptyThread();
    if (call && call.status !== 'over' && !event.resumed.includes(call.sid)) end('failed', '通话因信号中断而结束');
  },
  dialing: (event) => {
    if (!call || call.sid) return;
    call.sid = event.sid;
    // Hung up faster than the network could dial.
    if (call.status === 'over') wire.send({ type: 'hangup', sid: event.sid });
  },
  incoming: (event) => {
    if (!call || call.status === 'over') ring(event);
    else wire.send({ type: 'reject', sid: event.sid });
  },
  sms: (event) => {
    showMessage(event);
    if (event.direction !== 'inbound') count($('view-sms').hidden ? 1 : 0);
  },
};
const ON_CALL = {
  status: (event) => progress(event.status),
  heard: hear,
  hush: () => reader.hush(),
  listening: showListening,
  music: (event) => event.on !== call.music && showMusic(event.on),
  queued: () => state('排队等待中'),
  connected: () => state('通话中'),
  ringback: () => state('正在转接…'),
  held: (event) => state(event.on ? '对方保持中' : '通话中'),
  beep: () => lines.note('嘀——请留言'),
  canceled: () => end('canceled'),
  ended: (event) => end(event.status),
};

function obey(event) {
  if (ON_EVENT[event.type]) ON_EVENT[event.type](event);
  else if (call && event.sid === call.sid && call.status !== 'over') ON_CALL[event.type]?.(event);
}

// --- calls --------------------------------------------------------------------------------------------------------

function dial(number) {
  if (!number || (call && call.status !== 'over')) return;
  lastDialled = number;
  begin(null, number, 'dialling', '正在呼叫…');
  const sent = wire.send({ type: 'dial', to: number, withhold: $('withhold').checked });
  if (!sent) end('failed', '没有信号，请稍后再拨');
}

function ring(event) {
  begin(event.sid, event.from, 'incoming', '来电');
  lastDialled = event.from;
}

function begin(sid, peer, status, words) {
  call = { sid, peer, status, since: 0, music: false };
  lines.clear();
  $('call-name').textContent = NAMES[peer] ? `${NAMES[peer]} ${peer}` : peer;
  $('call-time').textContent = '';
  $('view-call').classList.add('ringing');
  $('speech').value = '';
  showKeys(false);
  showListening({ keys: false, speech: false });
  show('call');
  state(words);
  feet();
  (status === 'incoming' ? $('accept') : $('hangup')).focus();
}

function progress(status) {
  if (status !== 'in-progress' || call.since) return;
  call.status = 'talking';
  call.since = Date.now();
  $('view-call').classList.remove('ringing');
  state('通话中');
  feet();
  $('speech').focus();
}

function end(status, words) {
  if (!call || call.status === 'over') return;
  call.status = 'over';
  $('view-call').classList.remove('ringing');
  showListening({ keys: false, speech: false });
  showKeys(false);
  ear?.stop();
  reader.hush();
  state(words ?? ENDINGS[status] ?? '通话结束');
  lines.note(words ?? ENDINGS[status] ?? '通话结束');
  feet();
  $('back').focus();
}

function state(words) {
  $('call-state').textContent = words;
}

function feet() {
  $('foot-ring').hidden = call.status !== 'incoming';
  $('foot-talk').hidden = !['dialling', 'talking'].includes(call.status);
  $('foot-over').hidden = call.status !== 'over';
  $('speak').hidden = call.status !== 'talking';
  $('view-call').classList.toggle('over', call.status === 'over');
}

function hear(event) {
  lines.say(event.source === 'hotline' ? '热线' : '对方', event.text, { final: event.final });
  if (event.final) reader.read(event.text, event.language);
}

function showListening({ keys, speech }) {
  const words = speech ? `请讲话${keys ? '，或按键' : ''}` : '请按键';
  $('listen').hidden = !(keys || speech);
  $('listen').textContent = words;
}

function showMusic(on) {
  call.music = on;
  if (on) lines.note('♪ 等待音乐');
}

setInterval(() => {
  if (call?.since && call.status === 'talking') $('call-time').textContent = length(Date.now() - call.since);
}, 500);

function length(milliseconds) {
  const seconds = Math.floor(milliseconds / 1000);
  return [Math.floor(seconds / 60), seconds % 60].map((n) => String(n).padStart(2, '0')).join(':');
}

// --- speaking -----------------------------------------------------------------------------------------------------

function say(text, final) {
  if (!text.trim() || call?.status !== 'talking') return;
  if (!wire.send({ type: 'say', sid: call.sid, text, final })) return;
  if (!final) return;
  reader.hush();
  lines.say('我', text.trim(), { mine: true });
}

function sayTyped() {
  say($('speech').value, true);
  $('speech').value = '';
}

function sayPart() {
  const now = Date.now();
  if (now - lastPartial < PARTIAL_EVERY) return;
  lastPartial = now;
  say($('speech').value, false);
}

const ear = makeEar({
  onText: (text, final) => {
    $('speech').value = final ? '' : text;
    say(text, final);
  },
  onState: (on) => $('mic').setAttribute('aria-pressed', on),
});
$('mic').hidden = !ear;
$('mic').addEventListener('click', () => ($('mic').getAttribute('aria-pressed') === 'true' ? ear.stop() : ear.start()));

$('speak').addEventListener('submit', (event) => {
  event.preventDefault();
  sayTyped();
});
$('speech').addEventListener('input', sayPart);
sendOnEnter($('speech'), sayTyped);

function sendOnEnter(box, send) {
  box.addEventListener('keydown', (event) => {
    // Enter that only confirms Chinese characters must not send.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  });
}

// --- keys ---------------------------------------------------------------------------------------------------------

function buildPad(pad, press) {
  for (const [key, letters] of KEYS) {
    const button = document.createElement('button');
    button.type = 'button';
    button.dataset.key = key;
    button.setAttribute('aria-label', key);
    const digit = document.createElement('b');
    digit.textContent = key;
    const small = document.createElement('span');
    small.textContent = letters;
    button.append(digit, small);
    button.addEventListener('click', () => press(key));
    pad.append(button);
  }
}

buildPad($('pad-dial'), (key) => {
  $('number').value += key;
  nameNumber();
});
buildPad($('pad-call'), (key) => {
  if (wire.send({ type: 'keys', sid: call?.sid, keys: key })) lines.say('我', `按键 ${key}`, { mine: true });
});

function showKeys(on) {
  $('pad-call').hidden = !on;
  $('keys').setAttribute('aria-expanded', on);
}

function nameNumber() {
  $('number-name').textContent = NAMES[$('number').value.trim()] ?? '';
}

document.addEventListener('keydown', (event) => {
  if (event.target.matches('textarea, input, select') || event.ctrlKey || event.metaKey || event.altKey) return;
  const pad = !$('view-dial').hidden ? $('pad-dial') : !$('view-call').hidden ? $('pad-call') : null;
  const button = pad && [...pad.children].find((candidate) => candidate.dataset.key === event.key);
  if (button && call?.status !== 'over') button.click();
});

// --- messages -----------------------------------------------------------------------------------------------------

function showMessage(message) {
  thread.message({ text: message.text, at: message.at, mine: message.direction === 'inbound' });
}

function emptyThread() {
  const empty = document.createElement('p');
  empty.className = 'empty';
  empty.textContent = '还没有短信。例如发送“江东区百丈路井盖丢失”。';
  $('thread').append(empty);
}

function sendMessage() {
  const text = $('sms-text').value.trim();
  if (text && wire.send({ type: 'sms', to: boot.numbers[0], text })) $('sms-text').value = '';
}

function count(more) {
  unread = more ? unread + more : 0;
  $('unread').textContent = unread;
  $('unread').hidden = !unread;
}

$('sms-form').addEventListener('submit', (event) => {
  event.preventDefault();
  sendMessage();
});
sendOnEnter($('sms-text'), sendMessage);

// --- views --------------------------------------------------------------------------------------------------------

function show(view) {
  const phone = view === 'sms' ? null : view;
  $('view-dial').hidden = phone !== 'dial';
  $('view-call').hidden = phone !== 'call';
  $('view-sms').hidden = view !== 'sms';
  const [on, off] = view === 'sms' ? [$('tab-sms'), $('tab-dial')] : [$('tab-dial'), $('tab-sms')];
  on.setAttribute('aria-current', 'page');
  off.removeAttribute('aria-current');
  if (view === 'sms') {
    count(0);
    $('thread').scrollTop = $('thread').scrollHeight;
  }
}

$('tab-dial').addEventListener('click', () => show(call ? 'call' : 'dial'));
$('tab-sms').addEventListener('click', () => show('sms'));
$('dial').addEventListener('click', () => dial($('number').value.trim()));
$('number').addEventListener('keydown', (event) => event.key === 'Enter' && dial($('number').value.trim()));
$('number').addEventListener('input', nameNumber);
$('erase').addEventListener('click', () => {
  $('number').value = $('number').value.slice(0, -1);
  nameNumber();
});
$('hangup').addEventListener('click', () => (call.sid ? wire.send({ type: 'hangup', sid: call.sid }) : end('canceled')));
$('accept').addEventListener('click', () => wire.send({ type: 'accept', sid: call.sid }));
$('decline').addEventListener('click', () => {
  wire.send({ type: 'reject', sid: call.sid });
  end('canceled', '已拒接');
});
$('back').addEventListener('click', () => {
  call = null;
  show('dial');
  $('number').focus();
});
$('again').addEventListener('click', () => dial(lastDialled));
$('keys').addEventListener('click', () => showKeys($('pad-call').hidden));
$('sound').setAttribute('aria-pressed', reader.on);
$('sound').addEventListener('click', () => $('sound').setAttribute('aria-pressed', reader.toggle()));

for (const number of new Set([own, ...DEMO_NUMBERS])) {
  const local = number.replace(/^\+86(\d{3})(\d{4})(\d{4})$/, '$1 $2 $3');
  $('own').append(new Option(`本机 ${local}`, number, number === own, number === own));
}
$('own').addEventListener('change', () => {
  sessionStorage.setItem('phone.number', $('own').value);
  location.search = `?number=${encodeURIComponent($('own').value)}`;
});
nameNumber();
