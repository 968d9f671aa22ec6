import { OpsError } from '../../core/errors.ts';
import type { CliVersion } from '../../core/ports.ts';
import { functionSlugPattern } from '../../core/functions/edgeFunction.ts';
import { projectRefPattern } from '../../core/project/project.ts';

export interface DeployRequest {
  readonly tree: string;
  readonly ref: string;
  readonly slug: string;
  readonly verifyJwt: boolean | undefined;
}

export const supportedMajors = [2, 3] as const;

/** What the majors spell differently: from 3.0 on the target is `--remote`, and a hosted change without a terminal fails unconfirmed. */
const spelling: Record<(typeof supportedMajors)[number], (ref: string) => readonly string[]> = {
  2: (ref) => ['--project-ref', ref],
  3: (ref) => [`--remote=${ref}`, '--yes'],
};

/** Throws `cliUnsupported`. */
export function supportedMajor(version: CliVersion): (typeof supportedMajors)[number] {
  const major = supportedMajors.find((known) => known === version.major);
  if (major === undefined) {
    throw new OpsError('cliUnsupported', { version: version.text, supported: supportedMajors.map((known) => `${known}.x`).join(', ') });
  }
  return major;
}

/**
 * One function, bundled by the service: without `--use-api` the CLI would look for Docker first. Output is asked for by name, since
 * inside some editors the CLI takes itself for an agent's tool. Throws `cliUnsupported`, `badPath`, `projectNotFound`.
 */
export function deployArguments(version: CliVersion, { tree, ref, slug, verifyJwt }: DeployRequest): readonly string[] {
  const major = supportedMajor(version);
  if (!functionSlugPattern.test(slug)) {
    throw new OpsError('badPath', { path: slug });
  }
  if (!projectRefPattern.test(ref)) {
    throw new OpsError('projectNotFound', { ref });
  }
  const jwt = verifyJwt === false ? ['--no-verify-jwt'] : [];
  return ['functions', 'deploy', slug, ...spelling[major](ref), '--use-api', ...jwt, '--workdir', tree, '--output-format', 'json', '--agent', 'no'];
}

/** All functions of a place, in a container of the local stack. Throws `cliUnsupported`. */
export function serveArguments(version: CliVersion, folder: string): readonly string[] {
  supportedMajor(version);
  return ['functions', 'serve', '--workdir', folder, '--agent', 'no'];
}
