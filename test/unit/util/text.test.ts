import assert from 'node:assert/strict';
import { age } from '../../../src/util/age.ts';
import { defined } from '../../../src/util/defined.ts';
import { shortHash } from '../../../src/util/hash.ts';
import { parseJsonc } from '../../../src/util/jsonc.ts';
import { l10n, translateWith } from '../../../src/util/l10n.ts';
import { once } from '../../../src/util/once.ts';
import { visible, visibleLine } from '../../../src/util/visible.ts';

describe('text from outside', () => {
  it('stays as it is when it is plain, in any script', () => {
    for (const text of ['', 'mint-token', 'Grüße, 世界 👩‍👩‍👧', 'two\nlines\tand a tab']) {
      assert.equal(visible(text), text);
    }
  });

  const forged: readonly (readonly [string, string, string])[] = [
    ['an escape sequence', '\u001b[31mred', '␛[31mred'],
    ['a carriage return', 'shown\rhidden', 'shown␍hidden'],
    ['a null and a bell', '\u0000\u0007', '␀␇'],
    ['delete', 'a\u007fb', 'a␡b'],
    ['a C1 control', 'a\u009bb', 'a\\u{009b}b'],
    ['an override of direction', 'user\u202egpj.exe', 'user\\u{202e}gpj.exe'],
    ['an isolate', '\u2066x\u2069', '\\u{2066}x\\u{2069}'],
    ['spaces without a width', 'a\u200bb\u2060\ufeffc\u00ad', 'a\\u{200b}b\\u{2060}\\u{feff}c\\u{00ad}'],
    ['an Arabic letter mark', '\u061c', '\\u{061c}'],
    ['a line separator', 'a\u2028b', 'a\\u{2028}b'],
  ];
  for (const [what, text, shown] of forged) {
    it(`shows ${what}`, () => {
      assert.equal(visible(text), shown);
    });
  }

  it('stays in one line where one line is all there is', () => {
    assert.equal(visibleLine('acme\n\tWARNING: x'), 'acme␊␉WARNING: x');
  });

  it('is left alone when it was made visible before', () => {
    const once = visibleLine('a\u001b\u202e\nb');
    assert.equal(visibleLine(once), once);
  });
});

describe('an age', () => {
  const second = 1000;
  const minute = 60 * second;
  const hour = 60 * minute;
  for (const [milliseconds, words] of [
    [0, '0 s'],
    [59 * second, '59 s'],
    [59.6 * second, '1 min'],
    [60 * minute - 1, '1 h'],
    [59 * minute, '59 min'],
    [47 * hour, '47 h'],
    [48 * hour, '2 d'],
    [97 * 24 * hour, '97 d'],
  ] as const) {
    it(`of ${milliseconds} ms is ${words}`, () => {
      assert.equal(age(1_000_000, 1_000_000 + milliseconds), words);
    });
  }

  it('is none for what lies ahead: clocks differ', () => {
    assert.equal(age(2000, 1000), '0 s');
  });
});

describe('members that have a value', () => {
  it('are kept, null and false among them', () => {
    assert.deepEqual(Object.entries(defined({ a: undefined, b: null, c: false, d: 0 })), [['b', null], ['c', false], ['d', 0]]);
  });
});

describe('a short name for a text', () => {
  it('is the same everywhere and always', () => {
    assert.equal(shortHash('select 1'), '1ha5m41gvki');
  });

  it('differs for texts that differ in little', () => {
    const texts = Array.from({ length: 20_000 }, (_, index) => `select ${index}`);
    assert.equal(new Set(texts.map(shortHash)).size, texts.length);
  });
});

describe('JSON with comments', () => {
  it('is read without them, and without commas before a closing bracket', () => {
    assert.deepEqual(parseJsonc('\uFEFF{ // one\n "a": [1, 2, /* three, */],\n "b": "// no comment, }",\n "c": "\\"/*", }'), { a: [1, 2], b: '// no comment, }', c: '"/*' });
  });

  it('keeps its positions, for the error that tells one', () => {
    assert.throws(() => parseJsonc('{ // one\n "a": 1 "b": 2 }'), (error) => error instanceof SyntaxError && /position 17\b/.test(error.message));
  });

  it('is refused with a comment that does not end', () => {
    assert.throws(() => parseJsonc('{ /* }'), SyntaxError);
  });
});

describe('localized text', () => {
  it('is the English one without the editor, its values filled in as they are', () => {
    assert.equal(l10n.t('{1} of {0}: {0}, {2}', '$& {1}', 3), '3 of $& {1}: $& {1}, {2}');
  });

  it('is the editor’s once there is one', () => {
    const english = (message: string, ...values: (string | number)[]) => message.replace(/\{(\d+)\}/g, (whole, index: string) => String(values[Number(index)] ?? whole));
    translateWith((message, ...values) => `deutsch ${english(message, ...values)}`);
    try {
      assert.equal(l10n.t('{0} rows', 3), 'deutsch 3 rows');
    } finally {
      translateWith(english);
    }
  });
});

describe('work that is done once', () => {
  it('is shared, also by those who come while it is being done', async () => {
    let begun = 0;
    const work = once(async () => {
      begun++;
      await Promise.resolve();
      return begun;
    });
    assert.deepEqual(await Promise.all([work(), work()]), [1, 1]);
    assert.equal(await work(), 1);
  });

  it('is tried again after it failed', async () => {
    let begun = 0;
    const work = once(async () => {
      begun++;
      if (begun === 1) {
        throw new Error('not yet');
      }
      return begun;
    });
    await assert.rejects(work());
    assert.equal(await work(), 2);
  });
});
