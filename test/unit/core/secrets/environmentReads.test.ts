import assert from 'node:assert/strict';
import { readsOfEnvironment } from '../../../../src/core/secrets/environmentReads.ts';

function assertReads(source: string, names: readonly string[], dynamic = false): void {
  const found = readsOfEnvironment(source);
  assert.deepEqual(found.reads.map(({ name }) => name), names, source);
  assert.equal(found.dynamic, dynamic, `dynamic: ${source}`);
  for (const { name, offset } of found.reads) {
    assert.ok(source.slice(offset).startsWith(name), `offset of ${name}`);
  }
}

describe('reads of the environment', () => {
  const cases: readonly (readonly [string, readonly string[], boolean?])[] = [
    [`Deno.env.get('A')`, ['A']],
    [`const a = Deno.env.get("A")!, b = Deno.env.get(\`B\`) ?? '';`, ['A', 'B']],
    [`Deno . env\n  .get(\n  'A',\n)`, ['A']],
    [`Deno?.env?.get?.('A') ?? Deno.env.toObject()?.['B']`, ['A', 'B']],
    [`Deno?.env?.get('A')`, ['A']],
    [`if (Deno.env.has('A')) {}`, ['A']],
    [`Deno.env.toObject().A`, ['A']],
    [`Deno.env.toObject()['A']`, ['A']],
    [`const { A, B: b, C = 'x', 'D': d } = Deno.env.toObject();`, ['A', 'B', 'C', 'D']],
    [`const { A: { inner } } = Deno.env.toObject();`, ['A']],
    [`const { A, ...rest } = Deno.env.toObject();`, [], true],
    [`const all = Deno.env.toObject();`, [], true],
    [`process.env.A ?? process.env['B']`, ['A', 'B']],
    [`const { A } = process.env`, ['A']],
    [`Deno.env.get(name)`, [], true],
    [`Deno.env.get('A' + suffix)`, [], true],
    [`Deno.env.get(\`A_\${region}\`)`, [], true],
    [`// Deno.env.get('A')\n/* Deno.env.get('B') */ Deno.env.get('C')`, ['C']],
    [`const help = "Deno.env.get('A')"; const more = 'process.env.B';`, []],
    [`const text = \`Deno.env.get("A") \${Deno.env.get("B")} \${\`\${Deno.env.get("C")}\`} Deno.env.get("D")\`; Deno.env.get("E")`, ['B', 'C', 'E']],
    [`const text = \`\${ { a: { b: 1 } }.a } Deno.env.get("A")\``, []],
    [`const pattern = /['"\`/*]/g; Deno.env.get('A')`, ['A']],
    [`const half = total / 2; Deno.env.get('A'); const other = 1 / 3;`, ['A']],
    [`return /Deno.env.get('A')/.test(text)`, []],
    [`const broken = 'it is not closed\nDeno.env.get('A')`, ['A']],
    [`<p>don't</p>; \nDeno.env.get('A')`, ['A']],
    [`other.Deno.env.get('A'); my.process.env.B`, []],
    [`Deno.env.set('A', 'x'); Deno.env.delete('B')`, []],
    [`Deno.env.get('SUPABASE_URL'); Deno.env.get('SB_REGION'); process.env.NODE_ENV; Deno.env.get('OPENAI_API_KEY')`, ['OPENAI_API_KEY']],
    ['', []],
    ['`', []],
    ['`${', []],
    ['/* never closed Deno.env.get("A")', []],
  ];
  for (const [source, names, dynamic] of cases) {
    it(JSON.stringify(source), () => assertReads(source, names, dynamic));
  }

  it('takes a large source in its stride', () => {
    const source = `const x = \`\${a}\`; // it's\n`.repeat(20_000) + `Deno.env.get('LAST')`;
    assertReads(source, ['LAST']);
  });
});
