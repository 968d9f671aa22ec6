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

type FlagMeaning = 'method' | 'header' | 'data' | 'json' | 'timings' | 'url' | 'user' | 'agent' | 'ignore' | 'beyond';

/** Flags with a value, by their short and long names, and what they say. `ignore` changes how curl prints or waits, not what it asks. */
const valueFlags: Readonly<Record<string, FlagMeaning>> = {
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
  const given = readFlags(words);
  const values = (meaning: FlagMeaning): string[] => given.filter(({ flag }) => valueFlags[flag] === meaning).map(({ value }) => value);
  const has = (...flags: string[]): boolean => given.some(({ flag }) => flags.includes(flag));
  const data = [...values('data'), ...values('json')];
  return {
    urls: given.filter(({ flag }) => flag === '' || valueFlags[flag] === 'url').map(({ value }) => value),
    method: values('method')[0] ?? (has('-I', '--head') ? 'HEAD' : undefined),
    headers: readHeaders(given),
    data,
    json: values('json').length > 0,
    get: has('-G', '--get'),
    timings: values('timings').length > 0,
    beyond: values('beyond').length > 0 || data.some((each) => each.startsWith('@')),
    insecure: has('-k', '--insecure'),
  };
}

/** A flag with its value, which is empty for flags that take none; an address has no flag. */
interface Given {
  readonly flag: string;
  readonly value: string;
}

function readFlags(words: readonly string[]): Given[] {
  const given: Given[] = [];
  const left = [...words].reverse();
  for (let word = left.pop(); word !== undefined; word = left.pop()) {
    const { flag, value, rest } = splitFlag(word);
    if (rest !== undefined) {
      left.push(rest);
    }
    given.push({ flag, value: flag === '' ? word : valueFlags[flag] === undefined ? '' : (value ?? left.pop() ?? '') });
  }
  return given;
}

function readHeaders(given: readonly Given[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { flag, value } of given) {
    if (flag === '--oauth2-bearer') {
      headers['Authorization'] = `Bearer ${value}`;
    } else if (valueFlags[flag] === 'user') {
      headers['Authorization'] = `Basic ${base64(value)}`;
    } else if (valueFlags[flag] === 'agent') {
      headers['User-Agent'] = value;
    } else if (valueFlags[flag] === 'header' && value.indexOf(':') > 0) {
      const colon = value.indexOf(':');
      headers[value.slice(0, colon).trim()] = value.slice(colon + 1).trim();
    }
  }
  return headers;
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
