// What happens inside the carrier, for a developer; asked once a second while the page is visible.

const $ = (id) => document.getElementById(id);
const EVERY = 1000;
const NUMBERS = ['delay', 'repeat', 'refuse_rest', 'sms_error'];

function row(values, classes = []) {
  const tr = document.createElement('tr');
  values.forEach((value, i) => {
    const td = tr.insertCell();
    td.textContent = value;
    if (classes[i]) td.className = classes[i];
  });
  return tr;
}

const time = (iso) => new Date(iso).toLocaleTimeString('zh-CN');

function showCalls(calls) {
  $('calls').replaceChildren(
    ...calls.map((call) => {
      const tr = row([time(call.created), call.from, call.to, call.direction, call.status, call.doing, call.sid]);
      if (!['ringing', 'in-progress', 'queued'].includes(call.status)) tr.className = 'idle';
      return tr;
    }),
  );
}

function showLog(log) {
  $('log').replaceChildren(
    ...log.map((line) => {
      const good = /^[23]\d\d$/.test(line.result);
      return row([time(line.at), line.result, line.ms, line.event, line.method, line.url], ['', good ? 'good' : 'bad']);
    }),
  );
}

function showChaos(chaos) {
  const form = $('chaos');
  if (form.contains(document.activeElement)) return; // never overwrite what somebody types
  for (const name of NUMBERS) form.elements[name].value = chaos[name];
  form.elements.shuffle.checked = chaos.shuffle;
}

async function refresh() {
  if (!document.hidden) {
    const state = await (await fetch('/admin/state.json')).json();
    showCalls(state.calls);
    showLog(state.log);
    showChaos(state.chaos);
    const queues = state.queues.map((queue) => `${queue.name} 排队 ${queue.waiting}`).join(' · ');
    $('lines').textContent = `在线终端 ${Object.keys(state.lines).length}${queues ? ` · ${queues}` : ''}`;
  }
}

async function keepRefreshing() {
  try {
    await refresh();
  } catch {
    $('lines').textContent = '运营商没有应答';
  }
  setTimeout(keepRefreshing, EVERY);
}

$('chaos').addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  const wanted = Object.fromEntries(NUMBERS.map((name) => [name, Number(form.elements[name].value)]));
  wanted.shuffle = form.elements.shuffle.checked;
  const answer = await fetch('/admin/chaos', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(wanted),
  });
  $('done').textContent = answer.ok ? '已应用' : '未应用：请检查数值';
});

keepRefreshing();
