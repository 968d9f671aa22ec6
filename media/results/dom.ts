/** Making elements, by name; text is only ever set as text. */

export function element<K extends keyof HTMLElementTagNameMap>(tag: K, className = '', ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

export function line(className: string, text: string): HTMLElement {
  return element('p', className, text);
}

export function button(label: string, press: (event: MouseEvent) => void, className = ''): HTMLButtonElement {
  const made = element('button', className, label);
  made.type = 'button';
  made.addEventListener('click', press);
  return made;
}

/** The sign is drawn by the style sheet, so that the label is all that is read out. */
export function iconButton(label: string, className: string, press: (event: MouseEvent) => void): HTMLButtonElement {
  const made = button('', press, `icon ${className}`);
  made.setAttribute('aria-label', label);
  made.title = label;
  return made;
}

/** `{0} of {1}` with its values. */
export function fill(template: string, ...values: (string | number)[]): string {
  return template.replaceAll(/\{(\d+)\}/g, (whole, index: string) => String(values[Number(index)] ?? whole));
}
