/** Commands of the Supabase CLI after which a database has another schema, or another list of migrations. */
const migrating: readonly (readonly [string, string])[] = [
  ['migration', 'up'],
  ['migration', 'down'],
  ['migration', 'repair'],
  ['migrations', 'up'],
  ['migrations', 'down'],
  ['migrations', 'repair'],
  ['db', 'push'],
  ['db', 'reset'],
  ['db', 'pull'],
];

const harmless: ReadonlySet<string> = new Set(['--dry-run', '--help', '-h']);

/** `supabase`, `./node_modules/.bin/supabase`, `supabase@latest`, `supabase.exe` */
const program = /(?:^|[\\/])supabase(?:\.exe)?(?:@[\w.^~-]+)?$/;

/** Whether a line that somebody gave to a shell has such a command in it. What is within quotes is not looked at: at worst a catalog is read in vain. */
export function isMigrating(commandLine: string): boolean {
  return commandLine.split(/&&|\|\||[;|&\n]/).some((command) => {
    const words = command.trim().split(/\s+/);
    const start = words.findIndex((word) => program.test(word));
    const given = start === -1 ? [] : words.slice(start + 1);
    const named = given.filter((word) => !word.startsWith('-'));
    return migrating.some(([group, verb]) => named.some((word, index) => word === group && named[index + 1] === verb)) && !given.some((word) => harmless.has(word));
  });
}
