const panel = find('#panel'), text = find('#contract');
const cards = all('.card'), tabs = all('[role=tab]');
const narrow = matchMedia('(max-width: 800px)');
let selected = null;

function show(tab, focus = false) {
  for (const other of tabs) {
    const on = other === tab;
    other.setAttribute('aria-selected', on);
    other.tabIndex = on ? 0 : -1;
    document.getElementById(other.getAttribute('aria-controls')).classList.toggle('shown', on);
  }
  if (focus) tab.focus();
}

function sheet(open) {
  panel.classList.toggle('open', open);
  find('.grip').setAttribute('aria-expanded', open);
}

function select(card) {
  if (selected) selected.classList.remove('on');
  for (const mark of all('mark.on')) mark.classList.remove('on');
  selected = card;
  if (!card) return;
  card.classList.add('on');
  for (const mark of all(`mark[data-f~="${card.dataset.n}"]`)) mark.classList.add('on');
}

function flash(element) {
  element.classList.remove('flash');
  void element.offsetWidth;
  element.classList.add('flash');
}

function wordsAt(anchor) {
  let next = anchor;
  while (next && next.matches('.at, .badge')) next = next.nextElementSibling;
  return next && next.closest('.b') === anchor.closest('.b') ? next : anchor.closest('.b');
}

function reveal(element, block) {
  element.scrollIntoView({ block });
  requestAnimationFrame(() => element.scrollIntoView({ block }));
}

function go(id) {
  const target = document.getElementById(id);
  if (!target) return;
  const pane = target.closest('.pane');
  if (pane) {
    show(find(`[aria-controls="${pane.id}"]`));
    sheet(true);
    for (let outer = target.closest('details'); outer; outer = outer.parentElement.closest('details')) outer.open = true;
    if (target.matches('.card')) {
      select(target);
      const words = document.getElementById(`q-${target.dataset.n}-0`);
      if (words && !narrow.matches) reveal(words, 'center');
      target.focus({ preventScroll: true });
    } else if (target !== pane) {
      for (const row of all('tr.on, .index li.on')) row.classList.remove('on');
      target.classList.add('on');
    }
    if (target === pane) pane.scrollTop = 0; else reveal(target, 'nearest');
    return;
  }
  if (narrow.matches) sheet(false);
  outline(false);
  const quote = /^q-(\d+)-/.exec(id);
  if (quote) select(find(`.card[data-n="${quote[1]}"]`));
  reveal(target, target.id.startsWith('c-') || target.id.startsWith('p-') ? 'start' : 'center');
  if (target.matches('.at')) flash(wordsAt(target));
}

function idOf(link) {
  try { return decodeURIComponent(link.hash.slice(1)); } catch { return link.hash.slice(1); }
}

document.addEventListener('click', (event) => {
  const link = event.target.closest('a[href^="#"]');
  if (link) {
    event.preventDefault();
    if (location.hash !== link.hash) history.pushState(null, '', link.hash);
    go(idOf(link));
    return;
  }
  const doing = event.target.closest('[data-do]');
  const nav = find('#outline');
  if (nav.classList.contains('open') && !nav.contains(event.target) && !doing) { outline(false); return; }
  if (doing) { act(doing.dataset.do, doing); return; }
  if (String(getSelection()).length) return;
  const marked = event.target.closest('.f, .l, .x');
  if (marked && text.contains(marked)) {
    const on = (name) => !root.classList.contains(`no-${name}`);
    const numbers = (marked.dataset.f || '').split(' ').filter(Boolean);
    if (numbers.length && on('f')) {
      const next = numbers[(numbers.indexOf(selected ? selected.dataset.n : '') + 1) % numbers.length];
      choose(find(`.card[data-n="${next}"]`), false);
      if (narrow.matches) reveal(marked, 'start');
    } else if (marked.dataset.x && on('x')) go(`x-${marked.dataset.x}`);
    else if (marked.dataset.l && on('l')) go(`il-${marked.dataset.l}`);
    return;
  }
  const card = event.target.closest('.card');
  if (card && !event.target.closest('summary, button, a')) choose(card, true);
});

function choose(card, follow) {
  if (!card) return;
  show(find('#tab-findings'));
  select(card);
  if (!follow || !narrow.matches) sheet(true);
  history.replaceState(null, '', `#${encodeURIComponent(card.id)}`);
  reveal(card, 'nearest');
  const words = document.getElementById(`q-${card.dataset.n}-0`);
  if (follow && words && !narrow.matches) reveal(words, 'center');
}

function act(what, button) {
  if (what === 'print') print();
  else if (what === 'sheet') sheet(!panel.classList.contains('open'));
  else if (what === 'outline') outline();
  else if (what === 'copy') copy(button);
}

function outline(wanted) {
  const nav = find('#outline');
  const open = nav.classList.toggle('open', wanted);
  find('[data-do=outline]').setAttribute('aria-expanded', open);
  const first = find('a', nav);
  if (first && wanted !== false) first.focus();
}

async function copy(button) {
  const words = find('.words', button.closest('.wording'));
  let done = false;
  try { await navigator.clipboard.writeText(words.textContent); done = true; } catch {
    const range = document.createRange();
    range.selectNodeContents(words);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    try { done = document.execCommand('copy'); } catch { done = false; }
  }
  button.textContent = done ? 'Copied' : 'Selected: press Ctrl+C';
  setTimeout(() => { button.textContent = 'Copy the wording'; }, 2500);
}

const levels = all('[data-level].toggle'), kind = find('#kind');

function filter() {
  const off = new Set(levels.filter((b) => b.getAttribute('aria-pressed') === 'false').map((b) => b.dataset.level));
  let shown = 0;
  for (const card of cards) {
    const hide = off.has(card.dataset.level) || (kind.value && kind.value !== card.dataset.kind);
    card.classList.toggle('hide', Boolean(hide));
    card.parentElement.hidden = Boolean(hide);
    shown += hide ? 0 : 1;
  }
  const note = find('.filtered');
  note.hidden = shown === cards.length;
  note.textContent = `${shown} of ${cards.length} findings shown`;
}

function press(button) {
  const on = button.getAttribute('aria-pressed') !== 'true';
  button.setAttribute('aria-pressed', on);
  return on;
}

for (const button of levels) button.addEventListener('click', () => { press(button); filter(); });
if (kind) kind.addEventListener('change', filter);
for (const button of all('[data-marks]')) {
  button.addEventListener('click', () => root.classList.toggle(`no-${button.dataset.marks}`, !press(button)));
}

for (const tab of tabs) {
  tab.addEventListener('click', () => { show(tab); sheet(true); });
  tab.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) show(tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length], true);
  });
}

function step(by) {
  const visible = cards.filter((card) => !card.classList.contains('hide'));
  if (!visible.length) return;
  const at = visible.indexOf(selected);
  const next = at < 0 ? (by > 0 ? 0 : visible.length - 1) : Math.min(visible.length - 1, Math.max(0, at + by));
  choose(visible[next], true);
  visible[next].focus({ preventScroll: true });
}

const query = find('#query'), hits = find('.hits');
const MAX_HITS = 2000;
let ranges = [], current = -1;

function nodesOf(block) {
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  const nodes = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) nodes.push(node);
  return nodes;
}

function rangeIn(nodes, start, end) {
  const range = document.createRange();
  let position = 0, begun = false;
  for (const node of nodes) {
    const length = node.length;
    if (!begun && start < position + length) { range.setStart(node, start - position); begun = true; }
    if (begun && end <= position + length) { range.setEnd(node, end - position); break; }
    position += length;
  }
  return range;
}

function search() {
  ranges = []; current = -1;
  const wanted = query.value.trim().toLowerCase();
  if (wanted) {
    for (const block of all('.b')) {
      const words = block.textContent.toLowerCase();
      let at = words.indexOf(wanted);
      if (at < 0) continue;
      const nodes = nodesOf(block);
      for (; at >= 0 && ranges.length < MAX_HITS; at = words.indexOf(wanted, at + wanted.length)) {
        ranges.push(rangeIn(nodes, at, at + wanted.length));
      }
      if (ranges.length >= MAX_HITS) break;
    }
  }
  if ('highlights' in CSS) {
    CSS.highlights.clear();
    if (ranges.length) CSS.highlights.set('found', new Highlight(...ranges));
  }
  if (ranges.length) hit(1); else hits.textContent = wanted ? '0' : '';
}

function hit(by) {
  if (!ranges.length) return;
  current = (current + by + ranges.length) % ranges.length;
  const range = ranges[current];
  const block = (range.startContainer.parentElement || text).closest('.b');
  if ('highlights' in CSS) {
    const now = new Highlight(range);
    now.priority = 1;
    CSS.highlights.set('found-now', now);
  } else flash(block);
  reveal(range.startContainer.parentElement || block, 'center');
  hits.textContent = `${current + 1} of ${ranges.length}${ranges.length >= MAX_HITS ? '+' : ''}`;
}

let waiting;
query.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(search, 160); });
query.addEventListener('keydown', (event) => {
  if (event.key === 'Enter') { event.preventDefault(); if (ranges.length) hit(event.shiftKey ? -1 : 1); else search(); }
  if (event.key === 'Escape') { query.value = ''; search(); query.blur(); }
});

addEventListener('keydown', (event) => {
  if (find('#help').open) return;
  if (event.key === 'Escape') { outline(false); sheet(false); return; }
  if (isTyping(event)) return;
  const keys = {
    j: () => step(1), k: () => step(-1), t: toggleTheme, o: () => outline(), '?': openHelp,
    '/': () => query.focus(),
    f: () => { show(find('#tab-findings')); sheet(true); if (levels.length) levels.find((b) => !b.disabled).focus(); },
    c: () => { const button = selected && find('[data-do=copy]', selected); if (button) { button.closest('details').open = true; copy(button); } },
  };
  if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
});

const lines = new Map(all('.outline a').map((link) => [idOf(link), link]));
const inView = new Set();
const watcher = new IntersectionObserver((seen) => {
  for (const entry of seen) inView[entry.isIntersecting ? 'add' : 'delete'](entry.target);
  const top = Array.from(inView).sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)[0];
  if (!top) return;
  const link = lines.get(top.dataset.clause);
  for (const other of lines.values()) other.removeAttribute('aria-current');
  link.setAttribute('aria-current', 'true');
  link.scrollIntoView({ block: 'nearest' });
}, { root: narrow.matches ? null : text, rootMargin: '-90px 0px -40% 0px' });
for (const [id] of lines) {
  const anchor = document.getElementById(id), block = anchor && anchor.closest('.b');
  if (block && !block.dataset.clause) { block.dataset.clause = id; watcher.observe(block); }
}

show(find('#tab-findings'));
addEventListener('hashchange', () => go(idOf(location)));
addEventListener('popstate', () => go(idOf(location)));
if (location.hash) go(idOf(location));
