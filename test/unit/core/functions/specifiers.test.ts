import { parse } from '@babel/parser';
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { scanSpecifiers } from '../../../../src/core/functions/specifiers.ts';

/* Sources with templates in them are written as plain strings. */
/* eslint-disable no-template-curly-in-string */
const scan = (source: string) => scanSpecifiers(source).map(({ text, kind }) => `${kind} ${text}`);

const cases: readonly [title: string, source: string, expected: readonly string[]][] = [
  ['every form of import', `import "./a.ts";import b from './b.ts'\nimport * as c from "./c.ts";import d, { e as f, "g-h" as i } from "./d.ts"`, ['static ./a.ts', 'static ./b.ts', 'static ./c.ts', 'static ./d.ts']],
  ['imports over several lines with comments between', `import {\n  a, // from "./no.ts"\n  /* from "./no.ts" */ b,\n} /* x */ from\n  "./yes.ts";`, ['static ./yes.ts']],
  ['attributes', `import data from "./data.json" with { type: "json" };`, ['static ./data.json']],
  ['types, and a value named type', `import type { A } from "./a.ts"; import { type B } from "./b.ts"; import type from "./c.ts"; export type { D } from "./d.ts"; export type * from "./e.ts"; import type F from "./f.ts"`, ['type ./a.ts', 'static ./b.ts', 'static ./c.ts', 'type ./d.ts', 'type ./e.ts', 'type ./f.ts']],
  ['exports', `export * from "./a.ts"; export * as b from "./b.ts"; export { c } from "./c.ts"; export { d }; const from = "./no.ts"; export default "x"; export const e = { from: "./no.ts" }`, ['static ./a.ts', 'static ./b.ts', 'static ./c.ts']],
  ['an export list without a source', `export { a }\nfrom("./no.ts")`, []],
  ['dynamic imports', 'await import("./a.ts"); import(`./b.ts`); import("./c.ts", { with: {} }); import(`./${x}.ts`); import("./d" + ".ts"); import(name)', ['dynamic ./a.ts', 'dynamic ./b.ts', 'dynamic ./c.ts']],
  ['nothing in comments, strings, templates and regular expressions', '// import "./1.ts"\n/* import "./2.ts" */ const s = \'import "./3.ts"\'; const t = `import "./4.ts"`; const r = /import "\\/5.ts"/; x = a / b; import "./yes.ts"', ['static ./yes.ts']],
  ['code inside template expressions', 'const t = `a ${await import("./a.ts")} ${`b ${ { c: await import("./b.ts") } }`} import "./no.ts"`; import "./c.ts"', ['dynamic ./a.ts', 'dynamic ./b.ts', 'static ./c.ts']],
  ['no members and no meta', 'import.meta.url; x.import("./no.ts"); x?.import("./no.ts"); import x = require("./no.ts")', []],
  ['regular expressions with quotes and slashes in classes', 'const a = s.replace(/["\'`/]/g, ""), b = /[/`]/; import "./yes.ts"', ['static ./yes.ts']],
  ['an apostrophe in JSX text', `const a = <p>Don't</p>;\nimport "./yes.ts"`, ['static ./yes.ts']],
  ['escapes', `import "./a\\u002ets"; import './it\\'s.ts'`, ['static ./a.ts', "static ./it's.ts"]],
  ['unfinished text', 'import { a } from "./a.ts"; import { b from', ['static ./a.ts']],
];

/** What a real parser finds, as a second opinion. */
function oracle(source: string): string[] {
  const found: [number, string][] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      node.forEach(visit);
    } else if (typeof node === 'object' && node !== null && 'type' in node) {
      const { type, source: from, importKind, exportKind, start } = node as Record<string, unknown>;
      const literal = from as { type: string; value: string } | null | undefined;
      if (literal?.type === 'StringLiteral') {
        // `import("x").Y` as a type looks the same as the expression to anything but a whole parser.
        const kind = type === 'ImportExpression' || type === 'TSImportType' ? 'dynamic' : importKind === 'type' || exportKind === 'type' ? 'type' : 'static';
        found.push([start as number, `${kind} ${literal.value}`]);
      }
      Object.values(node).forEach(visit);
    }
  };
  visit(parse(source, { sourceType: 'module', plugins: ['typescript'], createImportExpressions: true, errorRecovery: true }).program);
  return found.sort(([a], [b]) => a - b).map(([, text]) => text);
}

describe('scanSpecifiers', () => {
  for (const [title, source, expected] of cases) {
    it(title, () => assert.deepEqual(scan(source), expected));
  }

  it('agrees with a real parser on all of this repository and some packages', () => {
    const files = ['src', 'test', 'node_modules/smol-toml', 'node_modules/execa/lib', 'node_modules/@supabase/supabase-js/src', 'node_modules/pg/lib'].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.[mc]?[jt]s$/.test(file) && !file.includes('node_modules'))
        .map((file) => path.join(folder, file)),
    );
    assert.ok(files.length > 200);
    for (const file of files) {
      const source = readFileSync(file, 'utf8');
      assert.deepEqual(scan(source), oracle(source), file);
    }
  });
});
