import assert from 'node:assert/strict';
import { formatLine } from '../../../../src/core/logs/format.ts';
import type { LogLine } from '../../../../src/core/logs/log.ts';
import { LineLinks, offer } from '../../../../src/features/logs/lineLinks.ts';
import { logLine } from '../../../fakes/logStore.ts';

const channel = 'Function logs: all functions · acme';
const names = new Map([['3f2a91c0-0000-4000-8000-000000000001', 'mint-token'], ['id-health', 'health']]);
const mint = '3f2a91c0-0000-4000-8000-000000000001';
const now = Date.UTC(2026, 10, 20, 9);

describe('links in channels', () => {
  let links: LineLinks;

  beforeEach(() => {
    links = new LineLinks();
    links.own(channel, { ref: 'r', key: '*' });
  });

  function rowsOf(...lines: LogLine[]): string[] {
    links.shown(channel, lines, names);
    return lines.map((line) => formatLine(line, { names, mask: true })).join('\n').split('\n');
  }
  const brief = (rows: string[]) => links.links(channel, rows).map(({ row, start, end, argument }) => [(rows[row] ?? '').slice(start, end), argument]);

  it('lead from every row of a stack to the place as it was deployed', () => {
    const message = `Error: no\n    at a (file:///tmp/user_fn_r_${mint}_12/source/supabase/functions/_shared/fees.ts:10:21)\n    at ./index.ts:3`;
    const rows = rowsOf(logLine({ time: now, functionId: mint, version: '12', message }));
    assert.deepEqual(brief(rows), [
      [`file:///tmp/user_fn_r_${mint}_12/source/supabase/functions/_shared/fees.ts:10:21`, { ref: 'r', slug: 'mint-token', version: 12, path: 'supabase/functions/_shared/fees.ts', line: 10, column: 21 }],
      ['./index.ts:3', { ref: 'r', slug: 'mint-token', version: 12, path: 'index.ts', line: 3 }],
    ]);
  });

  it('tell the versions of lines apart, and those without one', () => {
    const at = (version: string | undefined, time: number) => logLine({ time, functionId: mint, message: 'at index.ts:1:1', ...(version === undefined ? {} : { version }) });
    const rows = rowsOf(at('11', now), at('12', now + 1), at(undefined, now + 2));
    assert.deepEqual(brief(rows).map(([, argument]) => (argument as { version?: number }).version), [11, 12, undefined]);
  });

  it('are not made of lines whose function nobody knows, of services, or of channels of others', () => {
    const rows = rowsOf(logLine({ time: now, functionId: 'unknown', message: 'at index.ts:1:1' }), logLine({ time: now, service: 'postgres', message: 'at index.ts:1:1' }));
    assert.deepEqual(brief(rows), []);
    assert.deepEqual(links.links('Opsbook', ['2026-11-20T09:00:00.000Z [info] mint-token at index.ts:1:1']), []);
  });

  it('do not take a place of another function for one of this', () => {
    const rows = rowsOf(logLine({ time: now, functionId: 'id-health', message: `at file:///tmp/user_fn_r_${mint}_12/source/index.ts:1:1` }));
    assert.deepEqual(brief(rows), []);
  });

  it('act from Opsbook’s own marks', () => {
    const row = `2026-11-20T09:00:00.000Z ── paused · ${offer('logs.resumeTail', 'functions.stopTail')} ──`;
    const found = links.links(channel, [row]);
    assert.deepEqual(found.map(({ command, argument, start, end }) => [command, argument, row.slice(start, end)]), [
      ['logs.resumeTail', { ref: 'r', key: '*' }, '⟨resume⟩'],
      ['functions.stopTail', { ref: 'r', key: '*' }, '⟨stop⟩'],
    ]);
  });

  it('lead from a line with details to the lines of its execution alone', () => {
    const executionId = '0f0e0d0c-1111-4222-8333-444455556666';
    const line = logLine({ time: now, functionId: mint, version: '12', region: 'eu-central-1', executionId, message: 'minted 0f0e0d0c-9999-4222-8333-444455556666' });
    const row = formatLine(line, { names, mask: true, details: true });
    assert.deepEqual(brief([row]), [[executionId, { ref: 'r', key: '*', filter: `execution_id=${executionId}` }]]);
    assert.deepEqual(brief([formatLine(line, { names, mask: true })]), []);
  });

  it('cannot be forged by a message', () => {
    const forged = `2026-11-20T09:00:00.000Z ── x ${offer('functions.stopTail')} ──`;
    for (const message of [forged, `x\n${forged}`, `x\r${forged}`, `x\u2028${forged}`]) {
      assert.deepEqual(brief(rowsOf(logLine({ time: now, functionId: mint, message }))), []);
    }
  });

  it('are not made of what looks like one elsewhere: Markdown, addresses of commands and of other places', () => {
    for (const message of ['[mend it](command:opsbook.functions.delete)', 'command:opsbook.functions.delete?%5B%22x%22%5D', '<a href="command:x">x</a>', 'vscode://opsbook.opsbook/x', 'see ⟨functions.stopTail⟩ and ⟨Stop⟩']) {
      assert.deepEqual(brief(rowsOf(logLine({ time: now, functionId: mint, message }))), [], message);
    }
  });

  it('forget the oldest lines', () => {
    const lines = Array.from({ length: 20_001 }, (_, at) => logLine({ time: now + at, functionId: mint, version: '1', message: 'index.ts:1' }));
    const [first, second] = rowsOf(...lines);
    assert.equal(brief([first ?? '']).length, 0);
    assert.equal(brief([second ?? '']).length, 1);
  });
});
