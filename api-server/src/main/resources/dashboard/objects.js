/** What objects of the API say, each in one look. Knows no page, no network and no clock. */

/** The ports of a Service; a headless one or an alias may have none and is then one without number. */
export function portsOf(service) {
  const ports = service.spec?.ports ?? [];
  return ports.length ? ports : [{}];
}

/** The addresses that a load balancer has given. */
export function balancerAddresses(object) {
  return (object.status?.loadBalancer?.ingress ?? [])
    .map(each => each.ip || each.hostname || '').filter(Boolean);
}

/** A port as `80 → 3000`, with what else there is to it. */
export function portText(port) {
  if (port.port === undefined) {
    return 'any';
  }
  const protocol = (port.protocol ?? 'TCP') === 'TCP' ? '' : `/${port.protocol}`;
  return `${port.port}${protocol} \u2192 ${port.targetPort ?? port.port}`;
}

/** `namespace/name`. */
export function keyOf(object) {
  const {namespace, name} = object.metadata;
  return namespace ? `${namespace}/${name}` : name;
}

/** The type of a Service, with "headless" as one. */
export function typeOf(service) {
  return service.spec.clusterIP === 'None' ? 'headless' : service.spec.type ?? 'ClusterIP';
}

/** The address of a node among its like; empty when it has none. */
export function internalAddress(node) {
  return (node.status?.addresses ?? []).find(each => each.type === 'InternalIP')?.address ?? '';
}

/** Whether a node says that it is ready. */
export function isReady(node) {
  return (node.status?.conditions ?? [])
    .some(each => each.type === 'Ready' && each.status === 'True');
}

/** In the order of namespaces and names. */
export function sorted(objects) {
  return [...objects].sort((a, b) =>
    compare(a.metadata.namespace ?? '', b.metadata.namespace ?? '')
      || compare(a.metadata.name, b.metadata.name));
}

/** The slices of a Service. */
export function slicesOf(cluster, service) {
  return cluster.slicesOf?.(service) ?? (cluster.endpointslices ?? []).filter(slice =>
    slice.metadata.namespace === service.metadata.namespace
      && slice.metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name);
}

/**
 * The endpoints of a Service, those of one of its ports when that is given: {address, port, pod,
 * node, state, usable}. Usable are the ready ones; when there is none, those that still serve
 * while they end.
 */
export function endpointsOf(cluster, service, port) {
  const all = new Map();
  for (const slice of slicesOf(cluster, service)) {
    const hasNumbers = port ? port.port !== undefined : (slice.ports ?? []).length > 0;
    const numbers = !hasNumbers ? [undefined] : (slice.ports ?? [])
      .filter(each => !port || (each.name ?? '') === (port.name ?? ''))
      .map(each => each.port);
    for (const endpoint of slice.endpoints ?? []) {
      for (const address of endpoint.addresses ?? []) {
        for (const number of numbers) {
          all.set(`${address}:${number ?? ''}`, {
            address,
            port: number,
            pod: endpoint.targetRef?.name ?? '',
            node: endpoint.nodeName ?? '',
            state: endpointState(endpoint.conditions ?? {}),
            serves: endpoint.conditions?.serving === true,
          });
        }
      }
    }
  }
  const found = [...all.values()];
  const anyReady = found.some(each => each.state === 'ready');
  return found
    .map(each => ({...each, usable: anyReady
      ? each.state === 'ready' : each.state === 'terminating' && each.serves}))
    .sort((a, b) => b.usable - a.usable || compare(a.node, b.node) || compare(a.address, b.address));
}

function endpointState(conditions) {
  return conditions.terminating ? 'terminating' : conditions.ready === false ? 'not ready' : 'ready';
}

/** Before, equal or after, as `sort` wants it. */
export function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * How a pod is: {word, detail, tone}. The tone is one of `good`, `waiting`, `bad`, `ending` and
 * `over`.
 */
export function podState(pod) {
  const status = pod.status ?? {};
  const detail = waitingReason(status) || status.reason || '';
  if (pod.metadata.deletionTimestamp) {
    return {word: 'terminating', detail: '', tone: 'ending'};
  }
  switch (status.phase) {
    case 'Running':
      return isReady(pod)
        ? {word: 'Running', detail: '', tone: 'good'}
        : {word: 'not ready', detail, tone: 'waiting'};
    case 'Failed':
      return {word: 'Failed', detail, tone: 'bad'};
    case 'Succeeded':
      return {word: 'Succeeded', detail: '', tone: 'over'};
    case 'Unknown':
      return {word: 'Unknown', detail, tone: 'bad'};
    default:
      return {word: 'Pending', detail: detail || unscheduledReason(status), tone: 'waiting'};
  }
}

function waitingReason(status) {
  return [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
    .map(each => each.state?.waiting?.reason ?? '').find(Boolean) ?? '';
}

function unscheduledReason(status) {
  const scheduled = (status.conditions ?? []).find(each => each.type === 'PodScheduled');
  return scheduled?.status === 'False' ? scheduled.reason ?? '' : '';
}

/** How a node is: {word, tone}. */
export function nodeState(node) {
  const ready = (node.status?.conditions ?? []).find(each => each.type === 'Ready');
  const cordoned = node.spec?.unschedulable ? ', takes no new pods' : '';
  if (ready?.status === 'True') {
    return {word: `Ready${cordoned}`, tone: cordoned ? 'waiting' : 'good'};
  }
  return ready?.status === 'Unknown' || !ready
    ? {word: `unknown${cordoned}`, tone: 'bad'}
    : {word: `not ready${cordoned}`, tone: 'bad'};
}

/** How far a Deployment is: {ready, wanted, word, tone}. */
export function deploymentState(deployment) {
  const wanted = deployment.spec?.replicas ?? 1;
  const {readyReplicas: ready = 0, updatedReplicas: updated = 0, replicas = 0} =
    deployment.status ?? {};
  const progress = (deployment.status?.conditions ?? []).find(each => each.type === 'Progressing');
  if (ready === wanted && updated === wanted && replicas === wanted) {
    return {ready, wanted, word: wanted === 0 ? 'scaled to zero' : 'complete', tone: 'good'};
  }
  return progress?.status === 'False'
    ? {ready, wanted, word: `stuck: ${progress.reason ?? ''}`, tone: 'bad'}
    : {ready, wanted, word: 'under way', tone: 'waiting'};
}

/** When an event was last seen, in the API's text form; it sorts as it is. */
export function eventTime(event) {
  return [event.series?.lastObservedTime, event.lastTimestamp, event.eventTime,
    event.firstTimestamp, event.metadata.creationTimestamp]
    .filter(Boolean).map(each => new Date(each).toISOString()).sort().at(-1) ?? '';
}

/** What somebody has written about an object for people (`kubernetes.io/description`). */
export function descriptionOf(object) {
  return object.metadata.annotations?.['kubernetes.io/description'] ?? '';
}
