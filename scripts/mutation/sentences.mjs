/**
 * A plugin for Stryker: leaves the sentences alone that people read, which are the texts with a blank in them, and long lists of names,
 * of which each is as good as the other.
 * Invariant: a text in which something is decided (`${a ? 'b' : 'c'}`) is no mere sentence, so nothing of it is left out.
 */
const WHY = 'a sentence for people, or one name of many';
const MANY = 8;
const DECIDES = ['ConditionalExpression', 'LogicalExpression', 'BinaryExpression'];

const hasBlank = (text) => /\s/.test(text);

function isSentence({ type, value, quasis, expressions }) {
  if (type === 'StringLiteral') return hasBlank(value);
  if (type !== 'TemplateLiteral' || expressions.some((expression) => DECIDES.includes(expression.type))) return false;
  return quasis.some((part) => hasBlank(part.value.raw));
}

const isOneOfMany = ({ node, parent }) =>
  node.type === 'StringLiteral' && parent?.type === 'ArrayExpression' && parent.elements.length >= MANY;

export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'sentences',
    value: { shouldIgnore: (path) => (isSentence(path.node) || isOneOfMany(path) ? WHY : undefined) },
  },
];
