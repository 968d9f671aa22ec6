import assert from 'node:assert/strict';
import { printFilter, readFilter, type LineFilter } from '../../../../src/core/logs/filterText.ts';

function filterOf(text: string): LineFilter {
  const reading = readFilter(text);
  assert.ok(reading.kind === 'filter', reading.kind === 'refused' ? reading.because : '');
  return reading.filter;
}

describe('filters as they are typed', () => {
  const cases: [text: string, filter: LineFilter][] = [
    ['', {}],
    ['level=error', { levels: ['error'] }],
    ['level=WARNING', { levels: ['warn', 'error'] }],
    ['level=debug,error', { levels: ['debug', 'error'] }],
    ['level=warn,warn', { levels: ['warn'] }],
    ['status=5xx', { statuses: [{ from: 500, to: 599 }] }],
    ['status=401,500-504,>=540', { statuses: [{ from: 401, to: 401 }, { from: 500, to: 504 }, { from: 540, to: 599 }] }],
    ['path=/rest/v1', { path: '/rest/v1' }],
    ['function_name=monitor-keywords', { functions: ['monitor-keywords'] }],
    ['function=a,b', { functions: ['a', 'b'] }],
    ['execution_id=3f2a version=12', { executionId: '3f2a', version: '12' }],
    ['since=24h', { since: { kind: 'ago', milliseconds: 86_400_000 } }],
    ['since=2026-11-20T08:00 until=2026-11-20T09:30:15Z', { since: { kind: 'at', time: Date.UTC(2026, 10, 20, 8) }, until: { kind: 'at', time: Date.UTC(2026, 10, 20, 9, 30, 15) } }],
    ['since=2026-11-20', { since: { kind: 'at', time: Date.UTC(2026, 10, 20) } }],
    ['since="2026-11-20 08:00+02:00"', { since: { kind: 'at', time: Date.UTC(2026, 10, 20, 6) } }],
    ['limit=50', { limit: 50 }],
    ['Invalid signature', { text: 'Invalid signature' }],
    ['"level=error"', { text: 'level=error' }],
    ['path="/a b" rest', { path: '/a b', text: 'rest' }],
    ['an "open quote', { text: 'an "open quote' }],
    ['id=5', { text: 'id=5' }],
    ['level=', { text: 'level=' }],
    ['/functions/v1', { text: '/functions/v1' }],
    ['/time(d)? ?out/i mint', { pattern: { source: 'time(d)? ?out', ignoreCase: true }, text: 'mint' }],
    ['/a\\/b/', { pattern: { source: 'a/b', ignoreCase: false } }],
  ];
  for (const [text, filter] of cases) {
    it(`${text || '(nothing)'} is read, and printed so that it is read the same`, () => {
      assert.deepEqual(filterOf(text), filter);
      assert.deepEqual(filterOf(printFilter(filter)), filter, printFilter(filter));
    });
  }

  it('are printed as a person would write them', () => {
    assert.equal(printFilter(filterOf('timeout status=500-599 LEVEL=warn since=60m')), 'level=warn status=5xx since=1h timeout');
  });

  const refused: [text: string, because: RegExp][] = [
    ['level=loud', /^level=loud is not understood: a level is debug, info, warn, error\.$/],
    ['status=9xx', /status=9xx is not understood/],
    ['since=yesterday', /a time is like 30m/],
    ['until=2026-99-99', /a time is like/],
    ['limit=0', /number of lines/],
    ['/(a/', /no regular expression/],
    ['/(?=a)/', /look around/],
  ];
  for (const [text, because] of refused) {
    it(`${text} is refused with a sentence`, () => {
      const reading = readFilter(text);
      assert.ok(reading.kind === 'refused');
      assert.match(reading.because, because);
    });
  }
});
