/**
 * The way of a request: from a choice (a path of an Ingress, a port of a Service) and the objects of
 * a cluster to the hops that a request takes. Knows no page, no network and no clock.
 *
 * A cluster is {nodes, services, endpointslices, ingresses}, each an array, or null when the user
 * may not see the kind. A way is {title, legs}; a leg is {title, hops, end}, where `end` says what
 * happens when the request does not arrive; a hop is {kind, title, places, note}; a place is
 * {name, address, note, works}.
 */

import {
  balancerAddresses, endpointsOf, internalAddress, isReady, keyOf, portsOf, portText, sorted, typeOf,
} from './objects.js';

const DOMAIN = 'svc.cluster.local';
const EXCLUDED = 'node.kubernetes.io/exclude-from-external-load-balancers';
const REFUSED = 'No endpoint is usable: connections are refused.';

/** What can be chosen, as {id, group, label}, in the order of namespaces and names. */
export function choices(cluster, namespace) {
  const within = object => !namespace || object.metadata.namespace === namespace;
  const ingresses = sorted(cluster.ingresses ?? []).filter(within).flatMap(ingress =>
    pathsOf(ingress).map(path => ({
      id: idOf('ingress', ingress, path.host, path.path, path.type),
      group: 'Ingress paths',
      label: `${keyOf(ingress)}: ${addressOf(path)} \u2192 ${backendText(path.backend)}`,
    })));
  const services = sorted(cluster.services ?? []).filter(within).flatMap(service =>
    portsOf(service).map(port => ({
      id: serviceId(service, port),
      group: 'Service ports',
      label: `${keyOf(service)}: ${portText(port)} (${typeOf(service)})`,
    })));
  return [...ingresses, ...services];
}

/** The id of the choice of a Service's port. */
export function serviceId(service, port) {
  return idOf('service', service, port.port ?? '', port.protocol ?? 'TCP');
}

/** The id of the choice of an Ingress's path, one of `pathsOf`. */
export function ingressId(ingress, path) {
  return idOf('ingress', ingress, path.host, path.path, path.type);
}

/** The paths of an Ingress, its default backend last, as {host, path, type, backend}. */
export function pathsOf(ingress) {
  const paths = (ingress.spec?.rules ?? []).flatMap(rule =>
    (rule.http?.paths ?? []).map(path => ({
      host: rule.host ?? '',
      path: path.path || '/',
      type: path.pathType ?? '',
      backend: path.backend ?? {},
    })));
  const fallback = ingress.spec?.defaultBackend;
  return fallback ? [...paths, {host: '', path: '', type: 'default', backend: fallback}] : paths;
}

/** What a path answers to, as a user would say it. */
export function addressOf(path) {
  return path.type === 'default' ? 'what no rule matches' : `${path.host || '*'}${path.path}`;
}

/** A backend in a word: the Service and its port. */
export function backendText(backend) {
  return backend.service
    ? `${backend.service.name}:${backend.service.port?.name || backend.service.port?.number || ''}`
    : `${backend.resource?.kind ?? 'resource'} ${backend.resource?.name ?? ''}`;
}

/** The way of a choice, or null when it is gone. */
export function wayOf(cluster, id) {
  const [kind, namespace, name, ...rest] = id.split('/').map(decode);
  const named = object =>
    object.metadata.namespace === namespace && object.metadata.name === name;
  if (kind === 'service') {
    const service = (cluster.services ?? []).find(named);
    const port = service && portsOf(service).find(each => serviceId(service, each) === id);
    return port ? {title: `Service ${keyOf(service)}, port ${portText(port)}`,
      legs: serviceLegs(cluster, service, port)} : null;
  }
  const ingress = kind === 'ingress' && (cluster.ingresses ?? []).find(named);
  const path = ingress && pathsOf(ingress).find(each =>
    each.host === rest[0] && each.path === rest[1] && each.type === rest[2]);
  return path ? {title: `Ingress ${keyOf(ingress)}, ${addressOf(path)}`,
    legs: ingressLegs(cluster, ingress, path)} : null;
}

/** A leg in plain text, a line for each hop. */
export function textOf(leg) {
  const lines = leg.hops.map(hop => {
    const places = hop.places.map(placeText).join(', ');
    return `${hop.title}${places ? ` ${places}` : ''}${hop.note ? ` [${hop.note}]` : ''}`;
  });
  return [leg.title, ...lines, ...(leg.end ? [leg.end] : [])].join('\n');
}

// --- the ways of a Service

function serviceLegs(cluster, service, port) {
  if (service.spec.type === 'ExternalName') {
    return [externalNameLeg(service)];
  }
  if (service.spec.clusterIP === 'None') {
    return [headlessLeg(cluster, service, port)];
  }
  const outside = outsideHops(cluster, service, port);
  const legs = [];
  if (outside) {
    legs.push(finished('From outside the cluster',
      [{kind: 'client', title: 'Client', places: [], note: 'curl, a browser'}, ...outside.hops,
        serviceHop(service, port), podsHop(cluster, outside.endpoints)],
      outside.end || endOf(cluster, outside.endpoints, REFUSED)));
  }
  const endpoints = endpointsOf(cluster, service, port);
  legs.push(finished('Inside the cluster', [
    {kind: 'client', title: 'Client', places: [], note: 'a pod'},
    {kind: 'dns', title: 'DNS', places: [place(nameOf(service), service.spec.clusterIP)], note: ''},
    serviceHop(service, port, insideNote(service)),
    podsHop(cluster, endpoints),
  ], endOf(cluster, endpoints, REFUSED)));
  return legs;
}

function insideNote(service) {
  const notes = [];
  if (service.spec.internalTrafficPolicy === 'Local') {
    notes.push('internalTrafficPolicy Local: only endpoints on the client\'s node');
  }
  if ((service.spec.externalIPs ?? []).length) {
    notes.push(`answers at ${service.spec.externalIPs.join(', ')} too`);
  }
  return notes;
}

function externalNameLeg(service) {
  const target = service.spec.externalName ?? '';
  return finished('Inside the cluster', [
    {kind: 'client', title: 'Client', places: [], note: 'a pod'},
    {kind: 'dns', title: 'DNS', places: [place(nameOf(service), `CNAME ${target}`)], note: ''},
    {kind: 'external', title: 'Target', places: [place('', target)],
      note: 'the client connects to that name itself: no Service address, no port is changed'},
  ], '');
}

function headlessLeg(cluster, service, port) {
  const endpoints = endpointsOf(cluster, service, port);
  const given = endpoints.filter(each => each.state === 'ready');
  return finished('Inside the cluster', [
    {kind: 'client', title: 'Client', places: [], note: 'a pod'},
    {kind: 'dns', title: 'DNS', places: [place(nameOf(service),
      [...new Set(given.map(each => each.address))].join(' '))],
      note: 'headless: the addresses of the endpoints, and none of the Service'},
    podsHop(cluster, endpoints.map(each => ({...each, usable: each.state === 'ready'}))),
  ], endOf(cluster, given, 'No endpoint is ready: DNS gives no address.'));
}

/** The hops before the Service for who comes from outside, and the endpoints they lead to. */
function outsideHops(cluster, service, port) {
  const isBalanced = service.spec.type === 'LoadBalancer';
  if (!isBalanced && service.spec.type !== 'NodePort') {
    return null;
  }
  const hops = [];
  let end = '';
  if (isBalanced) {
    const addresses = balancerAddresses(service);
    end = addresses.length ? '' : 'The load balancer has no address yet.';
    hops.push({kind: 'balancer', title: 'LoadBalancer', note: addresses.length ? '' : 'pending',
      places: addresses.map(each => place('', joined(each, port.port, port)))});
  }
  const isLocal = service.spec.externalTrafficPolicy === 'Local';
  const all = endpointsOf(cluster, service, port);
  const endpoints = isLocal ? locally(all) : all;
  const nodes = nodePortHop(cluster, port, endpoints, isLocal, isBalanced);
  hops.push(nodes);
  if (isBalanced && nodes.places.length && !nodes.places.some(each => each.works)) {
    end ||= 'No node is ready: the load balancer has nowhere to go.';
  }
  if (!port.nodePort) {
    end ||= 'The port has no node port: the load balancer cannot reach the nodes.';
  }
  return {hops, endpoints, end};
}

function nodePortHop(cluster, port, endpoints, isLocal, isBalanced) {
  const note = isLocal
    ? 'externalTrafficPolicy Local: only nodes with an endpoint, which keep the client\'s address'
    : '';
  const hop = {kind: 'nodeport', title: `Node port ${port.nodePort ?? 'none'}`, places: [], note};
  if (!port.nodePort) {
    return hop;
  }
  if (!cluster.nodes) {
    const names = isLocal ? [...new Set(usable(endpoints).map(each => each.node))] : ['every node'];
    return {...hop, places: names.map(name => place(name, `:${port.nodePort}`))};
  }
  const hosts = new Set(usable(endpoints).map(each => each.node));
  const nodes = sorted(cluster.nodes)
    .filter(node => !isBalanced || (node.metadata.labels?.[EXCLUDED] ?? 'false') === 'false')
    .filter(node => !isLocal || hosts.has(node.metadata.name));
  hop.places = nodes.map(node => {
    const ready = isReady(node);
    return {...place(node.metadata.name, joined(internalAddress(node), port.nodePort, port),
      ready ? '' : isBalanced ? 'not ready: gets nothing' : 'not ready'), works: ready};
  });
  return hop;
}

/** Each node by itself: its ready endpoints, or those that still serve. */
function locally(endpoints) {
  const ready = new Set(endpoints.filter(e => e.state === 'ready').map(e => e.node));
  return endpoints.map(each => ({...each, usable: each.state === 'ready'
    || (each.state === 'terminating' && each.serves && !ready.has(each.node))}));
}

// --- the way of an Ingress

/** By HTTP, and by HTTPS for a host that `spec.tls` names. */
function ingressLegs(cluster, ingress, path) {
  const hasTls = (ingress.spec.tls ?? [])
    .some(each => !each.hosts?.length || each.hosts.includes(path.host));
  return [ingressLeg(cluster, ingress, path, 80, hasTls ? ', by HTTP' : ''),
    ...(hasTls ? [ingressLeg(cluster, ingress, path, 443, ', by HTTPS')] : [])];
}

function ingressLeg(cluster, ingress, path, number, how) {
  const host = path.host || 'any host';
  const hops = [{kind: 'client', title: 'Client', places: [],
    note: path.type === 'default' ? addressOf(path) : `Host ${host}, path ${path.path}`}];
  const entrance = gatewayHops(cluster, ingress, number);
  const backend = backendHops(cluster, ingress, path.backend);
  return finished(`From outside the cluster${how}`, [...hops, ...entrance.hops, ...backend.hops],
    entrance.end || backend.end);
}

/** From the Ingress's address to the gateway that serves it. */
function gatewayHops(cluster, ingress, number) {
  const addresses = balancerAddresses(ingress);
  if (addresses.length === 0) {
    return {hops: [{kind: 'balancer', title: 'LoadBalancer', places: [], note: 'none yet'}],
      end: 'No Ingress controller has given this Ingress an address.'};
  }
  const service = sorted(cluster.services ?? []).find(each =>
    each.spec.type === 'LoadBalancer'
      && balancerAddresses(each).some(address => addresses.includes(address)));
  if (!service) {
    return {hops: [{kind: 'balancer', title: 'LoadBalancer',
      places: addresses.map(each => place('', each)),
      note: 'the Service that has this address is not to be seen'}], end: ''};
  }
  const port = portsOf(service).find(each => each.port === number);
  if (!port) {
    return {hops: [], end: `The gateway's Service ${keyOf(service)} has no port ${number}.`};
  }
  const outside = outsideHops(cluster, service, port);
  const gateways = podsHop(cluster, outside.endpoints);
  return {hops: [...outside.hops, serviceHop(service, port),
    {...gateways, kind: 'gateway', title: service.metadata.name}],
  end: outside.end || endOf(cluster, outside.endpoints, REFUSED)};
}

function backendHops(cluster, ingress, backend) {
  if (!backend.service) {
    return {hops: [], end: `A ${backendText(backend)} is no Service: it is not served.`};
  }
  const key = `${ingress.metadata.namespace}/${backend.service.name}`;
  if (!cluster.services) {
    return {hops: [{kind: 'service', title: 'Service', places: [place(key, '')],
      note: 'Services are not to be seen'}], end: ''};
  }
  const service = cluster.services.find(each => keyOf(each) === key);
  const wanted = backend.service.port?.name || backend.service.port?.number;
  const port = service && portsOf(service).find(each =>
    each.port !== undefined && (each.name === wanted || each.port === wanted));
  if (!service || !port) {
    const missing = service ? `Service ${key} has no port ${wanted}` : `there is no Service ${key}`;
    return {hops: [{kind: 'service', title: 'Service', places: [place(key, '')], note: ''}],
      end: `The gateway answers 503: ${missing}.`};
  }
  if (service.spec.type === 'ExternalName') {
    return {hops: [serviceHop(service, port)],
      end: `The gateway answers 503: Service ${key} is an ExternalName and has no endpoints.`};
  }
  const endpoints = endpointsOf(cluster, service, port);
  return {hops: [
    serviceHop(service, port,
      ['the gateway reads its endpoints and connects to them without a further hop']),
    podsHop(cluster, endpoints),
  ], end: endOf(cluster, endpoints, 'The gateway answers 503: no endpoint is ready.')};
}

// --- hops

function serviceHop(service, port, notes = []) {
  const all = service.spec.sessionAffinity === 'ClientIP'
    ? [...notes, 'a client stays with its pod (ClientIP)'] : notes;
  const ip = service.spec.clusterIP ?? '';
  return {kind: 'service', title: 'Service', note: all.join('; '),
    places: [{...place(keyOf(service), !ip ? '' : ip === 'None' ? 'headless' : joined(ip, port.port, port)),
      target: String(port.targetPort ?? port.port ?? '')}]};
}

function podsHop(cluster, endpoints) {
  const note = !cluster.endpointslices ? 'EndpointSlices are not to be seen' : 'none';
  return {kind: 'pods', title: 'Pods', note: endpoints.length ? '' : note,
    places: endpoints.map(each => ({
      name: each.pod,
      address: each.port === undefined ? each.address : `${each.address}:${each.port}`,
      node: each.node,
      note: each.usable ? each.state : `${each.state}: gets nothing new`,
      works: each.usable,
    }))};
}

/** What is said when nothing is usable, and it can be seen that it is so. */
function endOf(cluster, endpoints, text) {
  return !cluster.endpointslices || usable(endpoints).length ? '' : text;
}

function finished(title, hops, end) {
  return {title, hops, end};
}

function place(name, address, note = '') {
  return {name, address, note, works: true};
}

function placeText(each) {
  return [each.name, each.address, each.target && `\u2192 ${each.target}`,
    each.node && `on ${each.node}`, each.note && `(${each.note})`].filter(Boolean).join(' ');
}

// --- words

function usable(endpoints) {
  return endpoints.filter(each => each.usable);
}

function nameOf(service) {
  return `${service.metadata.name}.${service.metadata.namespace}.${DOMAIN}`;
}

function joined(address, number, port) {
  const protocol = (port.protocol ?? 'TCP') === 'TCP' ? '' : `/${port.protocol}`;
  return `${address}:${number}${protocol}`;
}

function idOf(kind, object, ...rest) {
  return [kind, object.metadata.namespace, object.metadata.name, ...rest]
    .map(each => encodeURIComponent(each)).join('/');
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
