// A web socket that comes back: short holes in the network must not end a call.

const FIRST_WAIT = 300;
const LONGEST_WAIT = 5000;

export class Wire {
  /** `url()` and `greeting()` are asked anew for each attempt, because calls in progress are named in them. */
  constructor(url, { greeting = () => null, onEvent, onState = () => {} }) {
    this.url = url;
    this.greeting = greeting;
    this.onEvent = onEvent;
    this.onState = onState;
    this.wait = FIRST_WAIT;
    this.closed = false;
    this.open();
  }

  open() {
    this.socket = new WebSocket(this.url());
    this.socket.onopen = () => {
      this.wait = FIRST_WAIT;
      const first = this.greeting();
      if (first) this.send(first);
      this.onState(true);
    };
    this.socket.onmessage = (message) => this.onEvent(JSON.parse(message.data));
    this.socket.onclose = () => this.lost();
  }

  lost() {
    this.onState(false);
    if (this.closed) return;
    this.timer = setTimeout(() => this.open(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  /** True if it could be handed to the network. */
  send(order) {
    if (this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(order));
    return true;
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket.close(1000);
  }
}
