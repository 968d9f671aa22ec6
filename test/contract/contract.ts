/**
 * The published contract of the Management API, checked in both directions: what a client asks and what the sandbox answers.
 * The contract lies beside the repository (`../shared/api`), never in it; without it there is nothing to check against.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import type { Answer } from '../sandbox/api/answer.ts';
import type { Call } from '../sandbox/api/call.ts';
import { matchPath } from '../sandbox/api/route.ts';
import type { Exchange } from '../sandbox/api/server.ts';
import { readMultipart } from '../sandbox/multipart.ts';
import type { Sandbox } from '../sandbox/controlPlane.ts';
import { definition, faultsOf, type Schema } from './schema.ts';

interface Media {
  schema?: Schema;
}

interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  schema: Schema;
}

export interface Operation {
  operationId: string;
  parameters: Parameter[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { content?: Record<string, Media> }>;
  'x-fga-permissions'?: string[][];
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

const file = path.resolve(import.meta.dirname, '../../../shared/api/management.json');

/** The contract, or undefined where `../shared` is not there. */
export function loadContract(): Contract | undefined {
  return existsSync(file) ? new Contract(JSON.parse(readFileSync(file, 'utf8')) as Document) : undefined;
}

export class Contract {
  readonly #document: Document;

  constructor(document: Document) {
    this.#document = document;
  }

  /** By path template, or by a path that fits one. */
  operation(method: string, route: string): Operation | undefined {
    const { paths } = this.#document;
    const name = method.toLowerCase();
    const template =
      paths[route]?.[name] === undefined
        ? Object.keys(paths)
            .filter((one) => matchPath(one, route) !== undefined && paths[one]?.[name] !== undefined)
            .sort((a, b) => a.split('{').length - b.split('{').length)[0]
        : route;
    return template === undefined ? undefined : paths[template]?.[name];
  }

  /** Of a JSON answer; undefined where the contract says nothing of its body or what it says is known to be wrong. */
  answerSchema(method: string, route: string, status: number): Schema | undefined {
    const operation = this.operation(method, route);
    return operation?.operationId === functionBody
      ? undefined
      : operation?.responses[String(status)]?.content?.['application/json']?.schema;
  }

  /** The schema of a `$ref`. */
  schema(reference: string): Schema {
    return definition(reference, this.#document.components.schemas);
  }

  /** What is wrong with a request, none where it fits. */
  requestFaults(call: Call): string[] {
    const operation = this.operation(call.method, call.path);
    if (operation === undefined) {
      return [`${call.method} ${call.path}: is no operation of the contract`];
    }
    const faults = [...this.#parameterFaults(operation, call), ...this.#bodyFaults(operation, call)];
    return faults.map((fault) => `${operation.operationId} request ${fault}`);
  }

  #parameterFaults(operation: Operation, call: Call): string[] {
    const declared = operation.parameters.filter((parameter) => parameter.in === 'query');
    const unknown = [...new Set(call.query.keys())].filter((name) => !declared.some((one) => one.name === name));
    return [
      ...unknown.map((name) => `query ${name}: is not in the contract`),
      ...declared.flatMap((parameter) => {
        const values = call.query.getAll(parameter.name);
        if (values.length === 0) {
          return parameter.required ? [`query ${parameter.name}: is missing`] : [];
        }
        return this.#faults(parameter.schema, coerced(parameter.schema, values), `query ${parameter.name}`);
      }),
    ];
  }

  #bodyFaults(operation: Operation, call: Call): string[] {
    const content = operation.requestBody?.content;
    if (content === undefined) {
      return call.body.length === 0 ? [] : ['body: the contract has none'];
    }
    // The name and the JWT check of a function change without an upload; every other body is demanded.
    if (call.body.length === 0 && content['application/vnd.denoland.eszip'] !== undefined) {
      return [];
    }
    const type = mediaType(call.headers['content-type']);
    const schema = content[type]?.schema;
    if (schema === undefined) {
      return [`content-type: ${type} is none of ${Object.keys(content).join(', ')}`];
    }
    return this.#faults(schema, readBody(type, call), 'body');
  }

  /** What is wrong with an answer, none where it fits. */
  answerFaults(method: string, route: string, answer: Answer): string[] {
    const operation = this.operation(method, route);
    if (operation === undefined) {
      return [`${method} ${route}: is no operation of the contract`];
    }
    const faults = answer.status < 400 ? this.#successFaults(operation, answer) : refusalFaults(route, answer);
    return faults.map((fault) => `${operation.operationId} answer ${answer.status} ${fault}`);
  }

  #successFaults(operation: Operation, answer: Answer): string[] {
    const documented = operation.responses[String(answer.status)];
    if (documented === undefined) {
      return ['status: is not in the contract'];
    }
    const type = mediaType(answer.headers['content-type']);
    if (operation.operationId === functionBody) {
      return functionBodyFaults(type, answer);
    }
    const schema = documented.content?.['application/json']?.schema;
    if (schema === undefined) {
      return [];
    }
    return type === 'application/json' ? this.#faults(schema, parsed(answer), 'body') : [`content-type: ${type}`];
  }

  #faults(schema: Schema, value: unknown, where: string): string[] {
    return faultsOf(schema, value, { definitions: this.#document.components.schemas, strict: true }, where);
  }
}

/**
 * The one operation whose published answer ("an object") is not what clients get: SUPABASE.md §1.7 tells of a multipart form,
 * or of the bundle where the client does not accept one.
 */
const functionBody = 'v1-get-a-function-body';

function functionBodyFaults(type: string, answer: Answer): string[] {
  if (type === 'application/vnd.denoland.eszip') {
    return [];
  }
  const parts = readMultipart(answer.headers['content-type'] ?? '', Buffer.from(answer.body));
  const metadata = parts.find((part) => part.name === 'metadata');
  return [
    ...(metadata === undefined ? ['metadata: is missing'] : []),
    ...parts.filter((part) => part.name === 'file' && part.filename === undefined).map(() => 'file: has no filename'),
  ];
}

/** Errors have no schema; version 1 answers `{"message"}`, version 2 `{"error":{"code","message"}}` (SUPABASE.md §2). */
function refusalFaults(route: string, answer: Answer): string[] {
  const text = { type: 'string', minLength: 1 };
  const v1: Schema = { type: 'object', properties: { message: text }, required: ['message'] };
  const error: Schema = { type: 'object', properties: { code: text, message: text }, required: ['code', 'message'] };
  const v2: Schema = { type: 'object', properties: { error }, required: ['error'] };
  return faultsOf(route.startsWith('/v2/') ? v2 : v1, parsed(answer), { definitions: {}, strict: true }, 'body');
}

function parsed(answer: Answer): unknown {
  try {
    return JSON.parse(Buffer.from(answer.body).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

function mediaType(header: string | undefined): string {
  return (header ?? '').split(';')[0]?.trim() ?? '';
}

/** A query parameter is text; the schema says what the text stands for. */
function coerced(schema: Schema, values: string[]): unknown {
  if (values.length > 1 || schema.type === 'array') {
    return values;
  }
  const value = values[0] ?? '';
  return schema.type === 'integer' || schema.type === 'number' ? Number(value) : value;
}

function readBody(type: string, call: Call): unknown {
  if (type !== 'multipart/form-data') {
    return JSON.parse(call.body.toString('utf8')) as unknown;
  }
  const parts = readMultipart(call.headers['content-type'] ?? '', call.body);
  const metadata = parts.find((part) => part.name === 'metadata');
  return {
    file: parts.filter((part) => part.name === 'file').map((part) => part.body.toString('base64')),
    ...(metadata === undefined ? {} : { metadata: JSON.parse(metadata.body.toString('utf8')) as unknown }),
  };
}

export interface Watch {
  /** Everything that did not fit so far, both ways. */
  readonly faults: readonly string[];
  stop(): void;
}

/** Checks every call to a sandbox from now on, and every answer that no injected fault had a hand in. */
export function watchContract(sandbox: Sandbox, contract: Contract): Watch {
  const faults: string[] = [];
  const stop = sandbox.onExchange((exchange) => faults.push(...exchangeFaults(contract, exchange)));
  return { faults, stop };
}

export function exchangeFaults(contract: Contract, exchange: Exchange): string[] {
  const { call, answer, route, faulty } = exchange;
  const request = contract.requestFaults(call);
  return route === undefined || faulty ? request : [...request, ...contract.answerFaults(call.method, route, answer)];
}
