/** Follows one collection by list and watch, for as long as nobody ends it. */

import {ApiError} from './api.js';

const PAGE = 500;
const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 30_000;

/** Bookmarks come once a minute: a connection that is silent for longer is dead. */
const SILENCE_MS = 180_000;

/**
 * Begins to follow. The listener hears
 * `listed(objects)` - all there are, in place of all before;
 * `changed(type, object)` - ADDED, MODIFIED or DELETED;
 * `state({phase, message, again})` - `reading`, `live`, `broken` (tried again after `again`
 * milliseconds) or `refused` (403, 404, 405: not tried again);
 * `ended(error)` - the user is not known any more.
 *
 * @param api has `get(path, signal)` and `lines(path, signal)`
 * @param pause a promise that is kept after milliseconds
 * @return ends it
 */
export function follow(api, path, listener, pause = sleep) {
  const ending = new AbortController();
  new Follower(api, path, listener, pause, ending.signal).run();
  return () => ending.abort();
}

class Follower {
  #revision = '';
  #pauseMs = FIRST_PAUSE_MS;

  /** Whether nothing has been heard since the list. */
  #isFresh = false;

  constructor(api, path, listener, pause, signal) {
    Object.assign(this, {api, path, listener, pause, signal});
  }

  async run() {
    while (!this.signal.aborted) {
      try {
        if (!this.#revision) {
          this.listener.state({phase: 'reading'});
          await this.#list();
        }
        await this.#watch();
      } catch (error) {
        if (this.signal.aborted || !await this.#goesOn(error)) {
          return;
        }
      }
    }
  }

  async #list() {
    const objects = [];
    let next = '';
    do {
      const page = await this.api.get(
        `${this.path}?limit=${PAGE}${next && `&continue=${encodeURIComponent(next)}`}`,
        this.signal);
      for (const object of page.items) {
        objects.push(slim(object));
      }
      next = page.metadata.continue ?? '';
      this.#revision = next ? '' : page.metadata.resourceVersion;
    } while (next);
    this.#isFresh = true;
    if (!this.signal.aborted) {
      this.listener.listed(objects);
    }
  }

  /** Returns when the server ends the watch, as it does from time to time; goes on after that. */
  async #watch() {
    const attempt = new AbortController();
    const silence = new Alarm(() => attempt.abort(new Error('nothing was heard for too long')));
    let heard = false;
    try {
      silence.set(SILENCE_MS);
      const events = await this.api.lines(
        `${this.path}?watch=true&allowWatchBookmarks=true&resourceVersion=${this.#revision}`,
        AbortSignal.any([this.signal, attempt.signal]));
      if (!this.signal.aborted) {
        this.listener.state({phase: 'live'});
      }
      for await (const batch of events) {
        silence.set(SILENCE_MS);
        for (const event of batch) {
          this.#take(event);
          heard = true;
        }
      }
    } finally {
      silence.clear();
    }
    if (!heard) {
      await this.#rest();
    }
  }

  #take({type, object}) {
    if (this.signal.aborted) {
      return;
    }
    if (type === 'ERROR') {
      throw new ApiError(object.code, object.message);
    }
    this.#revision = object.metadata.resourceVersion;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#isFresh = false;
    if (type !== 'BOOKMARK') {
      this.listener.changed(type, slim(object));
    }
  }

  /** Whether there is another attempt; it is due when this returns. */
  async #goesOn(error) {
    const code = error instanceof ApiError ? error.code : 0;
    if (code === 401) {
      this.listener.ended(error);
      return false;
    }
    if (code === 403 || code === 404 || code === 405) {
      this.listener.state({phase: 'refused', message: error.message});
      return false;
    }
    if (code === 410 && this.#revision) {
      // the state that was known is not kept any more
      this.#revision = '';
      if (this.#isFresh) {
        await this.#rest();
      }
      return true;
    }
    this.listener.state({phase: 'broken', message: error.message, again: this.#pauseMs});
    await this.#rest();
    return true;
  }

  async #rest() {
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(2 * pauseMs, LAST_PAUSE_MS);
    await this.pause(pauseMs, this.signal);
  }
}

/** Rings once, unless it is set anew before. */
class Alarm {
  #timer = 0;

  constructor(ring) {
    this.ring = ring;
  }

  set(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.ring, ms);
  }

  clear() {
    clearTimeout(this.#timer);
  }
}

/** An object without what nobody looks at and is as large as the rest. */
function slim(object) {
  delete object.metadata.managedFields;
  return object;
}

/** Is over early when the signal says so, or when the browser is back in the network. */
function sleep(ms, signal) {
  return new Promise(resolve => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener('online', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    addEventListener('online', done);
    signal.addEventListener('abort', done);
  });
}
