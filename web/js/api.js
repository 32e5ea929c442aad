// The REST calls: keys, problems in words, pictures, event streams.

const KEY = "dialogpaint.key";
const BIG_SEED = /("seed":\s*)(\d{16,})/g; // seeds have 63 bits, numbers here 53: they are kept as text
const SEED_TEXT = /("seed":)"(\d+)"/g;
const NEEDS_KEY = "This gateway answers only to those who have a key.";
const AWAY = "The gateway can't be reached. Nothing is lost; try again in a moment.";

/** An error that a person can act on; `message` is the gateway's own `detail`. */
export class Problem extends Error {
  constructor({ status = 0, code = "unreachable", detail = AWAY, retryable = true, retryAfter = null }) {
    super(detail);
    Object.assign(this, { status, code, retryable, retryAfter });
  }
}

/** A new idempotency key: a request repeated under it happens once. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

export class Api {
  #askForKey;
  #asking = null;
  #pictures = new Map();
  /** What a guest was given instead of a key; while there is one, nobody is asked for a key. */
  invitation = null;

  /** `askForKey(why)` resolves with the key that a person entered. */
  constructor(askForKey) {
    this.#askForKey = askForKey;
  }

  get = (path) => this.#json("GET", path);
  put = (path, body) => this.#json("PUT", path, { body });
  patch = (path, body) => this.#json("PATCH", path, { body });
  remove = (path) => this.#send("DELETE", path);

  /** POST; the same `key` with the same body happens once, however often it is sent. */
  post = (path, body, key = newKey()) =>
    this.#json("POST", path, { body, headers: { "Idempotency-Key": key } });

  /** Store a picture's bytes. */
  upload = (blob) => this.#json("POST", "/v1/images", { blob, headers: { "Content-Type": blob.type } });

  /** Create a conversation out of an exported archive. */
  importArchive = (blob) =>
    this.#json("POST", "/v1/conversations/import", {
      blob,
      headers: { "Content-Type": "application/zip", "Idempotency-Key": newKey() },
    });

  /** All items of a list, page after page. */
  async all(path) {
    const items = [];
    for (let cursor = ""; cursor !== null;) {
      const page = await this.get(`${path}?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      items.push(...page.items);
      cursor = page.next_cursor;
    }
    return items;
  }

  /** Open an event stream behind the event with this id, or from its beginning. */
  stream(path, lastId, signal) {
    return this.#send("GET", path, { signal, headers: lastId ? { "Last-Event-ID": lastId } : {} });
  }

  /** Put a picture into an `img`; with a key it has to be fetched, since an `img` can't send one. */
  async show(image, url) {
    if (image.dataset.url === url) return;
    image.dataset.url = url;
    const source = this.#key() ? await this.#fetched(url) : url;
    if (image.dataset.url === url) image.src = source;
  }

  /** The bytes of a picture. */
  async bytes(url) {
    return (await this.#send("GET", url)).blob();
  }

  #fetched(url) {
    if (!this.#pictures.has(url)) {
      const fetched = this.bytes(url).then((blob) => URL.createObjectURL(blob));
      fetched.catch(() => this.#pictures.delete(url));
      this.#pictures.set(url, fetched);
    }
    return this.#pictures.get(url).catch(() => url);
  }

  async #json(method, path, options) {
    const text = await (await this.#send(method, path, options)).text();
    return JSON.parse(text.replace(BIG_SEED, '$1"$2"'));
  }

  async #send(method, path, { body, blob, headers = {}, signal } = {}) {
    const key = this.#key();
    const answer = await fetch(path, {
      method,
      signal,
      headers: {
        ...headers,
        ...(body && { "Content-Type": "application/json" }),
        ...(key && { Authorization: `Bearer ${key}` }),
      },
      body: body ? JSON.stringify(body).replace(SEED_TEXT, "$1$2") : blob,
    }).catch((error) => {
      throw error.name === "AbortError" ? error : new Problem({});
    });
    if (answer.ok) return answer;
    const problem = await problemOf(answer);
    if (answer.status !== 401 || this.invitation) throw problem;
    await this.#newKey(key, key ? problem.message : NEEDS_KEY);
    return this.#send(method, path, { body, blob, headers, signal });
  }

  async #newKey(refused, why) {
    if (this.#key() !== refused) return; // another call has asked meanwhile
    this.#asking ??= this.#askForKey(why).finally(() => (this.#asking = null));
    sessionStorage.setItem(KEY, await this.#asking);
  }

  #key() {
    return this.invitation ?? sessionStorage.getItem(KEY);
  }
}

async function problemOf(answer) {
  const told = await answer.json().catch(() => ({ detail: `The gateway answered ${answer.status}.` }));
  return new Problem({
    ...told,
    status: answer.status,
    retryAfter: Number(answer.headers.get("Retry-After")) || null,
  });
}
