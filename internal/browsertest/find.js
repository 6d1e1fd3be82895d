// SPDX-License-Identifier: Apache-2.0
// How a test names things on a page: by what a person reads there, or by a CSS selector.
(() => {
  const plain = (s) => (s || '').normalize('NFC').replace(/\s+/g, ' ').trim();
  const seen = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: false });
  const byId = (ids) => ids.split(/\s+/).map((id) => document.getElementById(id)?.textContent).join(' ');
  const names = (e) => {
    const all = [e.getAttribute('aria-label'), e.value && e.matches('input[type=submit],input[type=button],input[type=reset]') ? e.value : '',
      e.getAttribute('placeholder'), e.getAttribute('alt'), e.title];
    if (e.getAttribute('aria-labelledby')) all.push(byId(e.getAttribute('aria-labelledby')));
    for (const l of e.labels || []) all.push(ownText(l), l.innerText);
    if (!e.matches('input,select,textarea')) all.push(e.innerText);
    return all.map(plain).filter(Boolean);
  };
  // A label's own words, without those of the control inside it.
  const ownText = (l) => {
    const copy = l.cloneNode(true);
    copy.querySelectorAll('input,select,textarea').forEach((e) => e.remove());
    return copy.textContent;
  };
  const bySelector = (what, root) => {
    try { return [...root.querySelectorAll(what)]; } catch { return []; }
  };
  const find = (what, kinds, root = document) => {
    const want = plain(what);
    const all = [...root.querySelectorAll(kinds)];
    const exact = all.filter((e) => names(e).includes(want));
    const selected = bySelector(what, root);
    const partly = all.filter((e) => names(e).some((n) => n.includes(want)));
    for (const group of [exact, selected, partly]) {
      const first = group.find(seen) || group.find((e) => e.matches('input[type=file],input[type=radio],input[type=checkbox]'));
      if (first) return first;
    }
    return null;
  };
  const clickable = 'a,button,input[type=submit],input[type=button],input[type=checkbox],input[type=radio],summary,[role=button],[role=option],[role=tab],[role=menuitem],label';
  const fields = 'input:not([type=submit]):not([type=button]):not([type=hidden]),select,textarea,[contenteditable=true]';
  const group = (name) => {
    const want = plain(name);
    for (const g of document.querySelectorAll('fieldset,[role=group],[role=radiogroup]')) {
      const title = plain(g.querySelector(':scope > legend')?.innerText || g.getAttribute('aria-label') || (g.getAttribute('aria-labelledby') ? byId(g.getAttribute('aria-labelledby')) : ''));
      if (title === want) return g;
    }
    return null;
  };
  const spot = (e) => {
    // A styled radio or check box may be hidden beneath its label: press what a person would press.
    let target = e;
    if (!seen(e) || e.getBoundingClientRect().width < 2) target = (e.labels && e.labels[0]) || e;
    target.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' });
    const r = [...target.getClientRects()].find((r) => r.width > 0 && r.height > 0) || target.getBoundingClientRect();
    return { x: r.left + r.width / 2, y: r.top + r.height / 2, disabled: !!e.disabled };
  };
  const pick = (e, text) => {
    const want = plain(text);
    const options = [...e.options];
    const o = options.find((o) => plain(o.text) === want) || options.find((o) => o.value === text) || options.find((o) => plain(o.text).includes(want));
    if (!o) return false;
    e.value = o.value;
    e.dispatchEvent(new Event('input', { bubbles: true }));
    e.dispatchEvent(new Event('change', { bubbles: true }));
    return true;
  };
  // Date and time fields have parts that typing goes through one by one.
  const put = (e, text) => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(e, text);
    e.dispatchEvent(new Event('input', { bubbles: true }));
    e.dispatchEvent(new Event('change', { bubbles: true }));
    return e.value === text;
  };
  return {
    text: (selector) => {
      const e = bySelector(selector, document).find(seen);
      return e ? { text: plain(e.innerText ?? e.textContent) } : null;
    },
    shows: (text) => plain(document.body?.innerText).includes(plain(text)),
    click: (what) => {
      const e = find(what, clickable);
      return e && spot(e);
    },
    choose: (name, option) => {
      const g = group(name);
      const e = g && find(option, 'input[type=radio],input[type=checkbox]', g);
      return e && { ...spot(e), chosen: e.checked };
    },
    fill: (what, text) => {
      const e = find(what, fields);
      if (!e) return null;
      if (e.matches('select')) return { done: pick(e, text) };
      if (e.matches('input[type=date],input[type=time],input[type=month],input[type=datetime-local],input[type=color],input[type=range]')) return { done: put(e, text) };
      e.scrollIntoView({ block: 'center', behavior: 'instant' });
      e.focus();
      if (e.select) e.select();
      return { type: true, empty: (e.value ?? e.innerText) === '' };
    },
    field: (what) => find(what, fields),
    value: (what) => {
      const e = find(what, fields);
      if (!e) return null;
      return { text: e.matches('select') ? plain(e.selectedOptions[0]?.text) : e.matches('[type=checkbox],[type=radio]') ? String(e.checked) : e.value };
    },
    focused: () => {
      const e = document.activeElement;
      return !e || e === document.body ? '' : names(e)[0] || e.id || e.tagName.toLowerCase();
    },
    overflow: () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    wide: () => {
      const room = document.documentElement.clientWidth + 1;
      const spills = (e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX === 'visible' && e.getBoundingClientRect().left + e.scrollWidth > room;
      return [...document.body.querySelectorAll('*')].filter((e) => seen(e) && (e.getBoundingClientRect().right > room || spills(e)))
        .slice(-5).map((e) => e.cloneNode(false).outerHTML);
    },
  };
})()
