'use strict';
const find = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
const root = document.documentElement;
root.classList.add('js');

const remembered = (() => { try { return localStorage.getItem('dsapp-theme'); } catch { return null; } })();
const wanted = new URLSearchParams(location.search).get('theme') || remembered;
if (wanted === 'dark' || wanted === 'light') root.dataset.theme = wanted;

function isDark() {
  return root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

function toggleTheme() {
  root.dataset.theme = isDark() ? 'light' : 'dark';
  try { localStorage.setItem('dsapp-theme', root.dataset.theme); } catch { /* the page also works without storage */ }
}

for (const button of all('[data-do=theme]')) button.addEventListener('click', toggleTheme);

function isTyping(event) {
  return event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
}

function openHelp() {
  const help = find('#help');
  if (help && !help.open) help.showModal();
}

for (const button of all('[data-do=help]')) button.addEventListener('click', openHelp);

addEventListener('beforeprint', () => {
  for (const part of all('details:not([open])')) { part.open = true; part.dataset.printed = ''; }
});
addEventListener('afterprint', () => {
  for (const part of all('details[data-printed]')) { part.open = false; delete part.dataset.printed; }
});
