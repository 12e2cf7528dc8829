/** Few rules, each of which has prevented a real bug somewhere; everything about looks is prettier's. */
import js from '@eslint/js';
import { builtinModules } from 'node:module';
import tseslint from 'typescript-eslint';

const nodeGlobals = Object.fromEntries(
  [
    'process',
    'console',
    'Buffer',
    'URL',
    'fetch',
    'AbortSignal',
    'setTimeout',
    'clearTimeout',
    'setInterval',
    'clearInterval',
    'module',
    'require',
    '__dirname',
  ].map((name) => [name, 'readonly']),
);
const builtins = builtinModules.filter((name) => !name.startsWith('_'));

export default tseslint.config(
  { ignores: ['node_modules/', 'dist/', '.cache/', '.data/', 'coverage/'] },
  { files: ['**/*.{js,mjs,cjs}'], ...js.configs.recommended, languageOptions: { globals: nodeGlobals } },
  {
    files: ['**/*.ts'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { '@typescript-eslint': tseslint.plugin },
    linterOptions: { reportUnusedDisableDirectives: 'error', noInlineConfig: true },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/ban-ts-comment': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-fallthrough': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'test', property: 'skip' },
        { object: 'describe', property: 'skip' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ObjectExpression > SpreadElement > ObjectExpression',
          message: 'Write the properties themselves: spreading a literal only hides them.',
        },
      ],
    },
  },
  {
    // The workflow sandbox: what runs here runs again at every replay, and every cached workflow has its own copy of it.
    files: ['workflows/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [
            ...builtins.map((name) => ({ name, message: 'Node modules do not exist in the workflow sandbox.' })),
            { name: 'zod', message: 'Costs 671 KiB per cached workflow; parse at the edge.' },
            { name: 'luxon', message: 'Zone arithmetic happens at the edges; workflows see epoch milliseconds.' },
          ],
          patterns: [{ group: ['node:*'], message: 'Node modules do not exist in the workflow sandbox.' }],
        },
      ],
      'no-restricted-globals': [
        'error',
        ...[
          'process',
          'Buffer',
          'fetch',
          'performance',
          'setInterval',
          'setImmediate',
          'WeakRef',
          'FinalizationRegistry',
        ].map((name) => ({ name, message: 'Does not exist, or is not deterministic, in the workflow sandbox.' })),
      ],
    },
  },
  { files: ['local/**/*.ts', 'bench/**/*.ts'], rules: { 'no-console': 'off' } },
);
