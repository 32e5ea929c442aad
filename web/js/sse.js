// Server-sent events over fetch, which can send a key; EventSource can't.

const SILENCE_MS = 40_000; // the gateway sends a heartbeat each 15 s
const PAUSES_MS = [300, 1_000, 2_000, 5_000];

/**
 * Follow an event stream until `signal` aborts, coming back behind the last event seen whenever it breaks.
 * `open(lastEventId, signal)` fetches it; `onEvent({id, name, data})` and `onLink(isLive)` tell what happens.
 */
export async function follow({ open, onEvent, onLink, signal }) {
  let lastId = null;
  let failures = 0;
  while (!signal.aborted) {
    const attempt = new AbortController();
    const stop = () => attempt.abort();
    signal.addEventListener("abort", stop);
    addEventListener("offline", stop);
    try {
      const answer = await open(lastId, attempt.signal);
      onLink(true);
      failures = 0;
      await read(answer.body, stop, (event) => {
        lastId = event.id || (event.name === "reset" ? null : lastId);
        onEvent(event);
      });
    } catch (error) {
      if (error.status === 404) return;
    } finally {
      signal.removeEventListener("abort", stop);
      removeEventListener("offline", stop);
    }
    if (signal.aborted) return;
    onLink(false);
    await pause(PAUSES_MS[Math.min(failures++, PAUSES_MS.length - 1)], signal);
  }
}

async function read(body, stop, onEvent) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  for (;;) {
    const watchdog = setTimeout(stop, SILENCE_MS);
    const { done, value } = await reader.read().finally(() => clearTimeout(watchdog));
    if (done) return;
    const blocks = (waiting + value).split("\n\n");
    waiting = blocks.pop();
    for (const block of blocks) {
      const event = parse(block);
      if (event) onEvent(event);
    }
  }
}

function parse(block) {
  const event = { id: "", name: "message", data: null };
  for (const line of block.split("\n")) {
    const [, field, value] = line.match(/^(\w+): ?(.*)$/) ?? [];
    if (field === "id") event.id = value;
    if (field === "event") event.name = value;
    if (field === "data") event.data = JSON.parse(value);
  }
  return event.data && event;
}

/** Wait, but not when the browser says that the network is back. */
function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      removeEventListener("online", over);
      resolve();
    };
    const timer = setTimeout(over, milliseconds);
    addEventListener("online", over);
    signal.addEventListener("abort", over, { once: true });
  });
}
