// One open conversation: what the gateway knows of it, kept up to date by its events.
import { follow } from "./sse.js";
import { redoTarget, undoTarget } from "./tree.js";

const TERMINAL = new Set(["succeeded", "failed", "canceled"]);
const STATUS_OF = { "edit.queued": "queued", "edit.started": "running" };
const QUEUE_LOOK_MS = 3_000;

/** Whether an edit has come to its end. */
export const isOver = (edit) => TERMINAL.has(edit.status);

/** Tells `change` whenever anything about it changed, and `edit-over` with the edit that ended. */
export class Conversation extends EventTarget {
  turns = new Map(); // number → turn
  edits = new Map(); // id → edit
  previews = new Map(); // edit id → url
  revisions = [];
  pending = null; // what was said and not yet answered
  isLive = true;
  #api;
  #left = []; // heads that were left, oldest first
  #closing = new AbortController();
  #reading = null;
  #readAgain = false;
  #asked = new Map(); // edit id → the request for it

  constructor(api, record) {
    super();
    this.#api = api;
    this.record = record;
  }

  /** Read a conversation and begin to follow it. */
  static async open(api, id) {
    const conversation = new Conversation(api, await api.get(`/v1/conversations/${id}`));
    await conversation.#read();
    conversation.#follow();
    return conversation;
  }

  /** Stop following. */
  close() {
    this.#closing.abort();
  }

  get id() {
    return this.record.id;
  }

  get head() {
    return (
      this.revisions.find((revision) => revision.id === this.record.head_revision_id) ?? this.revisions[0]
    );
  }

  /** The edit that a new turn has to wait for. */
  get unfinished() {
    return [...this.edits.values()].find((edit) => !isOver(edit)) ?? null;
  }

  get undoTo() {
    return undoTarget(this.revisions, this.head.id);
  }

  get redoTo() {
    return redoTarget(this.revisions, this.head.id, this.#left);
  }

  /** Turns, and edits that were run without one, in the order in which they happened. */
  get timeline() {
    const turns = [...this.turns.values()].map((turn) => ({
      key: `turn-${turn.number}`,
      at: turn.created_at,
      turn,
      edit: turn.edit && (this.edits.get(turn.edit.id) ?? turn.edit),
    }));
    const edits = [...this.edits.values()]
      .filter((edit) => !edit.turn)
      .map((edit) => ({ key: edit.id, at: edit.created_at, turn: null, edit }));
    return [...turns, ...edits].sort((one, other) => new Date(one.at) - new Date(other.at));
  }

  /** Take a turn; returns it. The same `key` with the same words is answered once. */
  async say(said, key) {
    this.pending = { text: said.text };
    this.#changed();
    try {
      const turn = await this.#api.post(this.record.urls.turns, said, key);
      this.#takeTurn(turn);
      return turn;
    } finally {
      this.pending = null;
      this.#changed();
    }
  }

  /** Run an explicit instruction on a revision. */
  async run(wanted, key) {
    const edit = await this.#api.post("/v1/edits", { conversation_id: this.id, ...wanted }, key);
    this.#takeEdit(edit);
    this.#changed();
  }

  /** Run an edit that came to nothing again: the gateway knows its instructions, parameters, seed and area. */
  async runAgain(edit, key) {
    this.#takeEdit(await this.#api.post(edit.urls.rerun, undefined, key));
    this.#changed();
  }

  /** Stop an edit. */
  async cancel(edit) {
    this.#takeEdit(await this.#api.post(edit.urls.cancel));
    this.#changed();
  }

  /** Let the next turn start from this revision. */
  async moveHead(revisionId) {
    const before = this.head.id;
    this.record = await this.#api.put(this.record.urls.head, { revision_id: revisionId });
    this.#left.push(before);
    this.#changed();
  }

  /** Say what the picture shows; an empty caption takes it back. */
  async describe(caption) {
    this.record = await this.#api.patch(this.record.urls.self, { caption: caption || null });
    this.#changed();
  }

  /** Rate an edit's picture, from 1 to 5. */
  async rate(edit, rating) {
    this.edits.set(edit.id, await this.#api.put(edit.urls.rating, rating));
    this.#changed();
  }

  #follow() {
    follow({
      open: (lastId, signal) => this.#api.stream(this.record.urls.events, lastId, signal),
      onEvent: (event) => this.#apply(event),
      onLink: (isLive) => this.#linked(isLive),
      signal: this.#closing.signal,
    });
  }

  #linked(isLive) {
    if (this.isLive === isLive) return;
    this.isLive = isLive;
    this.#changed();
    if (isLive) this.#readSoon(); // what an event told while calls failed was not read
  }

  #apply({ name, data }) {
    if (name === "reset") this.#readSoon();
    else if (name === "turn.created") this.turns.has(data.number) || this.#readSoon();
    else if (name === "head.moved") data.version > this.record.version && this.#readSoon();
    else if (name.startsWith("edit.")) this.#applyToEdit(name, data);
  }

  #applyToEdit(name, data) {
    const edit = this.edits.get(data.edit_id);
    if (!edit) return this.#ask(data.edit_id);
    if (isOver(edit)) return undefined;
    if (TERMINAL.has(name.slice("edit.".length))) return this.#ask(edit.id);
    if (name === "edit.preview") this.previews.set(edit.id, data.url);
    const progress = data.steps ? { step: data.step, steps: data.steps } : edit.progress;
    this.edits.set(edit.id, { ...edit, status: STATUS_OF[name] ?? "running", progress });
    return this.#changed();
  }

  /** Read one edit; requests for the same one are joined. */
  #ask(editId) {
    if (!this.#asked.has(editId)) {
      const asked = this.#api
        .get(`/v1/edits/${editId}`)
        .then(
          (edit) => this.#takeEdit(edit),
          () => {},
        ) // what is gone, or comes again with the next event
        .finally(() => this.#asked.delete(editId))
        .then(() => this.#changed());
      this.#asked.set(editId, asked);
    }
    return this.#asked.get(editId);
  }

  #takeTurn(turn) {
    this.turns.set(turn.number, turn);
    if (turn.edit) this.#takeEdit(turn.edit);
    if (this.pending?.text === turn.text) this.pending = null;
  }

  #takeEdit(edit) {
    const known = this.edits.get(edit.id);
    if (known && isOver(known)) return;
    this.edits.set(edit.id, edit);
    if (edit.status === "queued") this.#lookAgain(edit.id);
    if (known && isOver(edit)) this.dispatchEvent(new CustomEvent("edit-over", { detail: edit }));
    const isNew = (id) => !this.revisions.some((revision) => revision.id === id);
    if ((known && isOver(edit)) || edit.revision_ids.some(isNew)) this.#readSoon();
  }

  /** An edit's place in the queue comes with the edit, not with an event. */
  #lookAgain(editId) {
    setTimeout(() => {
      const isWaiting = this.edits.get(editId)?.status === "queued" && !this.#closing.signal.aborted;
      if (isWaiting) this.#ask(editId);
    }, QUEUE_LOOK_MS);
  }

  /** Read everything again, once however many events ask for it. */
  async #readSoon() {
    if (this.#reading) {
      this.#readAgain = true;
      return;
    }
    do {
      this.#readAgain = false;
      this.#reading = this.#read().catch(() => {}); // the event stream notices what is away, and comes back
      await this.#reading;
    } while (this.#readAgain);
    this.#reading = null;
  }

  async #read() {
    const { self, turns, revisions } = this.record.urls;
    const [record, said, tree] = await Promise.all([
      this.#api.get(self),
      this.#api.all(turns),
      this.#api.get(revisions),
    ]);
    const before = this.head?.id;
    this.record = record;
    this.revisions = tree.items;
    if (before && before !== this.head.id) this.#left = this.#left.filter((id) => id !== this.head.id);
    said.filter((turn) => !this.turns.has(turn.number)).forEach((turn) => this.#takeTurn(turn));
    await Promise.all(this.#unread().map((id) => this.#ask(id)));
    this.#changed();
  }

  /** The edits that are named but not known, or that were unfinished when they were last read. */
  #unread() {
    const named = [...this.revisions.map((revision) => revision.edit_id), this.record.unfinished_edit_id];
    const ids = new Set([...named, ...this.edits.keys()].filter(Boolean));
    return [...ids].filter((id) => !this.edits.has(id) || !isOver(this.edits.get(id)));
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
