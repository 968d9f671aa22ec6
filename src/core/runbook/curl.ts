import { httpTarget } from './httpTarget.ts';
import type { Meaning } from './meaning.ts';
import type { HttpTarget, Operation, Placeholder } from './operation.ts';

/** What curl was told, before its meaning. */
interface CurlWords {
  readonly urls: readonly string[];
  readonly method: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: readonly string[];
  readonly json: boolean;
  readonly get: boolean;
  readonly timings: boolean;
  /** A flag that no HTTP operation can honour: forms, uploads, files, proxies, client certificates. */
  readonly beyond: boolean;
  readonly insecure: boolean;
}

/** Flags with a value, by their short and long names, and what they say. `ignore` changes how curl prints or waits, not what it asks. */
const valueFlags: Readonly<Record<string, 'method' | 'header' | 'data' | 'json' | 'timings' | 'url' | 'user' | 'agent' | 'ignore' | 'beyond'>> = {
  '-X': 'method',
  '--request': 'method',
  '-H': 'header',
  '--header': 'header',
  '-d': 'data',
  '--data': 'data',
  '--data-raw': 'data',
  '--data-ascii': 'data',
  '--data-binary': 'data',
  '--data-urlencode': 'data',
  '--json': 'json',
  '-w': 'timings',
  '--write-out': 'timings',
  '--url': 'url',
  '-u': 'user',
  '--user': 'user',
  '--oauth2-bearer': 'user',
  '-A': 'agent',
  '--user-agent': 'agent',
  '-o': 'ignore',
  '--output': 'ignore',
  '-m': 'ignore',
  '--max-time': 'ignore',
  '--connect-timeout': 'ignore',
  '--retry': 'ignore',
  '--retry-delay': 'ignore',
  '--retry-max-time': 'ignore',
  '--max-redirs': 'ignore',
  '-D': 'ignore',
  '--dump-header': 'ignore',
  '-F': 'beyond',
  '--form': 'beyond',
  '-T': 'beyond',
  '--upload-file': 'beyond',
  '-x': 'beyond',
  '--proxy': 'beyond',
  '-E': 'beyond',
  '--cert': 'beyond',
  '--key': 'beyond',
  '-b': 'beyond',
  '--cookie': 'beyond',
  '-K': 'beyond',
  '--config': 'beyond',
  '--resolve': 'beyond',
  '--unix-socket': 'beyond',
};

/** The words behind `curl`. `undefined`: only curl itself can do it, in a terminal. */
export function curlMeaning(words: readonly string[], placeholders: readonly Placeholder[]): Meaning | undefined {
  const read = readWords(words);
  const { url, body } = urlAndBody(read);
  if (url === undefined || read.beyond) {
    return undefined;
  }
  const method = read.method ?? (body === undefined || read.get ? 'GET' : 'POST');
  const target = httpTarget(read.get && body !== undefined ? withQuery(url, body) : url, placeholders);
  const headers = ownHeaders(read, target, placeholders);
  const operation: Operation = {
    kind: 'http',
    method: method.toUpperCase(),
    target,
    headers,
    ...(body === undefined || read.get ? {} : { body }),
    timings: read.timings,
  };
  const remark = remarkOn(read, operation);
  return { operation, ...(remark === undefined ? {} : { remark }) };
}

function readWords(words: readonly string[]): CurlWords {
  const read = { urls: [] as string[], headers: {} as Record<string, string>, data: [] as string[], method: undefined as string | undefined };
  const signs = { json: false, get: false, timings: false, beyond: false, insecure: false };
  for (let at = 0; at < words.length; at++) {
    const { flag, value, rest } = splitFlag(words[at] ?? '');
    const meaning = valueFlags[flag];
    const given = meaning === undefined ? '' : (value ?? words[++at] ?? '');
    if (flag === '') {
      read.urls.push(words[at] ?? '');
    } else if (meaning === 'method') {
      read.method = given;
    } else if (meaning === 'header') {
      addHeader(read.headers, given);
    } else if (meaning === 'data' || meaning === 'json') {
      read.data.push(given);
      signs.json ||= meaning === 'json';
      signs.beyond ||= given.startsWith('@');
    } else if (meaning === 'url') {
      read.urls.push(given);
    } else if (meaning === 'user') {
      addHeader(read.headers, flag === '--oauth2-bearer' ? `Authorization: Bearer ${given}` : `Authorization: Basic ${base64(given)}`);
    } else if (meaning === 'agent') {
      addHeader(read.headers, `User-Agent: ${given}`);
    } else {
      signs.timings ||= meaning === 'timings';
      signs.beyond ||= meaning === 'beyond';
      signs.get ||= flag === '-G' || flag === '--get';
      signs.insecure ||= flag === '-k' || flag === '--insecure';
      read.method ??= flag === '-I' || flag === '--head' ? 'HEAD' : undefined;
    }
    if (rest !== undefined) {
      words = [...words.slice(0, at + 1), rest, ...words.slice(at + 1)];
    }
  }
  return { ...read, ...signs };
}

/** `-sS` are two flags, `-XPOST` is one with its value, `--data=x` too. */
function splitFlag(word: string): { flag: string; value?: string; rest?: string } {
  if (!word.startsWith('-') || word === '-') {
    return { flag: '' };
  }
  if (word.startsWith('--')) {
    const equals = word.indexOf('=');
    return equals === -1 ? { flag: word } : { flag: word.slice(0, equals), value: word.slice(equals + 1) };
  }
  const flag = word.slice(0, 2);
  if (word.length === 2) {
    return { flag };
  }
  return valueFlags[flag] === undefined ? { flag, rest: `-${word.slice(2)}` } : { flag, value: word.slice(2) };
}

function addHeader(headers: Record<string, string>, written: string): void {
  const colon = written.indexOf(':');
  if (colon > 0) {
    headers[written.slice(0, colon).trim()] = written.slice(colon + 1).trim();
  }
}

/** `curl -X POST [url] [payload]`: the second word is no second address. */
function urlAndBody(read: CurlWords): { url?: string; body?: string } {
  const [url, second] = read.urls;
  const data = read.data.length > 0 ? read.data.join('&') : undefined;
  const payload = second !== undefined && !/^https?:|^\//.test(second) && (read.method ?? 'POST') !== 'GET' ? second : undefined;
  const body = data ?? payload;
  return { ...(url === undefined ? {} : { url }), ...(body === undefined ? {} : { body }) };
}

function withQuery(url: string, query: string): string {
  return url + (url.includes('?') ? '&' : '?') + query;
}

/** The gateway adds the project's publishable key by itself, so a placeholder for that key is no question. */
function ownHeaders(read: CurlWords, target: HttpTarget, placeholders: readonly Placeholder[]): Readonly<Record<string, string>> {
  const headers: Record<string, string> = read.json ? { 'Content-Type': 'application/json', Accept: 'application/json' } : {};
  for (const [name, value] of Object.entries(read.headers)) {
    const isKey = /^(?:apikey|authorization)$/i.test(name);
    const standsForPublicKey = placeholders.some(({ text, label }) => value.includes(text) && /\b(?:anon|publishable)\b/.test(label));
    if (!(isKey && standsForPublicKey && target.kind !== 'url')) {
      headers[name] = value;
    }
  }
  return headers;
}

function remarkOn(read: CurlWords, operation: Extract<Operation, { kind: 'http' }>): string | undefined {
  const remarks: string[] = [];
  if (operation.target.kind === 'project' && /^\/rest\/v1\/health\b/.test(operation.target.path)) {
    remarks.push('No project has this path; the REST interface answers under /rest/v1/.');
  }
  if (!['GET', 'HEAD', 'OPTIONS'].includes(operation.method) && operation.target.kind === 'function') {
    remarks.push('The function acts on this for real.');
  }
  if (read.insecure) {
    remarks.push('The certificate is verified all the same.');
  }
  return remarks.length === 0 ? undefined : remarks.join(' ');
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
