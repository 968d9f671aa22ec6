/** What the analysis itself finds; there is nothing to look for in a tree. */
import { l10n } from '../../../../util/l10n.ts';
import { everyRole, type Rule } from '../rule.ts';

export const syntaxError: Rule = {
  code: 'OB001',
  name: 'syntax-error',
  severity: 'error',
  title: 'The server would not understand this statement',
  why: 'It does not parse by the grammar of Postgres itself. The code of functions is parsed by the server when they are made, and refused then.',
  whatToDo: 'The mark is on the token with which the grammar could not go on; what is wrong often stands before it: a comma, a parenthesis, a quote.',
  alsoIn: ['syntax'],
  refused: true,
  roles: everyRole,
  inBodies: 'all',
  message: ({ message = '' }) => firstLineOf(message),
};

export const suppressionWithoutReason: Rule = {
  code: 'OB002',
  name: 'suppression-without-reason',
  severity: 'info',
  title: 'A suppression that does not count',
  why: 'Whoever reads the file next should know why a finding was put aside; and a code that does not exist suppresses nothing.',
  whatToDo: 'Write `-- opsbook: ignore OB101 because <reason>` above the statement or behind it, or `-- opsbook: ignore-file OB205 because <reason>` anywhere in the file.',
  alsoIn: [],
  roles: everyRole,
  message: ({ code = '' }) => (code === '' ? l10n.t('Say why: -- opsbook: ignore OB101 because …') : l10n.t('There is no rule {0}.', code)),
};

/** What a quote leaves open is told up to its end. */
function firstLineOf(message: string): string {
  const end = message.indexOf('\n');
  return end === -1 ? message : `${message.slice(0, end)}…`;
}
