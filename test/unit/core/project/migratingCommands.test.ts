import assert from 'node:assert/strict';
import { isMigrating } from '../../../../src/core/project/migratingCommands.ts';

describe('a line of a terminal', () => {
  const migrating = [
    'supabase db push',
    'npx supabase db reset --linked',
    'pnpm exec supabase@latest migration up --include-all',
    'bunx supabase@2.109.1 db push',
    'PGSSLMODE=disable supabase --workdir ../api db push --db-url "$URL"',
    './node_modules/.bin/supabase migration repair 20260101000000 --status applied',
    '.\\node_modules\\.bin\\supabase.exe db reset',
    'cd api && supabase migration up && npm test',
    'git pull; supabase db push | tee log',
    'supabase migration new a\nsupabase migration up',
  ];
  for (const line of migrating) {
    it(`migrates: ${line.replace('\n', ' ⏎ ')}`, () => assert.equal(isMigrating(line), true));
  }
  const others = ['', 'supabase', 'supabase db', 'supabase db diff', 'supabase db push --dry-run', 'supabase db push --help', 'supabase migration list', 'supabase migration new up', 'supabase functions deploy db', 'echo supabase; db push', 'git push', 'mysupabase db push', 'cat supabase/db/push', 'psql -c "select 1"'];
  for (const line of others) {
    it(`does not: ${line}`, () => assert.equal(isMigrating(line), false));
  }
});
