import { json, preflight } from '../_shared/cors.ts';
import { insert, select } from '../_shared/db.ts';
import { log } from '../_shared/log.ts';

interface Keyword {
  id: number;
  phrase: string;
}

/** How often a phrase stands in a text, in any case. */
function mentions(text: string, phrase: string): number {
  return text.toLowerCase().split(phrase.toLowerCase()).length - 1;
}

/** Called by the scheduler: reads the feed once and counts what customers talk about. */
Deno.serve(async (request) => {
  const early = preflight(request);
  if (early) return early;
  const feed = Deno.env.get('KEYWORD_FEED_URL');
  if (!feed) {
    log('error', 'KEYWORD_FEED_URL is not set');
    return json({ error: 'No feed to read' }, 500);
  }
  const text = await (await fetch(feed, { signal: AbortSignal.timeout(10_000) })).text();
  const keywords = await select<Keyword>('keywords?active=eq.true');
  const found = keywords.map((keyword) => ({ keyword_id: keyword.id, hits: mentions(text, keyword.phrase) }));
  await Promise.all(found.filter((row) => row.hits > 0).map((row) => insert('keyword_mentions', row)));
  log('info', 'feed read', { keywords: keywords.length, hits: found.reduce((sum, row) => sum + row.hits, 0) });
  return json({ checked: keywords.length });
});
