/**
 * Tables as CSV (RFC 4180). Invariant: no text is a formula for the spreadsheet that opens it; numbers stay numbers.
 */
export type CsvCell = string | number | null;

/** What spreadsheets take for the beginning of a formula, also behind a tab or a line break. */
const FORMULA = /^[=+\-@\t\r\n]/;

export function csvOf(head: readonly string[], rows: readonly (readonly CsvCell[])[]): string {
  return [head, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function field(cell: CsvCell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
