/**
 * Localized text without an import of VS Code, so that what words things can be tested in plain Node. `activate` hands the
 * editor's own translation over; without one, the English text is filled in.
 */
type Translate = (message: string, ...values: (string | number)[]) => string;

let translate: Translate = (message, ...values) => message.replace(/\{(\d+)\}/g, (whole, index: string) => String(values[Number(index)] ?? whole));

export const l10n = {
  t: (message: string, ...values: (string | number)[]): string => translate(message, ...values),
};

export function translateWith(editors: Translate): void {
  translate = editors;
}
