/** Words as they are compared between people's spellings: accents and capitals do not make another one. */
export function folded(value: string | null): string {
  return (value ?? '').normalize('NFKD').replace(/\p{M}/gu, '').trim().toLowerCase();
}
