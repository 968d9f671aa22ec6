/** What is deployed to the scenario's project, and from which commit. */
import path from 'node:path';
import { bundleDigest } from '../bundle.ts';
import type { DeployedFunction } from '../types.ts';
import { treeOf } from './history.ts';
import type { Tree } from './history.ts';

/** One deployed function before its files are laid out. Ages in hours before now. */
export interface Deployment {
  id: string;
  slug: string;
  version: number;
  verifyJwt: boolean;
  createdHours: number;
  updatedHours: number;
  /** Commit whose tree was deployed; a function without one is in no commit. */
  commit?: string;
  /** Edits made in the dashboard after the deploy: path to new content. */
  edit?: (files: Map<string, Uint8Array>) => void;
}

const days = (count: number): number => count * 24;

/** Hours since `mint-token` was deployed in its broken state. */
export const breakingDeployHours = 40 / 60;

/** `monitor-keywords` is in the repository and not here; `legacy-export` is here and not in the repository. */
export const deployments: readonly Deployment[] = [
  {
    id: '5b1c6c0e-7c43-4c1b-9f0e-2d1a70c4a001', slug: 'mint-token', version: 12, verifyJwt: true,
    createdHours: days(430), updatedHours: breakingDeployHours, commit: '18-fees-per-tier',
  },
  {
    id: '5b1c6c0e-7c43-4c1b-9f0e-2d1a70c4a002', slug: 'generate-image', version: 7, verifyJwt: true,
    createdHours: days(421), updatedHours: days(14), commit: '11-image-styles',
  },
  {
    id: '5b1c6c0e-7c43-4c1b-9f0e-2d1a70c4a003', slug: 'payments-circle-webhook', version: 5, verifyJwt: false,
    createdHours: days(31), updatedHours: days(7) - 1, commit: '14-webhook-signatures',
  },
  {
    id: '5b1c6c0e-7c43-4c1b-9f0e-2d1a70c4a004', slug: 'health', version: 4, verifyJwt: false,
    createdHours: days(430), updatedHours: days(33), commit: '05-request-ids',
  },
  {
    id: '5b1c6c0e-7c43-4c1b-9f0e-2d1a70c4a005', slug: 'test-email-integration', version: 2, verifyJwt: true,
    createdHours: days(27), updatedHours: days(26), commit: '07-valuations',
  },
  {
    id: '5b1c6c0e-7c43-4c1b-9f0e-2d1a70c4a006', slug: 'upload-metadata', version: 3, verifyJwt: true,
    createdHours: days(421), updatedHours: days(19), commit: '05-request-ids', edit: raiseUploadLimit,
  },
  {
    id: '5b1c6c0e-7c43-4c1b-9f0e-2d1a70c4a007', slug: 'auth', version: 6, verifyJwt: false,
    createdHours: days(430), updatedHours: days(12) - 2, commit: '12-rate-limits',
  },
  {
    id: '5b1c6c0e-7c43-4c1b-9f0e-2d1a70c4a008', slug: 'generate-valuation-pdf', version: 3, verifyJwt: true,
    createdHours: days(27), updatedHours: days(25), commit: '07-valuations',
  },
  {
    id: '5b1c6c0e-7c43-4c1b-9f0e-2d1a70c4a009', slug: 'legacy-export', version: 1, verifyJwt: true,
    createdHours: days(402), updatedHours: days(402), edit: writeLegacyExport,
  },
];

/** The deployed functions with their files; `now` in epoch ms. */
export function deployedFunctions(all: Map<string, Tree>, now: number): DeployedFunction[] {
  return deployments.map((deployment) => {
    const { slug } = deployment;
    const files = deployment.commit === undefined ? new Map<string, Uint8Array>() : bodyOf(treeOf(all, deployment.commit), slug);
    deployment.edit?.(files);
    const entrypoint = `supabase/functions/${slug}/index.ts`;
    const importMap = `supabase/functions/${slug}/deno.json`;
    return {
      id: deployment.id,
      slug,
      name: slug,
      status: 'ACTIVE',
      version: deployment.version,
      created_at: now - deployment.createdHours * 3_600_000,
      updated_at: now - deployment.updatedHours * 3_600_000,
      verify_jwt: deployment.verifyJwt,
      import_map: files.has(importMap),
      entrypoint_path: entrypoint,
      ...(files.has(importMap) ? { import_map_path: importMap } : {}),
      ezbr_sha256: bundleDigest(files, entrypoint),
      files,
    };
  });
}

/**
 * The files that the CLI would send for a function at a commit: the import map, the entrypoint, and what it imports,
 * by relative path or through the import map. Empty when the commit has no such function.
 */
export function bodyOf(tree: Tree, slug: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const importMap = `supabase/functions/${slug}/deno.json`;
  const mapped = tree.get(importMap);
  if (mapped) {
    files.set(importMap, mapped);
  }
  const waiting = [`supabase/functions/${slug}/index.ts`];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const content = tree.get(file);
    if (content && !files.has(file)) {
      files.set(file, content);
      waiting.push(...importsOf(file, content.toString('utf8'), importMap, mapped));
    }
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function importsOf(file: string, source: string, importMap: string, mapped: Buffer | undefined): string[] {
  const aliases = mapped ? (JSON.parse(mapped.toString('utf8')) as { imports?: Record<string, string> }).imports ?? {} : {};
  return [...source.matchAll(/^(?:import|export)\b[^'"]*['"]([^'"]+)['"]/gm)].flatMap(([, specifier = '']) => {
    if (specifier.startsWith('.')) {
      return [path.posix.join(path.posix.dirname(file), specifier)];
    }
    const alias = Object.keys(aliases).find((prefix) => specifier === prefix || (prefix.endsWith('/') && specifier.startsWith(prefix)));
    const target = alias === undefined ? undefined : aliases[alias];
    return alias === undefined || target === undefined
      ? []
      : [path.posix.join(path.posix.dirname(importMap), target + specifier.slice(alias.length))];
  });
}

function raiseUploadLimit(files: Map<string, Uint8Array>): void {
  const file = 'supabase/functions/upload-metadata/index.ts';
  const source = Buffer.from(files.get(file) ?? []).toString('utf8');
  files.set(file, Buffer.from(source.replace('5 * 1024 * 1024', '10 * 1024 * 1024').replace('under 5 MB', 'under 10 MB')));
}

function writeLegacyExport(files: Map<string, Uint8Array>): void {
  const source = [
    '// Exported the old shop once; nobody remembers whether somebody still calls it.',
    'Deno.serve(() => new Response(JSON.stringify({ rows: [] }), {',
    "  headers: { 'Content-Type': 'application/json' },",
    '}));',
    '',
  ];
  files.set('supabase/functions/legacy-export/index.ts', Buffer.from(source.join('\n')));
}
