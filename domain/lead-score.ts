/**
 * How promising a lead is: points for what the guest answered when booking.
 * Invariant: a function of the rules and the answers alone; only the sum leaves it, the answers are personal.
 */

/** What an answer has to be like: exactly this, holding this somewhere, or naming a number of at least so much. */
type AnswerTest =
  | { readonly kind: 'is'; readonly text: string }
  | { readonly kind: 'contains'; readonly text: string }
  | { readonly kind: 'at_least'; readonly number: number };

export interface ScoreRule {
  /** The question's key at the source. */
  readonly answer: string;
  readonly test: AnswerTest;
  /** Added once when the answer passes; may be negative. */
  readonly points: number;
}

/** The sum over all rules that the answers (question key → text) pass; a question without an answer passes none. */
export function leadScore(rules: readonly ScoreRule[], answers: Readonly<Record<string, string>>): number {
  return rules.reduce((sum, { answer, test, points }) => {
    const given = Object.hasOwn(answers, answer) ? answers[answer] : undefined;
    return given !== undefined && passes(given, test) ? sum + points : sum;
  }, 0);
}

function passes(given: string, test: AnswerTest): boolean {
  switch (test.kind) {
    case 'is':
      return folded(given) === folded(test.text);
    case 'contains':
      return folded(given).includes(folded(test.text));
    case 'at_least': {
      const number = firstNumber(given);
      return number !== null && number >= test.number;
    }
  }
}

/** Capitals, accents and spaces around do not make another answer. */
const folded = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').trim().toLowerCase();

/**
 * The first number of a text: "$ 12,500.50", "12 500", "12.500 €" and "10k - 20k" → 12500.5, 12500, 12500, 10000. A separator
 * before exactly three digits groups thousands; any other one before digits begins the fraction. Null when there is none.
 */
export function firstNumber(text: string): number | null {
  const [, sign = '', digits = '', unit = ''] = /(-?)(\d+(?:[.,' \u00a0\u202f]\d+)*)\s?(k\b)?/i.exec(text) ?? [];
  if (digits === '') return null;
  const [whole = '', ...groups] = digits.split(/[.,' \u00a0\u202f]/);
  const isGrouped = (group: string): boolean => group.length === 3;
  const ungrouped = groups.findIndex((group) => !isGrouped(group));
  const thousands = ungrouped === -1 ? groups : groups.slice(0, ungrouped);
  const separator = ungrouped === -1 ? '' : (digits[[whole, ...thousands].join('.').length] ?? '');
  const fraction = separator === '.' || separator === ',' ? `.${groups[ungrouped] ?? ''}` : '';
  return Number(`${sign}${whole}${thousands.join('')}${fraction}`) * (unit === '' ? 1 : 1_000);
}
