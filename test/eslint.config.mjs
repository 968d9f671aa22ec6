import path from 'node:path';
import tseslint from 'typescript-eslint';

const root = path.resolve(import.meta.dirname, '..');

/** What reading misses; layout is left to the eye. */
const rules = {
  curly: 'error',
  eqeqeq: 'error',
  // A switch counts as one: the closed unions of this code are long.
  complexity: ['error', { max: 15, variant: 'modified' }],
  'no-fallthrough': 'error',
  'no-template-curly-in-string': 'error',
  'prefer-const': 'error',
  'object-shorthand': 'error',
  '@typescript-eslint/no-explicit-any': 'error',
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { inheritedMethods: false } }],
  '@typescript-eslint/await-thenable': 'error',
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
  '@typescript-eslint/no-non-null-assertion': 'error',
  '@typescript-eslint/no-unnecessary-type-assertion': 'error',
  '@typescript-eslint/no-unsafe-argument': 'error',
  '@typescript-eslint/no-unsafe-assignment': 'error',
  '@typescript-eslint/no-unsafe-call': 'error',
  '@typescript-eslint/no-unsafe-member-access': 'error',
  '@typescript-eslint/no-unsafe-return': 'error',
  '@typescript-eslint/only-throw-error': 'error',
  '@typescript-eslint/prefer-promise-reject-errors': 'error',
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true, allowRegExp: true }],
  '@typescript-eslint/return-await': ['error', 'in-try-catch'],
  '@typescript-eslint/ban-ts-comment': 'error',
};

const project = (file) => ({ parserOptions: { project: path.join(root, file), tsconfigRootDir: root } });

const languages = { parser: tseslint.parser, sourceType: 'module' };

export default [
  { ignores: ['**/dist/**', 'test/sandbox/scenario/workspace/**', 'test/fixtures/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['src/**/*.ts', 'test/**/*.ts'],
    languageOptions: { ...languages, ...project('tsconfig.json') },
    plugins: { '@typescript-eslint': tseslint.plugin },
    rules,
  },
  {
    files: ['media/**/*.ts'],
    languageOptions: { ...languages, ...project('media/tsconfig.json') },
    plugins: { '@typescript-eslint': tseslint.plugin },
    rules,
  },
  { files: ['src/**/*.ts', 'media/**/*.ts'], ignores: ['src/cli.ts'], rules: { 'no-console': 'error' } },
];
