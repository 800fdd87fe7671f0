/** The objects that the page shows, as they are now, and how well they are followed. */

import {follow} from './follow.js';
import {keyOf} from './objects.js';

/** The kinds in the order in which they are said; those without namespace are `global`. */
export const KINDS = {
  namespaces: {path: 'api/v1', title: 'Namespaces', global: true},
  nodes: {path: 'api/v1', title: 'Nodes', global: true},
  pods: {path: 'api/v1', title: 'Pods'},
  services: {path: 'api/v1', title: 'Services'},
  endpointslices: {path: 'apis/discovery.k8s.io/v1', title: 'EndpointSlices'},
  ingresses: {path: 'apis/networking.k8s.io/v1', title: 'Ingresses'},
  deployments: {path: 'apis/apps/v1', title: 'Deployments'},
  events: {path: 'api/v1', title: 'Events'},
};

const SERVICE_NAME = 'kubernetes.io/service-name';

/** One for each login. Every change is told by `changed(kind)`; an unknown user by `ended(error)`. */
export class Cluster {
  #kinds = new Map();
  #slices = new Map();
  #namespace = '';

  constructor(api, changed, ended) {
    Object.assign(this, {api, changed, ended});
    for (const kind of Object.keys(KINDS)) {
      this.#kinds.set(kind, {objects: new Map(), state: {phase: 'reading'}, stop: () => {},
        isNarrow: false});
      this.#begin(kind);
    }
  }

  /** Ends everything. */
  close() {
    for (const kind of this.#kinds.values()) {
      kind.stop();
    }
  }

  /** `{phase, message, next}` of a kind; `next` is when a broken one is tried again. */
  state(kind) {
    return this.#kinds.get(kind).state;
  }

  /** The objects of a kind, or null when they are not to be seen. */
  objects(kind) {
    const {objects, state} = this.#kinds.get(kind);
    return state.phase === 'refused' ? null : [...objects.values()];
  }

  count(kind) {
    return this.#kinds.get(kind).objects.size;
  }

  find(kind, key) {
    return this.#kinds.get(kind).objects.get(key);
  }

  /** What the way of a request is computed from. */
  picture() {
    return {
      nodes: this.objects('nodes'),
      services: this.objects('services'),
      ingresses: this.objects('ingresses'),
      endpointslices: this.objects('endpointslices'),
      slicesOf: service => [...(this.#slices.get(keyOf(service))?.values() ?? [])],
    };
  }

  /**
   * Tells which namespace is looked at; empty is all. A kind that may not be seen in all is tried
   * in this one.
   */
  lookAt(namespace) {
    this.#namespace = namespace;
    for (const [name, kind] of this.#kinds) {
      if (!KINDS[name].global && (kind.isNarrow || kind.state.phase === 'refused')) {
        this.again(name);
      }
    }
  }

  /** Tries a kind that was refused once more. */
  again(name) {
    const kind = this.#kinds.get(name);
    kind.stop();
    kind.isNarrow = false;
    this.#listed(name, []);
    this.#begin(name);
  }

  #begin(name, isNarrow = false) {
    const kind = this.#kinds.get(name);
    const within = isNarrow ? `/namespaces/${encodeURIComponent(this.#namespace)}` : '';
    kind.isNarrow = isNarrow;
    kind.stop();
    kind.stop = follow(this.api, `${KINDS[name].path}${within}/${name}`, {
      listed: objects => this.#listed(name, objects),
      changed: (type, object) => this.#changed(name, type, object),
      ended: error => this.ended(error),
      state: state => this.#told(name, state),
    });
  }

  #told(name, state) {
    const kind = this.#kinds.get(name);
    if (state.phase === 'refused') {
      if (!kind.isNarrow && this.#namespace && !KINDS[name].global) {
        this.#begin(name, true);
        return;
      }
      this.#listed(name, []);
    }
    kind.state = {...state, next: new Date(Date.now() + (state.again ?? 0))};
    this.changed(name);
  }

  #listed(name, objects) {
    this.#kinds.get(name).objects = new Map(objects.map(object => [keyOf(object), object]));
    if (name === 'endpointslices') {
      this.#slices.clear();
      objects.forEach(slice => this.#index(slice, true));
    }
    this.changed(name);
  }

  #changed(name, type, object) {
    const isThere = type !== 'DELETED';
    const {objects} = this.#kinds.get(name);
    if (name === 'endpointslices') {
      const before = objects.get(keyOf(object));
      if (before) {
        this.#index(before, false);
      }
      this.#index(object, isThere);
    }
    if (isThere) {
      objects.set(keyOf(object), object);
    } else {
      objects.delete(keyOf(object));
    }
    this.changed(name);
  }

  #index(slice, isThere) {
    const service = slice.metadata.labels?.[SERVICE_NAME];
    if (!service) {
      return;
    }
    const key = `${slice.metadata.namespace}/${service}`;
    const slices = this.#slices.get(key) ?? new Map();
    if (isThere) {
      slices.set(keyOf(slice), slice);
    } else {
      slices.delete(keyOf(slice));
    }
    this.#slices.set(key, slices);
  }
}
