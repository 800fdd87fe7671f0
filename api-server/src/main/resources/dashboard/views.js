/** The lists: what each view shows of a cluster. */

import {element, reconcile, reconcileSome, say} from './dom.js';
import {
  balancerAddresses, compare, deploymentState, descriptionOf, endpointsOf, eventTime,
  internalAddress, keyOf, nodeState, podState, portsOf, portText, sorted, typeOf,
} from './objects.js';
import {addressOf, backendText, ingressId, pathsOf, serviceId} from './way.js';

const MOST_ROWS = 300;
const MOST_BOXES = 600;
const MOST_EVENTS = 50;
const MOST_ENDPOINTS = 8;

/** A word with its colour: the colour is never all there is. */
export function badge({word, tone, detail}) {
  return element('span', {class: `badge ${tone}`}, detail ? `${word}: ${detail}` : word);
}

// --- nodes and their pods

/** Nodes, each with its pods as boxes. */
export function nodesView(root) {
  const list = element('ul', {class: 'nodes'});
  const rest = element('p', {class: 'rest', hidden: true});
  root.append(list, rest);
  return (cluster, namespace) => {
    const pods = podsByNode(cluster.objects('pods') ?? [], namespace);
    const nodes = new Map(sorted(cluster.objects('nodes') ?? []).map(node => [node.metadata.name, node]));
    const names = [...new Set([...nodes.keys(), ...[...pods.keys()].filter(name => name).sort()])];
    if (pods.has('')) {
      names.push('');
    }
    const most = Math.max(10, Math.floor(MOST_BOXES / Math.max(1, names.length)));
    reconcileSome(list, names.map(name => ({
      key: name,
      make: nodeCard,
      update: card => drawNode(card, name, nodes.get(name), pods.get(name) ?? [], most, !namespace),
    })), MOST_ROWS, rest);
  };
}

function podsByNode(pods, namespace) {
  const byNode = new Map();
  for (const pod of pods) {
    if (!namespace || pod.metadata.namespace === namespace) {
      const name = pod.spec?.nodeName ?? '';
      if (!byNode.has(name)) {
        byNode.set(name, []);
      }
      byNode.get(name).push(pod);
    }
  }
  return byNode;
}

function nodeCard() {
  return element('li', {class: 'node'},
    element('h3', {}), element('p', {class: 'facts'}),
    element('ul', {class: 'pods'}), element('p', {class: 'rest', hidden: true}));
}

function drawNode(card, name, node, pods, most, isEverywhere) {
  const [title, facts, boxes, rest] = card.children;
  say(title, name || 'Not on a node yet');
  const state = node ? nodeState(node) : undefined;
  const address = node ? internalAddress(node) : '';
  const count = `${pods.length} ${pods.length === 1 ? 'pod' : 'pods'}`;
  reconcile(facts, [
    ...(state ? [{key: 'state', stamp: state.word, make: () => badge(state)}] : []),
    ...(address ? [{key: 'address', stamp: address, make: () => element('code', {}, address)}] : []),
    {key: 'count', stamp: count, make: () => element('span', {}, count)},
  ]);
  reconcileSome(boxes, sorted(pods).map(pod => ({
    key: keyOf(pod),
    stamp: `${pod.metadata.uid} ${pod.metadata.resourceVersion} ${isEverywhere}`,
    make: () => podBox(pod, isEverywhere),
  })), most, rest);
}

function podBox(pod, isEverywhere) {
  const state = podState(pod);
  return element('li', {class: `pod ${state.tone}`},
    element('span', {class: 'name'}, pod.metadata.name),
    isEverywhere ? element('span', {class: 'namespace'}, pod.metadata.namespace) : '',
    element('span', {class: 'word'}, state.detail ? `${state.word}: ${state.detail}` : state.word),
    pod.status?.podIP ? element('code', {}, pod.status.podIP) : '');
}

// --- tables

/** A table that is filled row by row: {key, stamp, cells()}, each cell an array of nodes. */
function table(root, caption, columns) {
  const body = element('tbody');
  const rest = element('p', {class: 'rest', hidden: true});
  const none = element('p', {class: 'none', hidden: true});
  root.append(element('table', {},
    element('caption', {class: 'unseen'}, caption),
    element('thead', {}, element('tr', {},
      columns.map(column => element('th', {scope: 'col'}, column)))),
    body), none, rest);
  return (rows, whenEmpty, most = MOST_ROWS) => {
    reconcileSome(body, rows.map(row => ({
      key: row.key,
      stamp: row.stamp,
      make: () => element('tr', {class: row.tone ?? ''}, row.cells().map((cell, i) =>
        element(i === 0 ? 'th' : 'td', {'data-label': columns[i], scope: i === 0 ? 'row' : undefined},
          cell))),
    })), most, rest);
    say(none, rows.length ? '' : whenEmpty);
  };
}

function within(objects, namespace) {
  return sorted((objects ?? []).filter(each => !namespace || each.metadata.namespace === namespace));
}

function title(object) {
  const description = descriptionOf(object);
  return [
    element('span', {class: 'namespace'}, `${object.metadata.namespace}/`),
    element('span', {class: 'name'}, object.metadata.name),
    description ? element('span', {class: 'description'}, description) : '',
  ];
}

function wayLink(id, text, what) {
  return element('a', {href: `#way/${id}`, 'aria-label': `The way to ${what}`}, text);
}

function lines(nodes) {
  return nodes.length ? [element('ul', {class: 'lines'}, nodes.map(node => element('li', {}, node)))]
    : ['\u2013'];
}

/** Services with their ports, addresses and endpoints. */
export function servicesView(root) {
  const fill = table(root, 'Services',
    ['Service', 'Type', 'Cluster IP', 'Ports', 'External address', 'Endpoints']);
  return (cluster, namespace) => {
    const picture = cluster.picture();
    fill(within(cluster.objects('services'), namespace).map(service => ({
      key: keyOf(service),
      stamp: [service, ...picture.slicesOf(service)]
        .map(each => `${each.metadata.uid}@${each.metadata.resourceVersion}`).join(' '),
      cells: () => serviceCells(picture, service),
    })), cluster.state('services').phase === 'live' ? 'No Services here.' : '');
  };
}

function serviceCells(picture, service) {
  const external = [...balancerAddresses(service), ...(service.spec.externalIPs ?? [])];
  if (service.spec.type === 'ExternalName') {
    external.push(service.spec.externalName ?? '');
  }
  if (service.spec.type === 'LoadBalancer' && external.length === 0) {
    external.push('pending');
  }
  return [
    title(service),
    [typeOf(service)],
    [element('code', {}, service.spec.clusterIP || '\u2013')],
    lines(portsOf(service).map(port => portCell(service, port))),
    lines(external.map(address => element('code', {}, address))),
    endpointCell(picture, service),
  ];
}

function portCell(service, port) {
  return [
    wayLink(serviceId(service, port), `${port.name ? `${port.name} ` : ''}${portText(port)}`,
      `port ${port.port ?? ''} of ${keyOf(service)}`),
    port.nodePort ? ` nodePort ${port.nodePort}` : '',
  ];
}

function endpointCell(picture, service) {
  const byAddress = new Map();
  for (const {address, port, state} of endpointsOf(picture, service)) {
    const known = byAddress.get(address) ?? {address, state, ports: []};
    known.ports.push(...port === undefined ? [] : [port]);
    byAddress.set(address, known);
  }
  const endpoints = [...byAddress.values()];
  const shown = endpoints.slice(0, MOST_ENDPOINTS).map(each => [
    element('code', {}, [each.address, each.ports.join()].filter(Boolean).join(':')),
    ' ', badge({word: each.state, tone: {ready: 'good', terminating: 'ending'}[each.state] ?? 'waiting'}),
  ]);
  if (endpoints.length > MOST_ENDPOINTS) {
    shown.push([`and ${endpoints.length - MOST_ENDPOINTS} more`]);
  }
  const canHave = picture.endpointslices && service.spec.type !== 'ExternalName';
  return shown.length ? lines(shown) : [canHave ? 'none' : '\u2013'];
}

/** Ingresses with their hosts and paths. */
export function ingressesView(root) {
  const fill = table(root, 'Ingresses', ['Ingress', 'Class', 'Address', 'Hosts and paths']);
  return (cluster, namespace) =>
    fill(within(cluster.objects('ingresses'), namespace).map(ingress => ({
      key: keyOf(ingress),
      stamp: `${ingress.metadata.uid}@${ingress.metadata.resourceVersion}`,
      cells: () => [
        title(ingress),
        [ingress.spec?.ingressClassName ?? '\u2013'],
        lines(balancerAddresses(ingress).map(address => element('code', {}, address))),
        lines(pathsOf(ingress).map(path => [
          wayLink(ingressId(ingress, path), addressOf(path),
            `${addressOf(path)} of ${keyOf(ingress)}`),
          ` \u2192 ${backendText(path.backend)}`,
        ])),
      ],
    })), cluster.state('ingresses').phase === 'live' ? 'No Ingresses here.' : '');
}

/** Deployments with how many pods are ready. */
export function deploymentsView(root) {
  const fill = table(root, 'Deployments', ['Deployment', 'Ready', 'State', 'Images']);
  return (cluster, namespace) =>
    fill(within(cluster.objects('deployments'), namespace).map(deployment => ({
      key: keyOf(deployment),
      stamp: `${deployment.metadata.uid}@${deployment.metadata.resourceVersion}`,
      cells: () => {
        const state = deploymentState(deployment);
        const images = deployment.spec.template.spec.containers.map(each => each.image);
        return [
          title(deployment),
          [`${state.ready}/${state.wanted}`],
          [badge(state)],
          lines(images.map(image => element('code', {}, image))),
        ];
      },
    })), cluster.state('deployments').phase === 'live' ? 'No Deployments here.' : '');
}

/** The newest events. */
export function eventsView(root) {
  const fill = table(root, 'The newest events, newest first',
    ['Time', 'Type', 'About', 'Reason', 'Message']);
  const times = new WeakMap();
  const timeOf = event => {
    const known = times.get(event) ?? eventTime(event);
    times.set(event, known);
    return known;
  };
  return (cluster, namespace) => {
    const events = (cluster.objects('events') ?? [])
      .filter(event => !namespace || event.metadata.namespace === namespace)
      .sort((a, b) => compare(timeOf(b), timeOf(a)))
      .slice(0, MOST_EVENTS);
    fill(events.map(event => ({
      key: keyOf(event),
      stamp: `${event.metadata.uid}@${event.metadata.resourceVersion}`,
      tone: event.type === 'Warning' ? 'warning' : '',
      cells: () => eventCells(event, timeOf(event)),
    })), cluster.state('events').phase === 'live' ? 'No events here.' : '');
  };
}

function eventCells(event, time) {
  const {kind = '', namespace, name = ''} = event.involvedObject ?? {};
  const count = event.series?.count ?? event.count ?? 1;
  return [
    [time ? element('time', {datetime: time}, new Date(time).toLocaleTimeString()) : '\u2013'],
    [badge({word: event.type || 'Normal', tone: event.type === 'Warning' ? 'bad' : 'over'})],
    [`${kind} ${namespace ? `${namespace}/` : ''}${name}`],
    [event.reason ?? ''],
    [`${event.message ?? ''}${count > 1 ? ` (${count} times)` : ''}`],
  ];
}
