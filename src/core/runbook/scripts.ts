import type { Meaning, Surroundings } from './meaning.ts';
import type { Operation } from './operation.ts';

/** What a script's name says it does, for scripts that a manual names and the repository does not have. */
const scripts: readonly { readonly name: RegExp; readonly operation: (command: string) => Operation; readonly does: string }[] = [
  { name: /health|smoke|status/, operation: () => ({ kind: 'health', scope: 'project' }), does: 'the health report' },
  {
    name: /deploy.*function|function.*deploy/,
    operation: () => ({ kind: 'functions.deploy', slugs: '*', noVerifyJwt: false, intent: 'deploy' }),
    does: 'a deploy of all functions',
  },
  { name: /migrat/, operation: (command) => ({ kind: 'migrations.push', command }), does: 'the pending migrations' },
  { name: /backup|dump/, operation: (command) => ({ kind: 'backup', command }), does: 'a backup' },
];

/** A script that exists, or of which nothing is known, is run as it is written. */
export function absentScript(program: string, surroundings: Surroundings): Meaning | undefined {
  const path = /^(?:\.\/)?((?:[\w.-]+\/)*[\w.-]+\.(?:sh|bash))$/.exec(program)?.[1];
  if (path === undefined || surroundings.files === undefined || surroundings.files.has(path)) {
    return undefined;
  }
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const found = scripts.find((script) => script.name.test(name));
  const command = found?.name.source === 'migrat' ? 'supabase db push' : program;
  return found && { operation: found.operation(command), remark: `${program} is not in the repository. Its name says what is meant: ${found.does}.` };
}
