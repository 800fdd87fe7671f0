/** Makes and keeps elements. Text is always a text node: nothing from the cluster is read as HTML. */

/** An element with attributes and children; strings become text, absent children nothing. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) {
      made.setAttribute(name, value === true ? '' : value);
    }
  }
  made.append(...children.flat().filter(each => each !== '' && each !== null && each !== undefined));
  return made;
}

/** Says `text` in an element that is there. */
export function say(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
  node.hidden = text === '';
}

const KEPT = new WeakMap();

/**
 * Makes `parent` have exactly these children, in this order: {key, stamp, make(), update(node)}.
 * A child whose key and stamp are as before is left alone; `update`, where there is one, is called
 * instead of `make` for a key that was there. The focus stays where it is.
 */
export function reconcile(parent, wanted) {
  const before = KEPT.get(parent) ?? new Map();
  const after = new Map();
  let at = parent.firstElementChild;
  for (const child of wanted) {
    const had = before.get(child.key);
    let node = had?.node;
    if (!had || (!child.update && had.stamp !== child.stamp)) {
      node = child.make();
      if (had) {
        replace(had.node, node);
        at = at === had.node ? node : at;
      }
    }
    child.update?.(node);
    if (node === at) {
      at = at.nextElementSibling;
    } else {
      parent.insertBefore(node, at);
    }
    after.set(child.key, {node, stamp: child.stamp});
    before.delete(child.key);
  }
  for (const {node} of before.values()) {
    node.remove();
  }
  KEPT.set(parent, after);
}

function replace(old, node) {
  const focusable = 'a, button, select, input';
  const focused = [...old.querySelectorAll(focusable)].indexOf(document.activeElement);
  old.replaceWith(node);
  node.querySelectorAll(focusable)[focused]?.focus();
}

/**
 * As `reconcile`, of the first `most` only, with a sentence about the others in `rest`.
 */
export function reconcileSome(parent, wanted, most, rest) {
  reconcile(parent, wanted.slice(0, most));
  say(rest, wanted.length > most ? `and ${wanted.length - most} more` : '');
}
