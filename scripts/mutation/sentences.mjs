/**
 * A plugin for Stryker: leaves the sentences alone that people read, which are the texts with a blank in them.
 * Invariant: a text in which something is decided (`${a ? 'b' : 'c'}`) is no mere sentence, so nothing of it is left out.
 */
const WHY = 'a sentence for people';
const DECIDES = ['ConditionalExpression', 'LogicalExpression', 'BinaryExpression'];

const hasBlank = (text) => /\s/.test(text);

function isSentence({ type, value, quasis, expressions }) {
  if (type === 'StringLiteral') return hasBlank(value);
  if (type !== 'TemplateLiteral' || expressions.some((expression) => DECIDES.includes(expression.type))) return false;
  return quasis.some((part) => hasBlank(part.value.raw));
}

export const strykerPlugins = [
  { kind: 'Ignore', name: 'sentences', value: { shouldIgnore: ({ node }) => (isSentence(node) ? WHY : undefined) } },
];
