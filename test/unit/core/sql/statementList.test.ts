import assert from 'node:assert/strict';
import { changeBetween } from '../../../../src/core/sql/edits.ts';
import { splitStatements } from '../../../../src/core/sql/split.ts';
import { StatementList } from '../../../../src/core/sql/statementList.ts';

function list(text: string): StatementList<string> {
  const made = new StatementList<string>();
  made.update(text);
  made.entries.forEach(({ statement }) => made.learn(statement, statement.text));
  return made;
}

/** Texts of the statements that have to be looked at anew. */
function anew(made: StatementList<string>): string[] {
  return made.entries.filter(({ known }) => known === undefined).map(({ statement }) => statement.text);
}

function texts(made: StatementList<string>): string[] {
  return made.entries.map(({ statement }) => statement.text);
}

describe('the change between two texts', () => {
  it('is the smallest', () => {
    assert.deepEqual(changeBetween('abcdef', 'abXdef'), { start: 2, oldEnd: 3, newEnd: 3 });
    assert.deepEqual(changeBetween('aaaa', 'aaa'), { start: 3, oldEnd: 4, newEnd: 3 });
    assert.deepEqual(changeBetween('', 'x'), { start: 0, oldEnd: 0, newEnd: 1 });
    assert.equal(changeBetween('same', 'same'), undefined);
  });

  it('is found in the middle of a long text', () => {
    const long = 'abcdefghij'.repeat(3000);
    assert.deepEqual(changeBetween(`${long}x${long}`, `${long}yy${long}`), { start: 30_000, oldEnd: 30_001, newEnd: 30_002 });
  });
});

describe('statements of a text that is being edited', () => {
  const many = Array.from({ length: 50 }, (_, index) => `select ${index} -- number\n  from t${index};`).join('\n\n');

  it('reads again only what an edit touches', () => {
    const made = list(many);
    made.update(many.replace('from t25;', 'from t25 where a = 1;'));
    assert.deepEqual(anew(made).length <= 3, true, anew(made).join(' | '));
    assert.ok(anew(made).includes('select 25 -- number\n  from t25 where a = 1'));
  });

  it('moves what follows, with what is known of it', () => {
    const made = list(many);
    const text = `-- a comment that was not there\n\n${many}`;
    made.update(text);
    for (const { statement } of made.entries) {
      assert.equal(text.slice(statement.range.start, statement.range.end), statement.text);
    }
    assert.ok(anew(made).length <= 2);
  });

  it('keeps what follows an opened quote as it was', () => {
    const made = list(many);
    made.update(many.replace('from t25;', "from t25 where a = 'x;"));
    assert.equal(made.entries.length, 50);
    assert.ok(anew(made).length <= 3);
    const broken = made.entries.find(({ statement }) => statement.text.includes("'x"))?.statement;
    assert.equal(broken?.unfinished, 'string');
    assert.ok(!broken.text.includes('select 26'));
    made.update(many.replace('from t25;', "from t25 where a = 'x';"));
    assert.deepEqual(texts(made), splitStatements(many.replace('from t25;', "from t25 where a = 'x';")).map(({ text }) => text));
  });

  it('forgets nothing when the same edit is undone', () => {
    const made = list(many);
    made.update(many.replace(';', ''));
    made.update(many);
    assert.deepEqual(texts(made), splitStatements(many).map(({ text }) => text));
  });

  it('ends as if the text had been read at once, whatever was edited before', () => {
    const pieces = ['select 1;', '\n', '-- c\n', ' ; ', "'a'", '"b"', '$$c$$', '/* d */', 'create function f() returns int begin atomic select 1; end;', ',', ' x ', '\\d t\n', 'copy t from stdin;\n1\n\\.\n'];
    let seed = 7;
    const next = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return seed % below;
    };
    let compared = 0;
    for (let run = 0; run < 100; run++) {
      const made = new StatementList<string>();
      let text = '';
      for (let edit = 0; edit < 25; edit++) {
        const at = next(text.length + 1);
        text = text.slice(0, at) + (pieces[next(pieces.length)] ?? '') + text.slice(at + (next(4) === 0 ? next(6) : 0));
        made.update(text);
        const atOnce = splitStatements(text);
        // A text that ends within a quote is where the two differ on purpose.
        if (atOnce.at(-1)?.unfinished === undefined) {
          assert.deepEqual(made.entries.map(({ statement }) => statement), atOnce, JSON.stringify(text));
          compared++;
        }
      }
    }
    assert.ok(compared > 1000, String(compared));
  });
});
