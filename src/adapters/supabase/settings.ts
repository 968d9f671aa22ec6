/** Answers of the settings' endpoints as flat lists of names and values, in which no secret is left. */
import { createHash } from 'node:crypto';
import type { Settings, SettingsPart } from '../../core/project/settings.ts';

/** Below `/v1/projects/{ref}`. */
export const settingsPaths: Readonly<Record<SettingsPart, string>> = {
  auth: 'config/auth',
  dataApi: 'postgrest',
  database: 'config/database/postgres',
  storage: 'config/storage',
  realtime: 'config/realtime',
  tls: 'ssl-enforcement',
  network: 'network-restrictions',
};

/** Names of texts that are secrets, or may hold one: `smtp_pass`, `hook_send_sms_secrets`, `sms_test_otp` with its codes. */
const secretName = /pass|secret|token|key|otp$|credential|private|jwt/i;

/** Texts that are longer, such as the templates of mails, are known by their digest. */
const longest = 200;

/** Names are dotted; numbers, booleans and lists are written as JSON. Times at which something was set are no settings. */
export function flatSettings(answer: object, prefix = ''): Settings {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer) as [string, unknown][]) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      Object.assign(found, flatSettings(value, path));
    } else if (value !== null && value !== undefined && value !== '' && !name.endsWith('_at')) {
      found[path] = typeof value === 'string' ? textOf(name, value) : JSON.stringify(value);
    }
  }
  return found;
}

function textOf(name: string, value: string): string {
  if (secretName.test(name)) {
    return '(set)';
  }
  if (value.length > longest) {
    return `(${value.length} characters, ${createHash('sha256').update(value).digest('hex').slice(0, 8)})`;
  }
  return value.replace(/(?<=:\/\/)[^/\s@]*@/g, '…@').replace(/\?\S*/g, '?…');
}
