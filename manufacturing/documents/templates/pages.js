const table = find('#machines'), query = find('#query'), note = find('.filtered');
const toggles = all('.filter .toggle');

function filter() {
  const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
  const off = new Set(toggles.filter((b) => b.getAttribute('aria-pressed') === 'false').map((b) => b.dataset.state));
  const rows = all('tbody tr', table);
  let shown = 0;
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = off.has(row.dataset.state) || !words.every((word) => text.includes(word));
    shown += row.hidden ? 0 : 1;
  }
  note.textContent = shown === rows.length ? '' : `${shown} of ${rows.length} shown`;
}

for (const one of all('table.sortable')) sortable(one);
if (table && query) {
  query.addEventListener('input', filter);
  for (const button of toggles) {
    button.addEventListener('click', () => {
      button.setAttribute('aria-pressed', button.getAttribute('aria-pressed') !== 'true');
      filter();
    });
  }
}
addEventListener('keydown', (event) => {
  if (isTyping(event)) return;
  if (event.key === '/' && query) { event.preventDefault(); query.focus(); }
  if (event.key === 't') toggleTheme();
});
