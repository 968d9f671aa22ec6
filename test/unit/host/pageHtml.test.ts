import assert from 'node:assert/strict';
import { pageHtml } from '../../../src/host/pageHtml.ts';

describe('the document of a web view', () => {
  const page = { title: 'Slow & <b>', language: 'en', source: 'https://page.test', nonce: 'n0nce', script: 'https://page.test/main.js', style: 'https://page.test/main.css' };

  it('lets nothing in but its own script, by its nonce, and its own style', () => {
    const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(pageHtml(page)) ?? [];
    assert.deepEqual(policy.split('; '), ["default-src 'none'", 'style-src https://page.test', 'font-src https://page.test', "script-src 'nonce-n0nce'"]);
    assert.doesNotMatch(policy, /unsafe|\*/);
  });

  it('has nothing inline, and no outside text as markup', () => {
    const html = pageHtml(page);
    assert.ok(!html.includes('<b>'), html);
    assert.deepEqual([...html.matchAll(/<script[^>]*>([^<]*)<\/script>/g)].map(([, code]) => code), ['']);
    assert.doesNotMatch(html, /<style|\bon\w+=/);
  });
});
