import type { IncomingMessage } from 'node:http';

import { Refusal } from './answer.ts';

/** One request as it arrived: whole body, lower-case header names. */
export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  body: Buffer;
}

/** A function bundle may have 20 MB (SUPABASE.md §4); multipart and base64 add to it. */
const largestBody = 32 * 1024 * 1024;

export async function readCall(message: IncomingMessage): Promise<Call> {
  const url = new URL(message.url ?? '/', 'http://sandbox.invalid');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) {
      throw new Refusal(413, 'request entity too large');
    }
    chunks.push(chunk);
  }
  return {
    method: message.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: flat(message.headers),
    body: Buffer.concat(chunks),
  };
}

function flat(headers: IncomingMessage['headers']): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) {
      result[name] = Array.isArray(value) ? value.join(', ') : value;
    }
  }
  return result;
}

/** The body as JSON; throws the 400 that a JSON endpoint answers to anything else. */
export function jsonBody(call: Call): unknown {
  try {
    return JSON.parse(call.body.toString('utf8')) as unknown;
  } catch {
    throw new Refusal(400, 'Invalid JSON in the request body');
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
