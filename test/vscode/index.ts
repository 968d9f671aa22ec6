/**
 * Runs the suites that lie beside this file, in the extension host. `OPSBOOK_TEST_SUITES` names the folder, the results
 * go to the file that `OPSBOOK_TEST_RESULTS` names.
 */
import Mocha from 'mocha';
import { readdirSync } from 'node:fs';
import path from 'node:path';

export async function run(): Promise<void> {
  process.setSourceMapsEnabled(true);
  const folder = path.join(import.meta.dirname, process.env['OPSBOOK_TEST_SUITES'] ?? '.');
  const output = process.env['OPSBOOK_TEST_RESULTS'];
  const mocha = new Mocha({
    timeout: 30_000,
    forbidOnly: true,
    ...(output === undefined ? { reporter: 'spec' } : { reporter: 'json', reporterOptions: { output } }),
  });
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.test.cjs'))) {
    mocha.addFile(path.join(folder, file));
  }
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) {
    throw new Error(`${failures} failed`);
  }
}
