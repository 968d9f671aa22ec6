/** `npm run test:pg [-- 13 18]`: every bundled diagnostic, made grave and healed over both ways, on each major of Postgres. */
import path from 'node:path';
import { listFiles, root } from './build.ts';
import { endChildrenOnSignal, startChild } from './world/children.ts';

const all = ['13', '14', '15', '16', '17', '18'];
const wanted = process.argv.slice(2);
const unknown = wanted.filter((major) => !all.includes(major));
if (unknown.length > 0) {
  console.error(`There is no Postgres ${unknown.join(', ')} here; there are ${all.join(', ')}.`);
  process.exit(1);
}

endChildrenOnSignal();
const files = await listFiles(root, ['test/diagnostics/*.test.ts']);
const failed: string[] = [];
for (const major of wanted.length === 0 ? all : wanted) {
  const mocha = path.join(root, 'node_modules/mocha/bin/mocha.js');
  const child = startChild([process.execPath, mocha, '--config', 'test/mocha.json', '--forbid-only', ...files], { cwd: root, environment: { ...process.env, OPSBOOK_TEST_POSTGRES: major } });
  const passed = (await child.exit) === 0;
  console.log(`Postgres ${major}: ${/\d+ passing.*/.exec(child.output())?.[0] ?? 'nothing passed'}`);
  if (!passed) {
    failed.push(major);
    console.log(child.output().trim());
  }
}
process.exit(failed.length === 0 ? 0 : 1);
