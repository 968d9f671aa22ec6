/**
 * Recorded pairs of request and answer, one or more for every endpoint, written by hand from the contract and the notes on the
 * service before there was a client: `test/fixtures/api/*.json`. They start from `createSmallScenario()` at `pairTime`.
 *
 * Where an answer's value follows from nothing that is written down, the pair names its kind: `<uuid>`, `<time>`, `<sha256>`.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { readMultipart, writeMultipart } from '../sandbox/multipart.ts';

export interface Pair {
  operation: string;
  /** Where it was derived from. */
  source: string;
  /** Engine without which the endpoint cannot answer. */
  needs?: 'postgres' | 'logs';
  /** Whose token: `nobody`, `revoked`, `stranger`, `without <permission>`; the owner's where absent. */
  as?: string;
  /** The request is wrong on purpose. */
  malformed?: boolean;
  request: {
    method: string;
    path: string;
    query?: Record<string, string | string[]>;
    headers?: Record<string, string>;
    json?: unknown;
    multipart?: { name: string; filename?: string; type?: string; text: string }[];
  };
  answer: {
    status: number;
    json?: unknown;
    text?: string;
    multipart?: { name: string; filename?: string; json?: unknown; text?: string }[];
  };
}

/** The moment at which the pairs were made: the sandbox's clock stands here. */
export const pairTime = Date.parse('2026-11-20T12:00:00.000Z');

const folder = path.resolve(import.meta.dirname, '../fixtures/api');

export function readPairs(): Pair[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Pair[]);
}

export interface PreparedRequest {
  /** Path and query. */
  target: string;
  method: string;
  headers: Record<string, string>;
  body: Buffer | undefined;
}

export function prepareRequest({ request }: Pair): PreparedRequest {
  const query = new URLSearchParams();
  for (const [name, values] of Object.entries(request.query ?? {})) {
    for (const value of [values].flat()) {
      query.append(name, value);
    }
  }
  const { type, body } = prepareBody(request);
  return {
    target: query.size === 0 ? request.path : `${request.path}?${query.toString()}`,
    method: request.method,
    headers: { ...(type === undefined ? {} : { 'content-type': type }), ...request.headers },
    body,
  };
}

function prepareBody(request: Pair['request']): { type: string | undefined; body: Buffer | undefined } {
  if (request.multipart !== undefined) {
    const parts = request.multipart.map(({ name, filename, type, text }) => ({
      name,
      ...(filename === undefined ? {} : { filename }),
      ...(type === undefined ? {} : { headers: { 'Content-Type': type } }),
      body: Buffer.from(text),
    }));
    return { type: 'multipart/form-data; boundary=recorded-pair', body: writeMultipart('recorded-pair', parts) };
  }
  return request.json === undefined
    ? { type: undefined, body: undefined }
    : { type: 'application/json', body: Buffer.from(JSON.stringify(request.json)) };
}

/** Fails where an answer is another one than was recorded. */
export async function assertAnswer(pair: Pair, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  const { answer } = pair;
  assert.equal(response.status, answer.status, body.toString('utf8'));
  if (answer.multipart !== undefined) {
    assertParts(answer.multipart, response.headers.get('content-type') ?? '', body);
  } else if (answer.text !== undefined) {
    assertMatches(answer.text, body.toString('utf8'), '$');
  } else if (answer.json === undefined) {
    assert.equal(body.length, 0, 'a body where none is due');
  } else {
    assertMatches(answer.json, JSON.parse(body.toString('utf8')), '$');
  }
}

function assertParts(expected: NonNullable<Pair['answer']['multipart']>, type: string, body: Buffer): void {
  const parts = readMultipart(type, body).map((part, index) => ({
    name: part.name,
    ...(part.filename === undefined ? {} : { filename: part.filename }),
    ...(expected[index]?.json === undefined
      ? { text: part.body.toString('utf8') }
      : { json: JSON.parse(part.body.toString('utf8')) as unknown }),
  }));
  assert.deepEqual(parts, expected);
}

const kinds: Record<string, RegExp> = {
  '<text>': /./s,
  '<uuid>': /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  '<sha256>': /^[0-9a-f]{64}$/,
  '<time>': /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/,
  '<jwt>': /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/,
  '<publishable key>': /^sb_publishable_[\w-]{20,}$/,
  '<secret key>': /^sb_secret_[\w-]{20,}$/,
  '<prometheus>': /^# TYPE \w+ (gauge|counter)\n\w+\{[^}]+\} \d/,
  '<bundling failure at index.ts:3:19>':
    /^Failed to bundle the function \(reason: Module not found "file:\/\/\/tmp\/user_fn_[^"]+\/source\/supabase\/functions\/fresh\/x\.ts"\.\n {4}at file:\/\/\/tmp\/[^ ]+\/index\.ts:3:19\)\.$/,
};

function assertMatches(expected: unknown, actual: unknown, where: string): void {
  if (typeof expected === 'string' && expected.startsWith('<')) {
    assertKind(expected, actual, where);
  } else if (Array.isArray(expected) && Array.isArray(actual)) {
    assert.equal(actual.length, expected.length, `${where}: ${JSON.stringify(actual)}`);
    expected.forEach((item: unknown, index) => assertMatches(item, actual[index], `${where}[${index}]`));
  } else if (isRecord(expected) && isRecord(actual)) {
    assert.deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort(), `members of ${where}`);
    for (const [name, member] of Object.entries(expected)) {
      assertMatches(member, actual[name], `${where}.${name}`);
    }
  } else {
    assert.deepEqual(actual, expected, where);
  }
}

function assertKind(kind: string, actual: unknown, where: string): void {
  if (kind === '<number>' || kind === '<milliseconds>') {
    assert.ok(typeof actual === 'number' && (kind === '<number>' || actual > 1e12), `${where}: ${String(actual)} is no ${kind}`);
    return;
  }
  const pattern = kinds[kind];
  assert.ok(pattern !== undefined, `${where}: unknown kind ${kind}`);
  assert.ok(typeof actual === 'string' && pattern.test(actual), `${where}: ${JSON.stringify(actual)} is no ${kind}`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
