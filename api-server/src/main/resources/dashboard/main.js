/** The page: who looks, at which namespace, in which view. */

import {Api, ApiError} from './api.js';
import {Cluster, KINDS} from './cluster.js';
import {element, reconcile, say} from './dom.js';
import {keyOf, sorted} from './objects.js';
import {
  deploymentsView, eventsView, ingressesView, nodesView, servicesView,
} from './views.js';
import {wayView} from './wayview.js';

const VIEWS = {
  nodes: {title: 'Nodes and pods', kinds: ['nodes', 'pods'], make: nodesView},
  services: {title: 'Services', kinds: ['services', 'endpointslices'], make: servicesView},
  ingresses: {title: 'Ingresses', kinds: ['ingresses'], make: ingressesView},
  way: {title: 'The way of a request', make: wayView,
    kinds: ['ingresses', 'services', 'endpointslices', 'nodes']},
  deployments: {title: 'Deployments', kinds: ['deployments'], make: deploymentsView},
  events: {title: 'Events', kinds: ['events'], make: eventsView},
};
const TOKEN = 'token';

const at = id => document.getElementById(id);
let shown = null;

/** What is on the screen while somebody is logged in. */
class Screen {
  #views = new Map();
  #isDue = false;
  #namespace = '';
  #view = 'nodes';
  #id = '';

  constructor(api) {
    reconcile(at('tabs'), []);
    at('views').replaceChildren();
    for (const [name, {title, make}] of Object.entries(VIEWS)) {
      const heading = element('h2', {tabindex: '-1', id: `${name}-title`}, title);
      const notices = element('div', {class: 'notices'});
      const body = element('div');
      const section = element('section', {'aria-labelledby': `${name}-title`, hidden: true},
        heading, notices, body);
      at('views').append(section);
      this.#views.set(name, {section, heading, notices, draw: make(body)});
    }
    this.cluster = new Cluster(api, () => this.#due(), error => shut(sentence(error)));
    this.lookAt('');
    this.route(false);
  }

  close() {
    this.cluster.close();
    at('views').replaceChildren();
    reconcile(at('namespace'), []);
    say(at('user'), '');
  }

  lookAt(namespace) {
    this.#namespace = namespace;
    at('namespace').value = namespace;
    this.cluster.lookAt(namespace);
    this.#due();
  }

  /** Shows what the page's address says; an address that says nothing changes nothing. */
  route(isNavigation) {
    const [name, ...id] = location.hash.slice(1).split('/');
    if (!(name in VIEWS) && isNavigation) {
      return;
    }
    this.#view = name in VIEWS ? name : 'nodes';
    this.#id = id.join('/');
    for (const [each, view] of this.#views) {
      view.section.hidden = each !== this.#view;
    }
    document.title = `${VIEWS[this.#view].title} \u2013 Coracle`;
    if (isNavigation && document.activeElement?.id !== 'choice') {
      this.#views.get(this.#view).heading.focus();
    }
    this.#due();
  }

  /** Changes are gathered, and drawn with the next frame. */
  #due() {
    if (!this.#isDue) {
      this.#isDue = true;
      requestAnimationFrame(() => {
        this.#isDue = false;
        if (shown === this) {
          this.#draw();
        }
      });
    }
  }

  #draw() {
    const view = this.#views.get(this.#view);
    this.#drawTabs();
    this.#drawNamespaces();
    this.#drawConnection();
    this.#drawNotices(view.notices, VIEWS[this.#view].kinds);
    view.draw(this.cluster, this.#namespace, this.#id);
  }

  #drawTabs() {
    reconcile(at('tabs'), Object.entries(VIEWS).map(([name, {title}]) => {
      const text = name === 'way' ? title : `${title} ${this.#countOf(name)}`;
      const isCurrent = name === this.#view;
      return {
        key: name,
        make: () => element('li', {}, element('a', {href: `#${name}`})),
        update: item => {
          say(item.firstChild, text);
          if (isCurrent) {
            item.firstChild.setAttribute('aria-current', 'page');
          } else {
            item.firstChild.removeAttribute('aria-current');
          }
        },
      };
    }));
  }

  #countOf(view) {
    const [kind] = VIEWS[view].kinds;
    return this.cluster.state(kind).phase === 'refused' ? '' : this.cluster.count(kind);
  }

  #drawNamespaces() {
    const namespaces = this.cluster.objects('namespaces');
    const names = new Set(sorted(namespaces ?? []).map(keyOf));
    if (this.#namespace) {
      names.add(this.#namespace);
    }
    const select = at('namespace');
    reconcile(select, ['', ...names].map(name => ({
      key: name, stamp: '', make: () => element('option', {value: name}, name || 'All namespaces'),
    })));
    if (select.value !== this.#namespace) {
      select.value = this.#namespace;
    }
    at('other').hidden = namespaces !== null;
  }

  #drawConnection() {
    const states = Object.keys(KINDS).map(kind => this.cluster.state(kind));
    const broken = states.find(each => each.phase === 'broken');
    const isReading = states.some(each => each.phase === 'reading');
    const text = broken
      ? `Connection lost: ${broken.message}. Next try at ${broken.next.toLocaleTimeString()}.`
      : isReading ? 'Reading\u2026' : 'Live';
    say(at('connection'), text);
    at('connection').className = broken ? 'bad' : isReading ? 'waiting' : 'good';
  }

  #drawNotices(notices, kinds) {
    const refused = [...kinds, 'namespaces']
      .map(kind => ({kind, ...this.cluster.state(kind)}))
      .filter(each => each.phase === 'refused');
    reconcile(notices, refused.map(({kind, message}) => ({
      key: kind,
      stamp: message,
      make: () => {
        const again = element('button', {type: 'button'}, 'Try again');
        again.addEventListener('click', () => this.cluster.again(kind));
        return element('p', {class: 'notice'},
          element('span', {}, `${KINDS[kind].title} cannot be shown: ${message}`), ' ', again);
      },
    })));
  }
}

/** Logs in; without a token it is tried whether the browser has a certificate. */
async function enter(token, isAsked) {
  at('submit').disabled = true;
  try {
    const api = new Api(token);
    const user = await api.user();
    if (token) {
      sessionStorage.setItem(TOKEN, token);
    }
    say(at('user'), user);
    at('leave').hidden = !token;
    at('login').hidden = true;
    at('app').hidden = false;
    at('token').value = '';
    shown = new Screen(api);
  } catch (error) {
    shut(isAsked || error.code !== 401 ? sentence(error) : '');
  } finally {
    at('submit').disabled = false;
  }
}

/** Back to the first screen, with a sentence about why. */
function shut(why) {
  shown?.close();
  shown = null;
  sessionStorage.removeItem(TOKEN);
  at('app').hidden = true;
  at('login').hidden = false;
  say(at('problem'), why);
  document.title = 'Coracle';
  at('token').focus();
}

function sentence(error) {
  if (!(error instanceof ApiError)) {
    return `The API server does not answer: ${error.message}`;
  }
  const said = `The API server says: ${error.message} (${error.code}).`;
  return error.code === 401 ? `${said} The token is wrong, or has ended.` : said;
}

at('form').addEventListener('submit', event => {
  event.preventDefault();
  const token = at('token').value.trim().replace(/^Bearer\s+/i, '');
  if (/^[\x21-\x7e]+$/.test(token)) {
    enter(token, true);
  } else {
    say(at('problem'), token ? 'A token is one word, without spaces.' : 'Paste a token first.');
  }
});
at('leave').addEventListener('click', () => shut(''));
at('namespace').addEventListener('change', () => shown?.lookAt(at('namespace').value));
at('other').addEventListener('submit', event => {
  event.preventDefault();
  shown?.lookAt(at('other-name').value.trim());
});
addEventListener('hashchange', () => shown?.route(true));
if (performance.getEntriesByType('navigation')[0]?.nextHopProtocol === 'http/1.1') {
  say(at('protocol'), 'This connection is HTTP/1.1, of which a browser opens six at a time: not all'
    + ' kinds can be followed. Open the page at the API server itself.');
}
const kept = sessionStorage.getItem(TOKEN) ?? '';
enter(kept, kept !== '');
