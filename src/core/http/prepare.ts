import { OpsError } from '../errors.ts';
import { l10n } from '../../util/l10n.ts';
import type { RequestDocument, RequestText } from './requestDocument.ts';
import { expand, keyOf, substitute, variablesIn, type Values, type Variable } from './variables.ts';

/** A request with everything filled in but the role's own credential and the signature. */
export interface PreparedRequest {
  readonly method: string;
  /** A path of the project, or a whole address. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

type Texts = Pick<RequestText, 'target' | 'headers' | 'body' | 'signature'>;

/** What must be known before the request can be sent, each once. */
export function neededVariables(request: Texts, { definitions }: Pick<RequestDocument, 'definitions'>): Variable[] {
  const { signature } = request;
  const texts = [request.target, ...request.headers.flatMap(({ name, value }) => [name, value]), request.body ?? '', signature?.format ?? '', signature?.payload ?? ''];
  return variablesIn(texts.map((text) => expand(text, definitions)));
}

/**
 * Values are written as their place needs them: encoded in a path or query, escaped in a string of JSON. A body that looks like JSON
 * is sent as such when no header says otherwise. Throws `placeholdersLeft`, and `notSent` for what no header takes.
 */
export function prepareRequest(request: Texts & Pick<RequestText, 'method'>, { definitions }: Pick<RequestDocument, 'definitions'>, values: Values): PreparedRequest {
  const left = neededVariables(request, { definitions }).filter((variable) => !values.has(keyOf(variable)));
  if (left.length > 0) {
    throw new OpsError('placeholdersLeft', { names: left.map(({ name }) => name) });
  }
  const url = fillTarget(expand(request.target, definitions), values);
  const headers = joinHeaders(request.headers.map(({ name, value }) => [name, substitute(expand(value, definitions), values)] as const));
  const body = request.body === undefined ? undefined : fillBody(expand(request.body, definitions), values);
  const hasType = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  return {
    method: request.method,
    url,
    headers: body !== undefined && !hasType && /^\s*[{[]/.test(body) ? { ...headers, 'content-type': 'application/json' } : headers,
    ...(body === undefined ? {} : { body }),
  };
}

/** A value in front of the path is an address; behind it is a part of it. */
function fillTarget(target: string, values: Values): string {
  return substitute(target, values, (value, at) => (at === 0 ? value : encodeURIComponent(value)));
}

function fillBody(body: string, values: Values): string {
  const isJson = /^\s*[{[]/.test(body);
  return substitute(body, values, (value, at) => (isJson && insideString(body, at) ? JSON.stringify(value).slice(1, -1) : value));
}

function insideString(json: string, at: number): boolean {
  return (json.slice(0, at).replace(/\\./g, '').match(/"/g)?.length ?? 0) % 2 === 1;
}

/** A name that comes twice is one header with both values, as HTTP reads it (RFC 9110, 5.3). */
function joinHeaders(lines: readonly (readonly [string, string])[]): Record<string, string> {
  const headers = new Map<string, { name: string; value: string }>();
  for (const [name, value] of lines) {
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) {
      throw new OpsError('notSent', { because: l10n.t('the header {0} takes no line break, no control character and nothing beyond Latin-1.', name) });
    }
    const known = headers.get(name.toLowerCase());
    const separator = name.toLowerCase() === 'cookie' ? '; ' : ', ';
    headers.set(name.toLowerCase(), known ? { name: known.name, value: `${known.value}${separator}${value}` } : { name, value });
  }
  return Object.fromEntries([...headers.values()].map(({ name, value }) => [name, value]));
}

/** The slug of the function that a path or address leads to; `undefined` for anything else of the project. */
export function slugOf(url: string): string | undefined {
  const path = /^https?:\/\/[^/?#]*(\/[^?#]*)?/i.exec(url)?.[1] ?? url;
  return /^\/functions\/v1\/([\w-]+)/.exec(path)?.[1];
}
