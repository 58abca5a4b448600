// A browser phone with the shape of @twilio/voice-sdk's Device and Call, speaking with this carrier. Beyond the SDK:
// call.say(text), call.partial(text) and the event 'heard' {text, final, track, source, at}, because voices are text here.

const FIRST_WAIT = 300;
const LONGEST_WAIT = 5000;
const INVALID_TOKENS = new Set([20101, 20103, 20104]);

class Emitter {
  #listeners = new Map();

  on(event, listener) {
    if (!this.#listeners.has(event)) this.#listeners.set(event, new Set());
    this.#listeners.get(event).add(listener);
    return this;
  }

  addListener(event, listener) {
    return this.on(event, listener);
  }

  once(event, listener) {
    const once = (...values) => {
      this.off(event, once);
      listener(...values);
    };
    return this.on(event, once);
  }

  off(event, listener) {
    this.#listeners.get(event)?.delete(listener);
    return this;
  }

  removeListener(event, listener) {
    return this.off(event, listener);
  }

  removeAllListeners(event) {
    if (event) this.#listeners.delete(event);
    else this.#listeners.clear();
    return this;
  }

  emit(event, ...values) {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(...values);
  }
}

export class TwilioError extends Error {
  constructor(code, message) {
    super(message);
    this.name = 'TwilioError';
    this.code = code;
  }
}

export class Call extends Emitter {
  #send;
  #muted = false;
  #status;

  constructor(send, direction, parameters, status) {
    super();
    this.#send = send;
    this.direction = direction;
    this.parameters = parameters;
    this.customParameters = new Map(Object.entries(parameters.custom ?? {}));
    this.#status = status;
  }

  get sid() {
    return this.parameters.CallSid;
  }

  /** pending, connecting, ringing, open, reconnecting, closed */
  status() {
    return this.#status;
  }

  accept() {
    if (this.#status !== 'pending') return;
    this.#status = 'connecting';
    this.#order('accept');
  }

  reject() {
    if (this.#status !== 'pending') return;
    this.#order('reject');
    this.#status = 'closed';
    this.emit('reject');
  }

  ignore() {
    this.#status = 'closed';
  }

  disconnect() {
    if (this.#status !== 'closed') this.#order('hangup');
  }

  mute(on = true) {
    if (this.#muted === on) return;
    this.#muted = on;
    this.emit('mute', on, this);
  }

  isMuted() {
    return this.#muted;
  }

  sendDigits(keys) {
    this.#order('keys', { keys });
  }

  /** What the agent says, once finished; a muted phone says nothing. */
  say(text) {
    return this.#speak(text, true);
  }

  /** What the agent is just saying. */
  partial(text) {
    return this.#speak(text, false);
  }

  #speak(text, final) {
    if (this.#muted || this.#status !== 'open' || !text.trim()) return false;
    return this.#order('say', { text, final });
  }

  #order(type, more = {}) {
    return this.#send({ type, sid: this.sid, ...more });
  }

  /** One event of the carrier about this call. */
  hear(event) {
    if (event.type === 'status') this.#progress(event.status);
    else if (event.type === 'heard') this.emit('heard', event);
    else if (event.type === 'canceled') this.#close('cancel');
    else if (event.type === 'ended') this.#close(this.#status === 'pending' ? 'cancel' : 'disconnect');
    else this.emit(event.type, event);
  }

  #progress(status) {
    if (status === 'ringing' && this.direction === 'OUTGOING') {
      this.#status = 'ringing';
      this.emit('ringing', false);
    }
    if (status === 'in-progress' && this.#status !== 'open') {
      this.#status = 'open';
      this.emit('accept', this);
    }
  }

  #close(event) {
    if (this.#status === 'closed') return;
    this.#status = 'closed';
    this.emit(event, this);
  }

  hold(lost) {
    if (lost && this.#status === 'open') {
      this.#status = 'reconnecting';
      this.emit('reconnecting', new TwilioError(53405, 'the line is broken'));
    } else if (!lost && this.#status === 'reconnecting') {
      this.#status = 'open';
      this.emit('reconnected');
    }
  }
}

Call.State = {
  Pending: 'pending',
  Connecting: 'connecting',
  Ringing: 'ringing',
  Open: 'open',
  Reconnecting: 'reconnecting',
  Closed: 'closed',
};

export class Device extends Emitter {
  #token;
  #socket = null;
  #wait = FIRST_WAIT;
  #timer = 0;
  #wanted = false;
  #refused = false;
  #calls = new Map();
  #dialling = [];

  constructor(token, options = {}) {
    super();
    this.#token = token;
    this.options = options;
    this.state = 'unregistered';
    this.identity = null;
    // A closing page says goodbye, so that the carrier need not wait for it to come back.
    window.addEventListener('pagehide', () => this.#socket?.close(1000));
  }

  static get isSupported() {
    return 'WebSocket' in window;
  }

  get token() {
    return this.#token;
  }

  get isBusy() {
    return this.calls.length > 0;
  }

  get calls() {
    return [...this.#calls.values()].filter((call) => call.status() !== 'closed');
  }

  /** Resolves once registered; rejects with a TwilioError if the token is refused. */
  register() {
    if (this.state === 'registered') return Promise.resolve();
    this.#wanted = true;
    const done = new Promise((resolve, reject) => {
      const settle = (finish) => (value) => {
        this.off('registered', registered).off('error', failed);
        finish(value);
      };
      const registered = settle(resolve);
      const failed = settle(reject);
      this.on('registered', registered).on('error', failed);
    });
    if (this.state === 'unregistered') {
      this.#refused = false;
      this.#open();
    }
    return done;
  }

  async unregister() {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
  }

  updateToken(token) {
    this.#token = token;
    this.#refused = false;
    if (this.state === 'registered') this.#send({ type: 'token', token });
    else if (this.#wanted) this.#open();
  }

  destroy() {
    this.disconnectAll();
    this.unregister();
    this.state = 'destroyed';
    this.emit('destroyed');
    this.removeAllListeners();
  }

  disconnectAll() {
    for (const call of this.calls) call.disconnect();
  }

  /** Dial out; `params.To` and the others reach the voice URL as parameters. */
  connect({ params = {} } = {}) {
    const call = new Call((order) => this.#send(order), 'OUTGOING', { To: params.To }, 'connecting');
    this.#dialling.push(call);
    this.#send({ type: 'dial', to: params.To ?? '', parameters: params });
    return Promise.resolve(call);
  }

  #open() {
    clearTimeout(this.#timer);
    this.state = 'registering';
    this.emit('registering');
    const socket = new WebSocket(this.#address());
    this.#socket = socket;
    socket.onopen = () => {
      const resume = this.calls.map((call) => call.sid).filter(Boolean);
      socket.send(JSON.stringify({ type: 'register', token: this.#token, resume }));
    };
    socket.onmessage = (message) => this.#obey(JSON.parse(message.data));
    socket.onclose = () => socket === this.#socket && this.#lost();
  }

  #address() {
    const url = new URL(this.options.url ?? '/clients', this.options.url ? location.href : import.meta.url);
    url.protocol = url.protocol.replace('http', 'ws');
    return url.href;
  }

  #lost() {
    const was = this.state;
    if (this.state !== 'destroyed') this.state = 'unregistered';
    if (was === 'registered') this.emit('unregistered');
    for (const call of this.calls) this.#wanted ? call.hold(true) : call.hear({ type: 'ended' });
    if (!this.#wanted || this.#refused) return;
    this.#timer = setTimeout(() => this.#open(), this.#wait);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
  }

  #send(order) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(order));
    return true;
  }

  #obey(event) {
    if (event.type === 'registered') this.#registered(event);
    else if (event.type === 'error') this.#failed(event);
    else if (event.type === 'unregistered') this.#socket.close(1000);
    else if (event.type === 'incoming') this.#incoming(event);
    else if (event.type === 'dialing') this.#dialled(event);
    else this.#calls.get(event.sid)?.hear(event);
  }

  #registered(event) {
    this.#wait = FIRST_WAIT;
    this.state = 'registered';
    this.identity = event.identity;
    const alive = new Set(event.resumed);
    for (const call of this.calls) {
      if (call.status() !== 'reconnecting') continue;
      if (alive.has(call.sid)) call.hold(false);
      else call.hear({ type: 'ended' });
    }
    this.emit('registered');
  }

  #failed(event) {
    // A refused token stays refused: trying it again would only fill the log. updateToken opens again.
    if (INVALID_TOKENS.has(event.code)) this.#refused = true;
    this.emit('error', new TwilioError(event.code, event.message));
  }

  #incoming(event) {
    const parameters = { CallSid: event.sid, From: event.from, To: event.to, custom: event.parameters };
    const call = new Call((order) => this.#send(order), 'INCOMING', parameters, 'pending');
    this.#keep(event.sid, call);
    this.emit('incoming', call);
  }

  #dialled(event) {
    const call = this.#dialling.shift();
    if (!call) return;
    call.parameters.CallSid = event.sid;
    this.#keep(event.sid, call);
  }

  #keep(sid, call) {
    this.#calls.set(sid, call);
    for (const end of ['cancel', 'disconnect', 'reject']) call.on(end, () => this.#calls.delete(sid));
  }
}

Device.State = {
  Destroyed: 'destroyed',
  Unregistered: 'unregistered',
  Registering: 'registering',
  Registered: 'registered',
};
Device.EventName = {
  Error: 'error',
  Incoming: 'incoming',
  Registered: 'registered',
  Registering: 'registering',
  Unregistered: 'unregistered',
  Destroyed: 'destroyed',
  TokenWillExpire: 'tokenWillExpire',
};
