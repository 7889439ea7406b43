// Long names in tables may break after / : and _, not in the middle of a word.
for (const code of document.querySelectorAll(".md-typeset td code")) {
  if (code.textContent.length < 20) continue;
  const parts = code.textContent.split(/(?<=[/:_])(?![/:_])/);
  code.replaceChildren(...parts.flatMap((part) => [part, document.createElement("wbr")]));
}

// Names the column of each cell, so that site.css can show a wide table as blocks on a narrow screen.
for (const table of document.querySelectorAll(".md-typeset table")) {
  const columns = [...table.querySelectorAll("thead th")].map((head) => head.textContent.trim());
  if (columns.length < 3) continue;
  table.dataset.stacked = "";
  for (const row of table.querySelectorAll("tbody tr")) {
    [...row.cells].forEach((cell, at) => { if (at > 0 && columns[at]) cell.dataset.column = columns[at]; });
  }
}
