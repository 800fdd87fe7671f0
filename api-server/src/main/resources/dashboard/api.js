/** Requests to the API server that this page came from. */

const ROOT = new URL('..', import.meta.url);

/** An answer that is no success, with the API's own message. */
export class ApiError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** The API for who has a token; without one, for whom the browser's certificate names. */
export class Api {
  #token;

  constructor(token) {
    this.#token = token;
  }

  /** The JSON at a path below the root of the API. */
  async get(path, signal) {
    return (await this.#send('GET', path, signal)).json();
  }

  /** Once an answer that goes on has begun: its lines as JSON, as many at once as have come. */
  async lines(path, signal) {
    return linesOf(await this.#send('GET', path, signal));
  }

  /** The name of the user that the API server takes this one for. */
  async user() {
    const review = await this.#send('POST', 'apis/authentication.k8s.io/v1/selfsubjectreviews',
      undefined, {apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview'});
    return (await review.json()).status.userInfo.username;
  }

  async #send(method, path, signal, body) {
    const headers = {Accept: 'application/json'};
    if (this.#token) {
      headers.Authorization = `Bearer ${this.#token}`;
    }
    if (body) {
      headers['Content-Type'] = 'application/json';
    }
    const response = await fetch(new URL(path, ROOT), {
      method, headers, signal, cache: 'no-store', redirect: 'error',
      body: body && JSON.stringify(body),
    });
    if (!response.ok) {
      throw new ApiError(response.status, await messageOf(response));
    }
    return response;
  }
}

async function* linesOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const {value, done} = await reader.read();
      if (done) {
        return;
      }
      const lines = (rest + value).split('\n');
      rest = lines.pop();
      yield lines.filter(line => line).map(line => JSON.parse(line));
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

async function messageOf(response) {
  const text = await response.text();
  try {
    return JSON.parse(text).message || response.statusText;
  } catch {
    return text.slice(0, 200) || response.statusText;
  }
}
