/** The way of a request as a list of hops. */

import {element, reconcile, reconcileSome, say} from './dom.js';
import {choices, wayOf} from './way.js';

const MOST_CHOICES = 500;
const MOST_PLACES = 30;

/** A choice, and its hops from top to bottom. The chosen id stands in the page's address. */
export function wayView(root) {
  const select = element('select', {id: 'choice'}, element('option', {value: ''}, 'Choose\u2026'));
  const groups = new Map(['Ingress paths', 'Service ports'].map(label =>
    [label, select.appendChild(element('optgroup', {label}))]));
  const rest = element('p', {class: 'rest', hidden: true});
  const title = element('p', {class: 'chosen', 'aria-live': 'polite'});
  const legs = element('div', {class: 'legs'});
  root.append(
    element('p', {class: 'chooser'}, element('label', {for: 'choice'}, 'An Ingress path or a Service port'),
      select), rest, title, legs);
  select.addEventListener('change', () => {
    location.hash = select.value ? `#way/${select.value}` : '#way';
  });
  return (cluster, namespace, id) => {
    const picture = cluster.picture();
    const way = id ? wayOf(picture, id) : null;
    drawChoices(select, groups, rest, choices(picture, namespace), id, way);
    say(title, way ? way.title : id ? 'What was chosen is not there (any more).'
      : 'Choose one to see each address that a request passes.');
    reconcile(legs, (way?.legs ?? []).map(leg => ({
      key: leg.title, stamp: JSON.stringify(leg), make: () => legSection(leg),
    })));
  };
}

function drawChoices(select, groups, rest, all, id, way) {
  const some = all.slice(0, MOST_CHOICES);
  if (id && way && !some.some(choice => choice.id === id)) {
    // one of another namespace, or beyond the cut: a link has led to it
    some.push({id, group: 'Service ports', label: way.title});
  }
  for (const [label, group] of groups) {
    reconcile(group, some.filter(choice => choice.group === label).map(choice => ({
      key: choice.id, stamp: choice.label,
      make: () => element('option', {value: choice.id}, choice.label),
    })));
  }
  select.value = way ? id : '';
  say(rest, all.length > MOST_CHOICES
    ? `and ${all.length - MOST_CHOICES} more: choose a namespace` : '');
}

function legSection(leg) {
  return element('section', {class: 'leg'},
    element('h3', {}, leg.title),
    leg.end ? element('p', {class: 'end'}, leg.end) : '',
    element('ol', {class: 'hops'}, leg.hops.map(hopItem)));
}

function hopItem(hop) {
  const places = element('ul', {class: 'places'});
  const rest = element('p', {class: 'rest', hidden: true});
  reconcileSome(places, hop.places.map((place, i) => ({
    key: i, stamp: '', make: () => placeItem(place),
  })), MOST_PLACES, rest);
  return element('li', {class: `hop ${hop.kind}`},
    element('h4', {}, hop.title),
    places, rest,
    hop.note ? element('p', {class: 'note'}, hop.note) : '');
}

function placeItem(place) {
  return element('li', {class: place.works ? 'place' : 'place idle'},
    place.name ? element('span', {class: 'name'}, place.name) : '',
    place.address ? element('code', {}, place.address) : '',
    place.target ? element('span', {}, `\u2192 ${place.target}`) : '',
    place.node ? element('span', {class: 'on'}, `on ${place.node}`) : '',
    place.note ? element('span', {class: 'state'}, place.note) : '');
}
