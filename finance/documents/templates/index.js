const DAY = 86400000;
const table = find('#contracts');
const today = (() => {
  const now = new Date();
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, '0')}-${String(now.getDate()).padStart(2, '0')}`;
})();

function daysUntil(date) { return Math.round((Date.parse(date) - Date.parse(today)) / DAY); }

for (const cell of all('.next')) {
  const next = (cell.dataset.dates || '').split(' ').filter(Boolean).find((date) => date >= today);
  cell.textContent = next || '–';
  cell.dataset.sort = next || '~';
}

const past = find('#past');
if (past) {
  const list = find('ol', past);
  for (const line of all('#coming .deadline')) {
    const days = daysUntil(line.dataset.date);
    if (days < 0) { list.append(line); continue; }
    const when = document.createElement('span');
    when.className = 'when';
    when.textContent = days === 0 ? 'today' : days === 1 ? 'tomorrow' : days < 100 ? `in ${days} days` : `in ${Math.round(days / 30.44)} months`;
    find('.date', line).append(when);
    line.classList.toggle('soon', days <= 30);
  }
  const num = list.children.length;
  past.hidden = num === 0;
  find('summary', past).textContent = `${num} date${num === 1 ? '' : 's'} already past`;
}

const query = find('#query'), toggles = all('.filter .toggle'), note = find('.filtered');

function filter() {
  const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
  const off = new Set(toggles.filter((b) => b.getAttribute('aria-pressed') === 'false').map((b) => b.dataset.level));
  const rows = all('tbody tr', table);
  let shown = 0;
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = off.has(row.dataset.level) || !words.every((word) => text.includes(word));
    shown += row.hidden ? 0 : 1;
  }
  note.textContent = shown === rows.length ? '' : `${shown} of ${rows.length} shown`;
}

if (table) {
  query.addEventListener('input', filter);
  for (const button of toggles) {
    button.addEventListener('click', () => {
      button.setAttribute('aria-pressed', button.getAttribute('aria-pressed') !== 'true');
      filter();
    });
  }
  sortable(table);
  addEventListener('keydown', (event) => {
    if (isTyping(event)) return;
    if (event.key === '/') { event.preventDefault(); query.focus(); }
    if (event.key === 't') toggleTheme();
  });
}
