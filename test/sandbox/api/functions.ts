import { randomUUID } from 'node:crypto';
import { brotliCompressSync } from 'node:zlib';

import { bundleDigest, bundlingFailure } from '../bundle.ts';
import { readMultipart, writeMultipart, type Part } from '../multipart.ts';
import type { ProjectState } from '../state.ts';
import type { DeployedFunction } from '../types.ts';
import { bytes, empty, json, Refusal, type Answer } from './answer.ts';
import { isRecord, jsonBody } from './call.ts';
import { param, type Route, type Visit } from './route.ts';

const path = '/v1/projects/{ref}/functions';
const read = [['edge_functions_read']];
const write = [['edge_functions_write']];

/** Edge functions: SUPABASE.md §1.7 and §2. Versions are kept nowhere: only the current body can be had. */
export const functionRoutes: Route[] = [
  { method: 'GET', path, permissions: read, handle: list },
  { method: 'PUT', path, permissions: write, handle: bulkUpdate },
  { method: 'POST', path: `${path}/deploy`, permissions: write, handle: deploy },
  {
    method: 'GET',
    path: `${path}/{function_slug}`,
    permissions: read,
    handle: (visit) => json(200, toApi(visit.project(), existing(visit))),
  },
  { method: 'PATCH', path: `${path}/{function_slug}`, permissions: write, handle: update },
  { method: 'DELETE', path: `${path}/{function_slug}`, permissions: write, handle: remove },
  { method: 'GET', path: `${path}/{function_slug}/body`, permissions: read, handle: body },
];

function list(visit: Visit): Answer {
  const project = visit.project();
  return json(200, [...project.functions.values()].map((fn) => toApi(project, fn)));
}

function existing(visit: Visit): DeployedFunction {
  const fn = visit.project().functions.get(param(visit, 'function_slug'));
  if (fn === undefined) {
    throw new Refusal(404, 'Function not found');
  }
  return fn;
}

/** The API's item: paths as file URLs of the place where the service unpacked the tree, absent members left out. */
function toApi(project: ProjectState, fn: DeployedFunction): unknown {
  const { files: _files, ...facts } = fn;
  const root = `file://${sourceRoot(project, fn)}`;
  return {
    ...facts,
    entrypoint_path: root + fn.entrypoint_path,
    ...(fn.import_map_path === undefined ? {} : { import_map_path: root + fn.import_map_path }),
  };
}

function sourceRoot(project: ProjectState, fn: Pick<DeployedFunction, 'id' | 'version'>): string {
  return `/tmp/user_fn_${project.ref}_${fn.id}_${fn.version}/source/`;
}

function deploy(visit: Visit): Answer {
  const project = visit.project();
  const upload = readUpload(visit);
  const slug = visit.call.query.get('slug') ?? upload.metadata.name;
  if (slug === undefined || !/^[A-Za-z][A-Za-z0-9_-]*$/.test(slug)) {
    throw new Refusal(400, 'slug: must start with a letter and hold only letters, digits, - and _');
  }
  const current = project.functions.get(slug);
  if (current === undefined && project.functions.size >= project.functionLimit) {
    throw new Refusal(402, 'Maximum number of functions reached for Plan');
  }
  const fn = bundle(visit, slug, upload, current);
  if (visit.call.query.get('bundleOnly') === 'true') {
    project.bundles.set(fn.ezbr_sha256, fn);
  } else {
    project.functions.set(slug, fn);
  }
  return json(201, toApi(project, fn));
}

interface Upload {
  metadata: { entrypoint_path: string; import_map_path?: string; verify_jwt?: boolean; name?: string };
  files: Map<string, Uint8Array>;
}

function readUpload({ call }: Visit): Upload {
  const parts = multipartOf(call.headers['content-type'] ?? '', call.body);
  const metadata = parts.find((part) => part.name === 'metadata');
  if (metadata === undefined) {
    throw new Refusal(400, 'metadata: Required');
  }
  const files = new Map<string, Uint8Array>();
  for (const part of parts.filter(({ name }) => name === 'file')) {
    if (part.filename === undefined || part.filename.startsWith('/') || part.filename.split('/').includes('..')) {
      throw new Refusal(400, `file: "${part.filename ?? ''}" is no path inside the function's tree`);
    }
    files.set(part.filename, part.body);
  }
  return { metadata: readMetadata(metadata.body.toString('utf8')), files };
}

function multipartOf(contentType: string, form: Buffer): Part[] {
  try {
    return readMultipart(contentType, form);
  } catch (error) {
    throw new Refusal(400, error instanceof Error ? error.message : 'Malformed form');
  }
}

function readMetadata(text: string): Upload['metadata'] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal(400, 'metadata: Invalid JSON');
  }
  const { entrypoint_path, import_map_path, verify_jwt, name } = isRecord(value) ? value : {};
  if (typeof entrypoint_path !== 'string') {
    throw new Refusal(400, 'metadata.entrypoint_path: Required');
  }
  return {
    entrypoint_path,
    // The CLI sends an empty string where there is no import map.
    ...(typeof import_map_path === 'string' && import_map_path !== '' ? { import_map_path } : {}),
    ...(typeof verify_jwt === 'boolean' ? { verify_jwt } : {}),
    ...(typeof name === 'string' ? { name } : {}),
  };
}

/** The next version of a function, from what was uploaded; refused where it cannot be bundled. */
function bundle(visit: Visit, slug: string, upload: Upload, current: DeployedFunction | undefined): DeployedFunction {
  const base = current ?? bodyless(visit, slug, randomUUID());
  const { metadata, files } = upload;
  const { entrypoint_path, import_map_path } = metadata;
  const identity = { id: base.id, version: base.version + 1 };
  const failure = bundlingFailure({ files, entrypoint: entrypoint_path, importMap: import_map_path, root: sourceRoot(visit.project(), identity) });
  if (failure !== undefined) {
    throw new Refusal(400, `Failed to bundle the function (reason: ${failure}).`);
  }
  return {
    ...identity,
    slug,
    name: metadata.name ?? base.name,
    status: 'ACTIVE',
    created_at: base.created_at,
    updated_at: visit.world.now(),
    verify_jwt: metadata.verify_jwt ?? base.verify_jwt,
    import_map: import_map_path !== undefined,
    entrypoint_path,
    ...(import_map_path === undefined ? {} : { import_map_path }),
    ezbr_sha256: bundleDigest(files, entrypoint_path),
    files,
  };
}

/**
 * Makes bundles live that were uploaded with `bundleOnly`. A name without an upload keeps the files that it has; one that has
 * none is live without a body, which the runtime answers with NOT_FOUND_FUNCTION_BLOB.
 */
function bulkUpdate(visit: Visit): Answer {
  const project = visit.project();
  const items = jsonBody(visit.call);
  if (!Array.isArray(items)) {
    throw new Refusal(400, 'Expected array of functions');
  }
  const updated = items.map((item: unknown, index) => activate(visit, item, index));
  for (const fn of updated) {
    project.functions.set(fn.slug, fn);
    project.bundles.delete(fn.ezbr_sha256);
  }
  return json(200, { functions: updated.map((fn) => toApi(project, fn)) });
}

function activate(visit: Visit, item: unknown, index: number): DeployedFunction {
  const project = visit.project();
  const { id, slug, name, status, version, verify_jwt, ezbr_sha256 } = isRecord(item) ? item : {};
  if (typeof id !== 'string' || typeof slug !== 'string' || typeof name !== 'string' || typeof version !== 'number') {
    throw new Refusal(400, `${index}: id, slug, name, status and version are required`);
  }
  if (status !== 'ACTIVE' && status !== 'REMOVED' && status !== 'THROTTLED') {
    throw new Refusal(400, `${index}.status: must be ACTIVE, REMOVED or THROTTLED`);
  }
  const current = project.functions.get(slug);
  const uploaded = typeof ezbr_sha256 === 'string' ? project.bundles.get(ezbr_sha256) : undefined;
  const base = uploaded ?? current ?? bodyless(visit, slug, id);
  return {
    ...base,
    id,
    slug,
    name,
    status,
    version,
    verify_jwt: typeof verify_jwt === 'boolean' ? verify_jwt : base.verify_jwt,
    created_at: current?.created_at ?? base.created_at,
    updated_at: visit.world.now(),
  };
}

/** What a function is before its first version. */
function bodyless(visit: Visit, slug: string, id: string): DeployedFunction {
  const now = visit.world.now();
  return {
    id, slug, name: slug, status: 'ACTIVE', version: 0, created_at: now, updated_at: now, verify_jwt: true,
    import_map: false, entrypoint_path: `supabase/functions/${slug}/index.ts`, ezbr_sha256: '', files: new Map(),
  };
}

/** Name and JWT check can be changed without an upload; each change is a version. */
function update(visit: Visit): Answer {
  const fn = existing(visit);
  const { call } = visit;
  if (call.headers['content-type']?.startsWith('application/vnd.denoland.eszip') === true) {
    throw new Refusal(415, 'This sandbox bundles from sources only: use POST functions/deploy');
  }
  const verifyJwt = call.query.get('verify_jwt');
  const name = call.query.get('name');
  const changed: DeployedFunction = {
    ...fn,
    name: name ?? fn.name,
    verify_jwt: verifyJwt === null ? fn.verify_jwt : verifyJwt === 'true',
    version: fn.version + 1,
    updated_at: visit.world.now(),
  };
  visit.project().functions.set(fn.slug, changed);
  return json(200, toApi(visit.project(), changed));
}

function remove(visit: Visit): Answer {
  const fn = existing(visit);
  visit.project().functions.delete(fn.slug);
  return empty(200);
}

/** The files with multipart, else the bundle, which is opaque to every client. */
function body(visit: Visit): Answer {
  const fn = existing(visit);
  const project = visit.project();
  if (visit.call.headers['accept']?.includes('multipart/form-data') !== true) {
    const sources = Buffer.concat([...fn.files.values()]);
    const opaque = Buffer.concat([Buffer.from('EZBR'), brotliCompressSync(sources)]);
    return bytes(200, 'application/vnd.denoland.eszip', opaque);
  }
  const root = sourceRoot(project, fn);
  const metadata = { deno2_entrypoint_path: `file://${root}${fn.entrypoint_path}` };
  const boundary = `----sandbox${randomUUID().replaceAll('-', '')}`;
  const form = writeMultipart(boundary, [
    { name: 'metadata', headers: { 'Content-Type': 'application/json' }, body: Buffer.from(JSON.stringify(metadata)) },
    ...[...fn.files].map(([name, content]) => ({
      name: 'file',
      filename: `${root}${name}`,
      headers: { 'Content-Type': 'application/octet-stream', 'Supabase-Path': `${root}${name}` },
      body: content,
    })),
  ]);
  return bytes(200, `multipart/form-data; boundary=${boundary}`, form);
}
