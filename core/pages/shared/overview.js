function sortBy(table, column, heading) {
  const down = heading.getAttribute('aria-sort') === 'ascending';
  for (const other of all('th', table)) other.removeAttribute('aria-sort');
  heading.setAttribute('aria-sort', down ? 'descending' : 'ascending');
  const body = find('tbody', table);
  const key = (row) => row.children[column].dataset.sort;
  const rows = all('tr', body).sort((a, b) => key(a).localeCompare(key(b), undefined, { numeric: true }) * (down ? -1 : 1));
  body.append(...rows);
}

function sortable(table) {
  all('thead th', table).forEach((heading, column) => {
    const button = find('button', heading);
    if (button) button.addEventListener('click', () => sortBy(table, column, heading));
  });
}
